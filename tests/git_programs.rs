//! A repository may name programs that git runs: none of them runs because claude-env asks git something.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use crate::cli::help::commands;
use crate::support::{Outcome, TestEnv};

/// The ends of the names of settings whose value is a program, or a folder of programs.
const PROGRAMS: [&str; 20] = [
    "askpass",
    "browser",
    "ccCmd",
    "clean",
    "cmd",
    "command",
    "difffilter",
    "driver",
    "editor",
    "external",
    "fsmonitor",
    "gitproxy",
    "helper",
    "hook",
    "pager",
    "process",
    "program",
    "receivepack",
    "textconv",
    "uploadpack",
];

/// Those that `git help --config` does not list.
const MORE: [&str; 8] = [
    "diff.evil.command",
    "filter.evil.process",
    "filter.evil.smudge",
    "filter.evil.clean",
    "pager.ls-files",
    "pager.config",
    "credential.https://example.com.helper",
    "submodule.evil.update",
];

/// Every hook of git.
const HOOKS: [&str; 16] = [
    "applypatch-msg",
    "commit-msg",
    "fsmonitor-watchman",
    "post-applypatch",
    "post-checkout",
    "post-commit",
    "post-index-change",
    "post-merge",
    "post-rewrite",
    "pre-auto-gc",
    "pre-commit",
    "pre-merge-commit",
    "pre-push",
    "prepare-commit-msg",
    "reference-transaction",
    "update",
];

/// Settings that name a program, of this git and of others.
fn settings(env: &TestEnv) -> Vec<String> {
    let listed = env.git("", &["help", "--config"]);
    let named = listed.lines().filter(|key| {
        let key = key.to_lowercase();
        PROGRAMS.iter().any(|end| key.ends_with(&end.to_lowercase()))
    });
    let named = named.map(|key| {
        let open = key.find('<').unwrap_or(key.len());
        match key[open..].split_once('>') {
            Some((_, rest)) => format!("{}evil{rest}", &key[..open]),
            None => key.to_owned(),
        }
    });
    // Those are no programs, and git stops at a value of another type.
    let other = ["advice.", "color.", "column."];
    let named = named.filter(|key| !other.iter().any(|section| key.starts_with(section)));
    let named = named.filter(|key| !key.ends_with("cachetextconv"));
    named.chain(MORE.map(str::to_owned)).collect()
}

/// Lets a repository name a program wherever git would run one. The program leaves the file `ran`.
fn plant(env: &TestEnv, repository: &str, hooks_path: bool) {
    let program = env.join("evil");
    let program = program.to_str().expect("UTF-8");
    env.write("evil", format!("#!/bin/sh\necho \"$0 $*\" >> '{}'\n", env.join("ran").display()));
    fs::set_permissions(program, Permissions::from_mode(0o755)).expect("the mode");
    let mut config = env.read(&format!("{repository}/.git/config"));
    for key in settings(env) {
        let (section, name) = key.rsplit_once('.').expect("a section");
        let section = match section.split_once('.') {
            Some((section, sub)) => format!("{section} \"{sub}\""),
            None => section.to_owned(),
        };
        let value = if name == "update" { format!("!{program}") } else { program.to_owned() };
        config.push_str(&format!("[{section}]\n\t{name} = {value}\n"));
    }
    let hooks = if hooks_path { "evil-hooks" } else { ".git/hooks" };
    for hook in HOOKS {
        let path = format!("{repository}/{hooks}/{hook}");
        env.write(&path, env.read("evil"));
        fs::set_permissions(env.join(&path), Permissions::from_mode(0o755)).expect("the mode");
    }
    if hooks_path {
        config.push_str("[core]\n\thooksPath = evil-hooks\n");
    }
    config.push_str("[protocol \"ext\"]\n\tallow = always\n[log]\n\tshowSignature = true\n");
    env.write(&format!("{repository}/.git/config"), config);
    env.write(
        &format!("{repository}/.git/info/attributes"),
        "* filter=evil diff=evil merge=evil\n",
    );
}

/// A workspace of this mode and its config repository, both with programs wherever git would run one.
fn planted(mode: &str, hooks_path: bool) -> TestEnv {
    let env = TestEnv::new();
    env.config(&[
        ("base/layer.toml", "[environment]\nLEVEL = \"one\"\n"),
        ("users/u/layer.toml", "[environment]\nMINE = \"1\"\n"),
    ]);
    env.workspace();
    env.write("ws/code", "one\n");
    env.commit_all("ws");
    env.bind(&["--mode", mode, "--user", "u", "--no-hooks"]).code(0);
    env.write("config/base/layer.toml", "[environment]\nLEVEL = \"two\"\n");
    env.commit_config();
    for repository in ["config", "ws"] {
        plant(&env, repository, hooks_path);
    }
    env
}

/// What a command needs to get to its work.
fn arguments(command: &[String]) -> Vec<&'static str> {
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["explain"] => vec!["environment.LEVEL"],
        ["render"] => vec!["--output", "../out"],
        ["new"] => vec!["fresh"],
        ["schema"] => vec!["layer"],
        ["completions"] => vec!["bash"],
        ["hook"] => vec!["post-checkout", "0", "1", "1"],
        ["adopt"] => vec!["--to", "base"],
        _ => Vec::new(),
    }
}

#[track_caller]
fn nothing_ran(env: &TestEnv, what: &[&str], outcome: &Outcome) {
    let ran = fs::read_to_string(env.join("ran")).unwrap_or_default();
    assert_eq!(ran, "", "{what:?} ended with {:?}:\n{}", outcome.code, outcome.stderr);
}

#[test]
fn no_command_runs_a_program_that_a_repository_names() {
    for (mode, hooks_path) in [("committed", true), ("local", false)] {
        let env = planted(mode, hooks_path);
        for command in commands(&env) {
            for folder in ["ws", "config"] {
                let mut line = vec!["-C", folder, "--offline"];
                line.extend(command.iter().map(String::as_str));
                line.extend(arguments(&command));
                let outcome = env.run(&line);
                nothing_ran(&env, &line, &outcome);
            }
        }
        // Another state of both, so that there is something to do.
        env.write("config/base/layer.toml", "[environment]\nLEVEL = \"three\"\n");
        env.edit("ws/.claude/settings.json", "\"LEVEL\": \"", "\"LEVEL\": \"my-");
        let url = format!("file://{}", env.join("config").display());
        for line in [
            &["-C", "ws", "drift"][..],
            &["--config-repo", &url, "show"],
            &["-C", "config", "check", "--staged"],
            &["-C", "ws", "sync", "--force"],
            &["-C", "ws", "rollback"],
            &["-C", "config", "hook", "pre-commit"],
            &["-C", "config", "hook", "post-merge", "0"],
            &["sync", "--all"],
            &["status", "--all", "--by-content"],
            &["-C", "ws", "hooks", "install", "--shim"],
            &["-C", "ws", "init", "--source", "../config"],
        ] {
            let outcome = env.run(line);
            nothing_ran(&env, line, &outcome);
        }
        env.run(&["-C", "ws", "sync", "--force"]).code(0);
        nothing_ran(&env, &["status"], &env.run(&["-C", "ws", "status"]).code(0));
        // The programs are no dummies: a person's git runs them.
        let mut command = env.command("git");
        env.outcome(command.current_dir(env.join("ws")).arg("status"));
        let ran = env.read("ran");
        assert!(ran.contains("evil"), "{ran}");
    }
}

#[test]
fn no_program_of_the_folder_runs_because_the_path_is_relative() {
    let env = planted("local", false);
    for name in ["git", "claude", "ssh", "sh"] {
        let path = format!("ws/{name}");
        env.write(&path, env.read("evil"));
        fs::set_permissions(env.join(&path), Permissions::from_mode(0o755)).expect("the mode");
    }
    let path = std::env::var("PATH").expect("a path");
    for relative in [format!(".:{path}"), format!(":{path}"), format!("../ws:{path}")] {
        for verb in ["status", "sync", "doctor", "drift"] {
            let mut command = env.claude_env();
            command.current_dir(env.join("ws")).env("PATH", &relative).arg(verb);
            let outcome = env.outcome(&mut command);
            nothing_ran(&env, &[&relative, verb], &outcome);
        }
        env.edit("ws/.claude-env.toml", "user = \"u\"", "user = \"u\" ");
    }
}

#[test]
fn variables_of_git_change_nothing() {
    let expected = local_init(&[]);
    assert_eq!(expected.code, Some(1), "{}", expected.stderr);
    for (name, value) in [
        ("GIT_LITERAL_PATHSPECS", "1"),
        ("GIT_GLOB_PATHSPECS", "1"),
        ("GIT_NOGLOB_PATHSPECS", "1"),
        ("GIT_ICASE_PATHSPECS", "1"),
        ("GIT_NAMESPACE", "x"),
        ("GIT_ATTR_SOURCE", "nowhere"),
        ("GIT_DIR", "/nowhere"),
        ("GIT_INDEX_FILE", "/nowhere"),
        ("GIT_WORK_TREE", "/"),
        ("GIT_PREFIX", "sub/"),
        ("GIT_PAGER", "false"),
        ("GIT_EXTERNAL_DIFF", "false"),
    ] {
        assert_eq!(local_init(&[(name, value)]), expected, "{name}={value}");
    }
    assert_eq!(
        local_init(&[
            ("GIT_CONFIG_COUNT", "1"),
            ("GIT_CONFIG_KEY_0", "core.bare"),
            ("GIT_CONFIG_VALUE_0", "true")
        ]),
        expected
    );
}

/// Binds a workspace whose `CLAUDE.md` git tracks, so that mode `local` leaves the file alone.
fn local_init(variables: &[(&str, &str)]) -> Outcome {
    let env = TestEnv::new();
    env.config(&[("base/memory/all.md", "# For all\n")]);
    env.workspace();
    env.write("ws/CLAUDE.md", "# Team\n");
    env.commit_all("ws");
    let mut command = env.claude_env();
    command.current_dir(env.join("ws")).envs(variables.iter().copied());
    command.args(["init", "--source", "../config", "--mode", "local", "--no-hooks"]);
    let outcome = env.outcome(&mut command);
    assert_eq!(env.read("ws/CLAUDE.md"), "# Team\n", "{variables:?}");
    assert_eq!(env.git("ws", &["status", "--short"]), "", "{variables:?}");
    outcome
}
