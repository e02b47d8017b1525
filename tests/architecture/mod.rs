//! The rules that the compiler does not know: who imports whom, no cycles of files, how large files are, what modules are
//! called, who prints.

mod rust;
mod table;
mod tests;
mod tree;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::support::files_below;
use table::{CRATES, ROWS};
use tree::{Tree, cycles, shortest_cycle};

/// No file is longer.
const MOST_LINES: usize = 800;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(root().join(path)).ok()
}

/// All Rust files of the crates, by path from the root of the repository.
fn sources() -> Vec<(PathBuf, String)> {
    let folders = CRATES.iter().map(|one| root().join(one.folder).join("src"));
    let mut found: Vec<(PathBuf, String)> = folders
        .flat_map(|folder| files_below(&folder))
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("UTF-8");
            (path.strip_prefix(root()).expect("below").to_path_buf(), text)
        })
        .collect();
    found.sort();
    found
}

fn tree() -> Tree {
    let mut tree = Tree::default();
    for one in CRATES {
        let folder = if one.folder.is_empty() { String::new() } else { format!("{}/", one.folder) };
        tree.add(one.name, &format!("{folder}src/lib.rs"), &read);
    }
    tree
}

/// What modules import against the table, as lines.
fn wrong_imports(tree: &Tree) -> Vec<String> {
    let mut wrong = BTreeSet::new();
    for (module, place) in tree.modules() {
        // The root of a crate names its modules and passes on what others use.
        let Some(own) = module.get(1) else { continue };
        let Some(row) = ROWS.iter().find(|row| row.module == own) else {
            wrong.insert(format!("{}: `{own}` is not in the table", place.file));
            continue;
        };
        for path in tree.mentions(module) {
            let Some(top) = path.get(1) else {
                wrong.insert(format!("{}: imports the whole of {}", place.file, path[0]));
                continue;
            };
            let foreign = path[..2] != module[..2] && ROWS.iter().any(|row| row.module == top);
            let allows = |name: &&str| {
                path[1..].join("::") == **name
                    || path[1..].join("::").starts_with(&format!("{name}::"))
            };
            if foreign && !row.imports.iter().any(allows) {
                let allowed = row.imports.join(", ");
                wrong.insert(format!(
                    "{}: imports {}; `{own}` may import: {allowed}",
                    place.file,
                    path.join("::")
                ));
            }
        }
    }
    wrong.into_iter().collect()
}

#[test]
fn imports_follow_the_table() {
    let wrong = wrong_imports(&tree());
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn no_files_need_each_other() {
    let tree = tree();
    let arrows = tree.arrows();
    let cycles = cycles(&arrows);
    let lines: Vec<String> = cycles
        .iter()
        .map(|cycle| {
            let ways: Vec<String> =
                cycle.iter().map(|file| shortest_cycle(&arrows, file)).collect();
            format!("{} files:\n  {}", cycle.len(), ways.join("\n  "))
        })
        .collect();
    assert!(lines.is_empty(), "files in cycles:\n{}", lines.join("\n"));
}

#[test]
fn each_module_name_stands_in_one_crate_and_one_row() {
    let mut seen = BTreeSet::new();
    for row in ROWS {
        assert!(seen.insert(row.module), "`{}` has two rows", row.module);
        for name in row.imports {
            let top = name.split("::").next().unwrap_or(name);
            assert!(ROWS.iter().any(|row| row.module == top), "`{name}` has no row");
        }
    }
    let tree = tree();
    let mut modules: Vec<&str> = Vec::new();
    modules.extend(
        tree.modules().filter(|(path, _)| path.len() == 2).map(|(path, _)| path[1].as_str()),
    );
    for module in &modules {
        let crates = modules.iter().filter(|other| other == &module).count();
        assert_eq!(crates, 1, "`{module}` is a module of several crates");
    }
}

#[test]
fn the_map_shows_the_table() {
    let text = read("ARCHITECTURE.md").expect("the map");
    let start = text.find("| module | may import | because |").expect("the table");
    let end = text[start..].find("\n\n").map_or(text.len(), |end| start + end + 1);
    let expected = table::markdown();
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        let text = [&text[..start], &expected, &text[end..]].concat();
        std::fs::write(root().join("ARCHITECTURE.md"), text).expect("the map is written");
        return;
    }
    assert!(
        text[start..end] == expected,
        "ARCHITECTURE.md differs from tests/architecture/table.rs; write it with: BLESS=1 cargo test --test main the_map\n\
         {expected}"
    );
}

/// The names of the dependencies of a manifest, and whether each is for tests alone.
fn dependencies(manifest: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    // Whether this is a table of dependencies, and whether of those for tests.
    let mut inside = None;
    for line in manifest.lines() {
        if line.starts_with('[') {
            let table = line.trim_matches(['[', ']']);
            let for_tests = table.contains("dev-dependencies");
            let ours = !table.starts_with("workspace");
            inside = (ours && table.ends_with("dependencies")).then_some(for_tests);
            let name = table.rsplit_once("dependencies.").map(|(_, name)| name.to_owned());
            found.extend(name.filter(|_| ours).map(|name| (name, for_tests)));
        } else if let Some(for_tests) = inside
            && line.starts_with(|c: char| c.is_ascii_alphanumeric())
        {
            let name = line.split(['.', '=', ' ']).next().unwrap_or_default();
            found.push((name.to_owned(), for_tests));
        }
    }
    found
}

#[test]
fn crates_depend_in_one_direction() {
    let mut wrong = Vec::new();
    for one in CRATES {
        let path = Path::new(one.folder).join("Cargo.toml");
        let manifest = read(&path.to_string_lossy()).expect("a manifest");
        let found = dependencies(&manifest);
        assert!(found.len() > 5, "{}: no dependencies were read: {found:?}", path.display());
        for (name, for_tests) in found {
            let imported = name.replace('-', "_");
            let ours = imported.starts_with("claude_env");
            if ours && imported != one.name && !one.crates.contains(&imported.as_str()) {
                wrong.push(format!("{}: depends on {name}", path.display()));
            }
            let banned = one.banned.iter().find(|(banned, _)| *banned == name && !for_tests);
            if let Some((_, because)) = banned {
                wrong.push(format!("{}: depends on {name}, but {because}", path.display()));
            }
        }
    }
    // A crate that is added has a row.
    for entry in std::fs::read_dir(root().join("crates")).expect("the crates") {
        let name = entry.expect("an entry").file_name();
        let folder = format!("crates/{}", name.to_string_lossy());
        if !CRATES.iter().any(|one| one.folder == folder) {
            wrong.push(format!("{folder}: is not in the table"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// With `panic = "abort"` a bug would leave temporary files and locks behind, and end a server.
#[test]
fn no_profile_aborts_on_a_panic() {
    let manifest = read("Cargo.toml").expect("the manifest");
    assert!(manifest.contains("[profile.dist]"));
    assert!(!manifest.lines().any(|line| line.trim_start().starts_with("panic")));
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
        if path == Path::new("src/cli/output.rs") || path == Path::new("src/cli/mod.rs") {
            continue;
        }
        for word in printing {
            assert!(!text.contains(word), "{} has {word}", path.display());
        }
    }
}

/// Paths are written from the root, or from a crate's `src`; `rules/` and other folders of a workspace have no `.rs` in them.
#[test]
fn every_file_that_the_map_names_exists() {
    let text = read("ARCHITECTURE.md").expect("the map");
    let roots = ["", "crates/core/src/", "crates/engine/src/", "src/"];
    let named = text.split('`').skip(1).step_by(2).filter(|name| name.ends_with(".rs"));
    let named: BTreeSet<&str> = named.filter(|name| !name.contains(['<', '*', ' '])).collect();
    assert!(named.len() > 50, "{named:?}");
    let exists = |name: &str| roots.iter().any(|folder| root().join(folder).join(name).is_file());
    let missing: Vec<&str> =
        named.into_iter().filter(|name| name.contains('/') && !exists(name)).collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md names files that do not exist: {missing:?}");
}
