//! Tests of help texts, manual pages and completions.

use std::collections::BTreeSet;

use crate::support::TestEnv;

/// Returns the commands that a help text lists.
fn listed(help: &str) -> Vec<String> {
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = commands.take_while(|line| !line.is_empty());
    names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// Returns every command and subcommand, as arguments.
pub(crate) fn commands(env: &TestEnv) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for name in listed(&env.run(&["--help"]).code(0).stdout) {
        if name == "help" {
            continue;
        }
        let help = env.run(&[name.as_str(), "--help"]).code(0).stdout;
        for sub in listed(&help).into_iter().filter(|sub| sub != "help") {
            all.push(vec![name.clone(), sub]);
        }
        all.push(vec![name]);
    }
    all
}

#[test]
fn every_command_has_help_on_stdout() {
    let env = TestEnv::new();
    let commands = commands(&env);
    let names: BTreeSet<&str> = commands.iter().map(|command| command[0].as_str()).collect();
    let promised = [
        "adopt",
        "check",
        "completions",
        "demo",
        "doctor",
        "drift",
        "explain",
        "init",
        "man",
        "new",
        "pack",
        "render",
        "rollback",
        "schema",
        "show",
        "status",
        "sync",
    ];
    for name in promised {
        assert!(names.contains(name), "{name}");
    }
    for command in &commands {
        for flag in ["--help", "-h"] {
            let mut arguments: Vec<&str> = command.iter().map(String::as_str).collect();
            arguments.push(flag);
            let outcome = env.run(&arguments).code(0);
            assert!(outcome.stdout.contains("Usage: claude-env"), "{arguments:?}");
            assert!(outcome.stdout.contains("Global options:"), "{arguments:?}");
            assert_eq!(outcome.stderr, "", "{arguments:?}");
            let long = outcome.stdout.lines().find(|line| line.chars().count() > 120);
            assert_eq!(long, None, "{arguments:?}");
        }
    }
}

#[test]
fn every_command_shows_an_example_and_its_exit_codes() {
    let env = TestEnv::new();
    for command in commands(&env).into_iter().filter(|command| command.len() == 1) {
        let verb = &command[0];
        let help = env.run(&[verb, "--help"]).code(0).stdout;
        let example = format!("  claude-env {verb}");
        let other = "  claude-env -C";
        let found = help.lines().any(|line| line.starts_with(&example) || line.starts_with(other));
        assert!(help.contains("Example") && found, "{verb}:\n{help}");
        assert!(help.contains("\nExit codes: "), "{verb}:\n{help}");
    }
}

/// Returns the WORD of every `claude-env WORD` in a text, without the options before it.
pub(super) fn named(text: &str) -> BTreeSet<String> {
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c == '`').collect();
    let mut found = BTreeSet::new();
    for (at, _) in words.iter().enumerate().filter(|(_, word)| **word == "claude-env") {
        let mut rest = words[at + 1..].iter();
        while let Some(word) = rest.next() {
            if matches!(*word, "-C" | "--config-repo" | "--color") {
                rest.next();
            } else if word.starts_with('-') || word.starts_with('[') {
                break;
            } else {
                let word = word.trim_end_matches(['.', ',', ':', ';', ')']);
                if !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase()) {
                    found.insert(word.to_owned());
                }
                break;
            }
        }
    }
    found
}

#[test]
fn help_names_no_command_that_does_not_exist() {
    let env = TestEnv::new();
    let commands = commands(&env);
    let known: BTreeSet<&str> = commands.iter().map(|command| command[0].as_str()).collect();
    for command in &commands {
        let mut arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        arguments.push("--help");
        let help = env.run(&arguments).stdout;
        for name in named(&help.replace("Usage: claude-env", "")) {
            // Words after the name of the program in prose are not commands.
            let prose = ["did", "renders", "writes", "checks", "is", "example"];
            assert!(
                known.contains(name.as_str()) || prose.contains(&name.as_str()),
                "{command:?}: {name}"
            );
        }
    }
}

#[test]
fn version_is_one_line() {
    let env = TestEnv::new();
    let expected = format!("claude-env {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(env.run(&["--version"]).code(0).stdout, expected);
    assert_eq!(env.run(&["-V"]).code(0).stdout, expected);
}

#[test]
fn completions_are_accepted_by_the_shell() {
    let env = TestEnv::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let outcome = env.run(&["completions", shell]).code(0);
        assert!(outcome.stdout.contains("explain"), "{shell}");
        assert_eq!(outcome.stderr, "");
    }
    let script = "eval \"$(claude-env completions bash)\" && complete -p claude-env";
    let outcome = super::shell(&env, script).code(0);
    assert!(outcome.stdout.contains("-F _claude"), "{}", outcome.stdout);
    env.run(&["completions", "tcsh"]).code(2);
}

#[test]
fn manual_pages_are_written_one_a_command() {
    let env = TestEnv::new();
    assert!(env.run(&["man"]).code(0).stdout.contains(".TH claude-env 1"));
    env.run(&["man", "--output", "pages"]).code(0);
    for command in commands(&env) {
        let page = format!("pages/claude-env-{}.1", command.join("-"));
        assert!(env.read(&page).contains(".SH SYNOPSIS"), "{page}");
    }
    let outcome = env.run(&["man", "--output", "no/such/folder"]).code(3);
    assert!(outcome.stderr.contains("no/such/folder"), "{}", outcome.stderr);
}
