//! What is known about the files of an agent is said in one place, `crates/core/src/agent/`.

use std::path::{Path, PathBuf};

use crate::support::files_below;

/// Parts of the names of an agent's files.
const NAMES: [&str; 9] = [
    ".claude/",
    ".claude.json",
    "CLAUDE.md",
    "CLAUDE.local.md",
    ".mcp.json",
    "mcpServers",
    "settings.json",
    "settings.local.json",
    "SKILL.md",
];

/// Where such names are allowed, with the reason.
const ALLOWED: [(&str, &str); 4] = [
    ("crates/core/src/agent/", "it is the place for them"),
    ("crates/core/src/pack/", "releases of other projects have files of the same names"),
    ("src/cli/args/", "help texts show examples"),
    ("crates/engine/src/ops/embedded.rs", "it names the files of the examples"),
];

#[test]
fn only_the_agent_modules_name_files_of_an_agent() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> =
        ["src", "crates/core/src", "crates/engine/src"].map(|folder| root.join(folder)).into();
    let (mut found, mut literals) = (Vec::new(), 0);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            let shown = path.strip_prefix(root).expect("below the root").display().to_string();
            if path.is_dir() {
                folders.push(path);
            } else if shown.ends_with(".rs") && !is_test(&shown) {
                let source = std::fs::read_to_string(&path).expect("UTF-8");
                for literal in strings(&source) {
                    literals += 1;
                    let allowed = ALLOWED.iter().any(|(start, _)| shown.starts_with(start));
                    if !allowed && NAMES.iter().any(|name| literal.contains(name)) {
                        found.push(format!("{shown}: {literal:?}"));
                    }
                }
            }
        }
    }
    assert!(literals > 1000, "only {literals} strings were read");
    assert!(found.is_empty(), "use the names in `agent`:\n{}", found.join("\n"));
}

/// The modules that know agents only through the tables of `agent`.
const NEUTRAL: [&str; 8] =
    ["adopt", "drift", "layer", "merge", "model", "render", "schema", "workspace"];

#[test]
fn neutral_modules_name_no_agent() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/core/src");
    let mut read = 0;
    for path in NEUTRAL.iter().flat_map(|module| files_below(&root.join(module))) {
        let shown = path.display().to_string();
        if shown.ends_with(".rs") && !is_test(&shown) {
            let source = std::fs::read_to_string(&path).expect("UTF-8");
            let code = before_tests(&source);
            assert!(!code.contains("claude_code"), "{shown}: use the tables of `agent`");
            read += 1;
        }
    }
    assert!(read > 50, "only {read} files were read");
}

/// Unit tests in files of their own, and what they share.
fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs") || path.ends_with("testing.rs") || path.contains("/testing/")
}

/// Returns the code before the unit tests, which other tests may use too.
fn before_tests(source: &str) -> &str {
    let starts = ["#[cfg(test)]\nmod tests {", "#[cfg(test)]\npub(super) mod tests {"];
    let end = starts.iter().filter_map(|start| source.find(start)).min();
    &source[..end.unwrap_or(source.len())]
}

/// Returns the string literals of the code before the unit tests; comments do not count.
fn strings(source: &str) -> Vec<String> {
    let code = before_tests(source);
    let text: Vec<char> = code.chars().collect();
    let at = |index: usize| text.get(index).copied().unwrap_or('\0');
    let (mut found, mut next) = (Vec::new(), 0);
    while next < text.len() {
        match at(next) {
            '/' if at(next + 1) == '/' => {
                while next < text.len() && at(next) != '\n' {
                    next += 1;
                }
            }
            '\'' if at(next + 1) == '\\' => next += 4,
            '\'' if at(next + 2) == '\'' => next += 3,
            'r' if at(next + 1) == '"' || at(next + 1) == '#' => {
                let hashes = text[next + 1..].iter().take_while(|c| **c == '#').count();
                let start = next + 1 + hashes;
                next = start + 1;
                if at(start) != '"' {
                    continue;
                }
                let is_end =
                    |end: usize| at(end) == '"' && (1..=hashes).all(|more| at(end + more) == '#');
                let end = (next..text.len()).find(|end| is_end(*end)).unwrap_or(text.len());
                found.push(text[next..end].iter().collect());
                next = end + 1 + hashes;
            }
            '"' => {
                let start = next + 1;
                next = start;
                while next < text.len() && at(next) != '"' {
                    next += if at(next) == '\\' { 2 } else { 1 };
                }
                found.push(text[start..next.min(text.len())].iter().collect());
                next += 1;
            }
            _ => next += 1,
        }
    }
    found
}

#[test]
fn strings_are_told_from_comments() {
    let source =
        "// \"a\"\nlet b = \"c \\\" d\"; let e = r#\"f \"g\"\"#; let h = '\"'; let i = \"j\";";
    assert_eq!(strings(source), ["c \\\" d", "f \"g\"", "j"]);
}
