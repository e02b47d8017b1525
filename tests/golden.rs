//! Layers in, files out: `tests/cases/NAME`.
//!
//! `config/` is a config repository, `scope.toml` has the scope under `[scope]` and, for the example, `config = "PATH"`.
//! `expected/` is what is rendered, without the lock. `BLESS=1` writes it: read what it wrote before you commit it.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::support::{TestEnv, tree};

type Files = BTreeMap<String, (Vec<u8>, bool)>;

fn files(folder: &Path) -> Files {
    if !folder.is_dir() {
        return Files::new();
    }
    let files = tree(folder).into_iter().filter(|(path, _)| path != ".claude-env.lock");
    files.map(|(path, entry)| (path, (entry.bytes, entry.executable))).collect()
}

/// The arguments of a case: the config repository and the scope.
fn arguments(case: &Path) -> (PathBuf, Vec<String>) {
    let mut config = case.join("config");
    let mut arguments = Vec::new();
    let text = std::fs::read_to_string(case.join("scope.toml")).unwrap_or_default();
    for line in text.lines() {
        let Some((key, value)) = line.split_once(" = ") else { continue };
        let value = value.trim_matches('"');
        match key {
            "config" => config = Path::new(env!("CARGO_MANIFEST_DIR")).join(value),
            _ => arguments.extend([format!("--{key}"), value.to_owned()]),
        }
    }
    (config, arguments)
}

fn bless(expected: &Path, rendered: &Files) {
    if expected.exists() {
        std::fs::remove_dir_all(expected).expect("removed");
    }
    for (path, (bytes, executable)) in rendered {
        let path = expected.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
        std::fs::write(&path, bytes).expect("the file");
        let mode = if *executable { 0o755 } else { 0o644 };
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("the mode");
    }
}

/// Where two sets of files differ, for people.
fn differences(expected: &Files, rendered: &Files) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, (bytes, executable)) in rendered {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match expected.get(path) {
            None => wrong.push(format!("{path} was not expected:\n{}", text(bytes))),
            Some((other, _)) if other != bytes => {
                wrong.push(format!(
                    "{path}: expected\n{}\nbut it is\n{}",
                    text(other),
                    text(bytes)
                ));
            }
            Some((_, other)) if other != executable => {
                wrong.push(format!("{path}: executable is {executable}"));
            }
            Some(_) => {}
        }
    }
    let missing = expected.keys().filter(|path| !rendered.contains_key(*path));
    wrong.extend(missing.map(|path| format!("{path} is missing")));
    wrong
}

#[test]
fn layers_render_to_the_expected_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the cases")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    cases.sort();
    assert!(cases.len() >= 12, "only {} cases", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let name = case.file_name().expect("a name").to_string_lossy().into_owned();
        let (config, scope) = arguments(&case);
        let env = TestEnv::new();
        let mut command = env.claude_env();
        command.arg("--config-repo").arg(&config).args(["render", "--output", "out"]).args(scope);
        let outcome = env.outcome(&mut command);
        if outcome.code != Some(0) {
            wrong.push(format!("{name}: {:?}\n{}", outcome.code, outcome.stderr));
            continue;
        }
        let rendered = files(&env.join("out"));
        let expected = case.join("expected");
        if std::env::var_os("BLESS").is_some() {
            bless(&expected, &rendered);
        }
        let differences = differences(&files(&expected), &rendered);
        wrong.extend(differences.into_iter().map(|what| format!("{name}/{what}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
