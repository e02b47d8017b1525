//! The rules of the house that the compiler does not know: who imports whom, how large files are, what modules are called.

use std::path::{Path, PathBuf};

/// What each module of `src/` may import, beside itself. `ARCHITECTURE.md` has the same table with reasons.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("diagnostic", &["source"]),
    ("layer", &["source", "diagnostic"]),
    ("merge", &["source", "diagnostic", "layer"]),
    ("model", &["source", "diagnostic", "layer", "merge", "pack"]),
    ("pack", &["source", "diagnostic", "layer", "merge"]),
    ("render", &["source", "diagnostic", "model"]),
    ("workspace", &["source", "diagnostic", "render"]),
    ("drift", &["source", "diagnostic", "layer", "workspace"]),
    ("adopt", &["source", "diagnostic", "layer", "merge", "model", "pack", "render", "workspace"]),
    ("doctor", &["source", "diagnostic", "model"]),
    ("fingerprint", &[]),
    ("git", &["source"]),
    (
        "report",
        &[
            "source",
            "diagnostic",
            "layer",
            "merge",
            "pack",
            "workspace",
            "drift",
            "adopt",
            "doctor",
            "git",
        ],
    ),
    ("edge", &["source", "diagnostic", "workspace", "pack", "doctor", "fingerprint", "git"]),
    (
        "ops",
        &[
            "source",
            "diagnostic",
            "layer",
            "merge",
            "model",
            "pack",
            "render",
            "workspace",
            "drift",
            "adopt",
            "doctor",
            "fingerprint",
            "git",
            "report",
            "edge",
        ],
    ),
    (
        "cli",
        &[
            "ops",
            "diagnostic",
            "exit",
            "source",
            "layer",
            "merge",
            "workspace",
            "drift",
            "doctor",
            "git",
            "report",
            "edge",
        ],
    ),
    ("exit", &[]),
    // Only for cargo-fuzz and a test.
    (
        "fuzzing",
        &[
            "source",
            "diagnostic",
            "layer",
            "model",
            "render",
            "workspace",
            "fingerprint",
            "report",
            "edge",
            "ops",
        ],
    ),
];

/// No file is longer.
const MOST_LINES: usize = 800;

fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for root in ["src", "crates/core/src", "crates/engine/src"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder of src") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let text = std::fs::read_to_string(&path).expect("UTF-8");
                    let relative = path.strip_prefix(&root).expect("below src").to_path_buf();
                    found.push((relative, text));
                }
            }
        }
    }
    found.sort();
    found
}

/// The top-level module that a file belongs to.
fn module(path: &Path) -> String {
    let first = path.iter().next().expect("a name").to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn imports_follow_the_table() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let module = module(&path);
        // Unit tests in files of their own set the stage with more than the code may use.
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        if module == "main" || module == "lib" || stem == "tests" || stem.ends_with("testing") {
            continue;
        }
        let row = MAY_IMPORT.iter().find(|(name, _)| *name == module);
        let Some((_, allowed)) = row else {
            wrong.push(format!("{}: `{module}` is not in the table", path.display()));
            continue;
        };
        // Unit tests set the stage with more than the code itself may use.
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(&text);
        for (number, line) in code.lines().enumerate() {
            let line = line.split("//").next().unwrap_or(line);
            let line = line.replace("claude_env_core::", "crate::");
            let line = line.replace("claude_env_engine::", "crate::");
            for imported in line.split("crate::").skip(1) {
                let name: String =
                    imported.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let is_module = MAY_IMPORT.iter().any(|(known, _)| *known == name);
                if is_module && name != module && !allowed.contains(&name.as_str()) {
                    wrong.push(format!("{}:{}: imports {name}", path.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn files_are_short_and_names_say_something() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let lines = text.lines().count();
        if lines > MOST_LINES {
            wrong.push(format!("{}: {lines} lines", path.display()));
        }
        for part in &path {
            let part = part.to_string_lossy();
            let name = part.trim_end_matches(".rs");
            if matches!(name, "util" | "utils" | "common" | "helper" | "helpers" | "misc") {
                wrong.push(format!("{}: what is a `{name}`?", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn only_the_printer_prints() {
    let printing = ["println!", "eprintln!", "print!(", "stdout()", "stderr()"];
    for (path, text) in sources() {
        if path == Path::new("cli/output.rs") || path == Path::new("cli/mod.rs") {
            continue;
        }
        for word in printing {
            assert!(!text.contains(word), "{} has {word}", path.display());
        }
    }
}
