//! What is documented is so: commands are run, and what they print is compared.
//!
//! A fenced block marked `console` is a session. A line that starts with `$ ` is a command, run in a shell of its own in the
//! one temporary folder of its page; the lines below it, up to the next command, are what it prints on both streams. A command
//! with no output shown must end with 0, and its output is not compared. A line `…` stands for any number of lines.

use std::path::{Path, PathBuf};

use crate::support::TestEnv;

struct Step {
    line: usize,
    command: String,
    output: Vec<String>,
}

/// The commands of a page, in order.
fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            inside = line == "```console";
            open = false;
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| inside) {
            steps.push(Step { line: index + 1, command: command.to_owned(), output: Vec::new() });
            open = true;
        } else if let Some(step) = steps.last_mut().filter(|_| inside && open) {
            step.output.push(line.to_owned());
        } else {
            assert!(!inside, "line {}: output without a command", index + 1);
        }
    }
    steps
}

/// Whether lines are as shown; `…` stands for any number of them.
fn matches(shown: &[String], printed: &[&str]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first == "…" => {
            (0..=printed.len()).any(|skip| matches(rest, &printed[skip..]))
        }
        Some((first, rest)) => {
            printed.first() == Some(&first.as_str()) && matches(rest, &printed[1..])
        }
    }
}

fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md")];
    for folder in ["docs", "docs/rules"] {
        let entries = std::fs::read_dir(root.join(folder)).expect("the docs");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        pages.extend(paths.filter(|path| path.extension().is_some_and(|end| end == "md")));
    }
    pages.sort();
    pages
}

#[test]
fn documented_commands_do_what_is_shown() {
    let mut wrong = Vec::new();
    let mut run = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).expect("the page");
        let steps = steps(&text);
        if steps.is_empty() {
            continue;
        }
        let env = TestEnv::new();
        std::fs::create_dir_all(env.join("work")).expect("the folder");
        std::fs::create_dir_all(env.join("bin")).expect("the folder");
        let program = assert_cmd::cargo::cargo_bin("claude-env");
        std::os::unix::fs::symlink(program, env.join("bin/claude-env")).expect("the link");
        // Pages may use the example from a checkout of this repository.
        crate::support::copy(
            Path::new(crate::support::EXAMPLE),
            &env.join("work/examples/acme-config"),
        );
        for step in steps {
            run += 1;
            let path = std::env::var("PATH").expect("a PATH");
            let mut command = env.command("sh");
            command.args(["-c", &format!("{{ {}\n}} 2>&1", step.command)]);
            command.current_dir(env.join("work"));
            command.env("PATH", format!("{}:{path}", env.join("bin").display()));
            let outcome = env.outcome(&mut command);
            let printed: Vec<&str> = outcome.stdout.lines().collect();
            let right = match step.output.is_empty() {
                true => outcome.code == Some(0),
                false => matches(&step.output, &printed),
            };
            if !right {
                wrong.push(format!(
                    "{}:{}: {}\nexit code {:?}\n{}",
                    page.display(),
                    step.line,
                    step.command,
                    outcome.code,
                    outcome.stdout
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(run > 0, "the pages show no commands at all");
}

#[test]
fn the_schemas_are_those_of_the_program() {
    let env = TestEnv::new();
    for kind in ["layer", "manifest", "binding"] {
        let path = format!("{}/docs/schema/{kind}.schema.json", env!("CARGO_MANIFEST_DIR"));
        let schema = env.run(&["schema", kind]).code(0).stdout;
        if std::env::var_os("BLESS").is_some() {
            let folder = Path::new(&path).parent().expect("a folder");
            std::fs::create_dir_all(folder).expect("the folder");
            std::fs::write(&path, &schema).expect("the file");
        }
        let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(checked_in == schema, "{path} is out of date: run this test with BLESS=1");
    }
}

#[test]
fn a_shown_line_must_be_printed() {
    let shown = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(matches(&shown("a\n…\nd"), &["a", "b", "c", "d"]));
    assert!(matches(&shown("a\n…"), &["a"]));
    assert!(!matches(&shown("a"), &["a", "b"]));
    assert!(!matches(&shown("…\nc"), &["a", "b"]));
    let page = "```console\n$ one\nout\n$ two\n```\n```sh\n$ three\n```\n";
    let found = steps(page);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].output, ["out"]);
}
