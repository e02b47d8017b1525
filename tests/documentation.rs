//! Compares the documentation with the program: runs the documented commands and compares their output, and compares lists and
//! numbers with the code.
//!
//! A fenced block marked `console` is a session. A line that starts with `$ ` is a command, which runs in its own shell in a
//! temporary directory per page. The lines below it, up to the next command, are its output on both streams. A command without
//! shown output must exit with 0, and its output is not compared. A line `…` matches any number of lines.

use std::path::{Path, PathBuf};

use claude_env_core::layer::ContentKind;
use claude_env_core::report::schema::{self, AnswerSchema};
use claude_env_engine::ops::FailureKind;

use crate::support::{TestEnv, files_below};

struct Step {
    line: usize,
    command: String,
    output: Vec<String>,
}

/// Returns the commands of a page, in order.
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

/// Returns true if the printed lines match the shown ones.
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
        let schema = env.run(&["schema", kind]).code(0).stdout;
        is_checked_in(&format!("docs/schema/{kind}.schema.json"), &schema);
    }
    let mut list = String::from(ANSWERS);
    for AnswerSchema { name, when, .. } in schema::ALL {
        let schema = env.run(&["schema", "answer", name]).code(0).stdout;
        is_checked_in(&format!("docs/schema/answers/{name}.json"), &schema);
        list.push_str(&format!("| [{name}]({name}.json) | {when} |\n"));
    }
    is_checked_in("docs/schema/answers/README.md", &list);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/answers");
    assert_eq!(files_below(&folder).len(), schema::ALL.len() + 1, "a schema of no answer");
}

/// The list of answers, up to its rows.
const ANSWERS: &str = "\
# Schemas of the JSON output

JSON Schemas (draft 2020-12) of what the commands print with `--format json`. `claude-env schema answer NAME` prints them, and
`claude-env schema answer` lists them. They are generated from the types in `crates/core/src/report`, and all output in the
tests is validated against them.

| schema | printed by |
|---|---|
";

/// Fails unless a file of the repository has this text; writes it with `BLESS=1`.
fn is_checked_in(path: &str, text: &str) {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(full.parent().expect("a folder")).expect("the folder");
        std::fs::write(&full, text).expect("the file");
    }
    let checked_in = std::fs::read_to_string(&full).unwrap_or_default();
    assert!(
        checked_in == text,
        "{path} is out of date; write it with: BLESS=1 cargo test --test main the_schemas"
    );
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

/// Returns every Rust file of the project, with its path from the root.
fn rust_files() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    ["crates", "src", "tests"]
        .iter()
        .flat_map(|name| files_below(&root.join(name)))
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .map(|path| {
            let name = path.strip_prefix(root).expect("below the root").display().to_string();
            (name, std::fs::read_to_string(&path).expect("the file"))
        })
        .collect()
}

/// Counts the files with this extension in a folder of the project; without an extension, the folders in it.
fn entries(folder: &str, end: Option<&str>) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries =
        std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry"));
    let counted = entries.filter(|entry| match end {
        Some(end) => entry.path().extension().is_some_and(|found| found == end),
        None => entry.path().is_dir(),
    });
    counted.count()
}

/// Returns the parts of a text in backticks.
fn in_backticks(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Returns the numbers in a text, each with the words that follow it.
fn numbers(text: &str) -> Vec<(usize, &str)> {
    let words: Vec<&str> = text.split_inclusive([' ', ';']).collect();
    let mut at = 0;
    let mut found = Vec::new();
    for word in words {
        at += word.len();
        if let Ok(number) = word.trim().trim_end_matches(';').replace(',', "").parse() {
            found.push((number, text[at..].trim()));
        }
    }
    found
}

#[test]
fn the_tests_and_numbers_of_the_reliability_page_are_those_of_the_code() {
    let files = rust_files();
    let page = include_str!("../docs/reliability.md");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    let mut wrong = Vec::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let (named, size) = (cells[2], cells.get(3).copied().unwrap_or_default());
        let mut texts: Vec<&str> = Vec::new();
        for name in in_backticks(named) {
            if name.contains('/') {
                let found = files.iter().find(|(path, _)| path == name);
                texts.extend(found.map(|(_, text)| text.as_str()));
                if found.is_none() && !Path::new(env!("CARGO_MANIFEST_DIR")).join(name).is_file() {
                    wrong.push(format!("there is no file {name}"));
                }
            } else {
                let start = match name.strip_suffix('…') {
                    Some(start) => format!("fn {start}"),
                    None => format!("fn {name}("),
                };
                let before = texts.len();
                texts.extend(
                    files
                        .iter()
                        .map(|(_, text)| text.as_str())
                        .filter(|text| text.contains(&start)),
                );
                if texts.len() == before {
                    wrong.push(format!("there is no test {name}"));
                }
            }
        }
        for (number, unit) in numbers(size) {
            let count = if unit.starts_with("repositories") && named.contains("each_gives") {
                entries("tests/configs/invalid", Some("repo"))
            } else if unit.starts_with("codes") {
                entries("docs/rules", Some("md")) - 1
            } else if unit.starts_with("golden cases") {
                entries("tests/cases", None)
            } else if unit.starts_with("fuzz targets") {
                entries("fuzz/fuzz_targets", Some("rs"))
            } else if unit.starts_with("tests") {
                texts.iter().map(|text| text.matches("#[test]\n").count()).sum()
            } else {
                // A number that the test itself has, such as of processes or of random cases.
                let has = |text: &str| {
                    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                        .any(|word| word.replace('_', "") == number.to_string())
                };
                if !texts.iter().any(|text| has(text)) {
                    wrong.push(format!("{number} {unit}: not in {named}"));
                }
                number
            };
            if count != number {
                wrong.push(format!("{number} {unit}: there are {count}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_documented_content_folders_are_those_of_layers() {
    let folders: Vec<&str> = ContentKind::ALL.iter().map(|kind| kind.folder()).collect();
    let copied = folders.strip_prefix(&["memory"]).expect("memory is the first");
    let in_line = format!("{}/", copied.join("/ "));
    // Other pages link to the list, so that there is one to change.
    for page in ["docs/layers.md", "crates/engine/src/ops/scaffold/base/layer.toml"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
        let text = std::fs::read_to_string(path).expect("the page");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(&in_line), "{page} lacks {in_line}");
    }
}

#[test]
fn every_command_has_a_section_in_the_reference() {
    let help = TestEnv::new().run(&["--help"]).code(0).stdout;
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty());
    let mut commands: Vec<&str> =
        listed.filter_map(|line| line.split_whitespace().next()).collect();
    commands.retain(|name| *name != "help");
    let page = include_str!("../docs/commands.md");
    let headings = page.lines().filter_map(|line| line.strip_prefix("## "));
    let mut documented: Vec<&str> = headings.skip(1).flat_map(|line| line.split(", ")).collect();
    commands.sort_unstable();
    documented.sort_unstable();
    assert_eq!(documented, commands);
}

#[test]
fn the_kinds_of_failure_are_documented_with_their_exit_codes() {
    let page = include_str!("../docs/exit-codes.md");
    let rows = page.lines().skip_while(|line| *line != "## Failures").filter_map(|line| {
        let cells: Vec<&str> = line.split(" | ").collect();
        let kind = cells.first()?.strip_prefix("| `")?.strip_suffix('`')?;
        Some(format!("{kind} {}", cells.last()?.trim_end_matches(" |")))
    });
    let kinds = FailureKind::ALL.map(|kind| format!("{} {}", kind.word(), kind.exit_code()));
    assert_eq!(rows.collect::<Vec<_>>(), kinds);
}
