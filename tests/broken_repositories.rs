//! Every broken repository gives the right code at the right line, and nothing else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::support::{Fixture, TestEnv};

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configs/invalid");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the fixtures")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
}

/// Returns the errors and warnings of a check, as `SEVERITY FILE:LINE CODE`, sorted.
fn found(stdout: &str) -> Vec<String> {
    let report: Json = serde_json::from_str(stdout).expect("one JSON object");
    let findings = report["findings"].as_array().expect("findings");
    let mut lines: Vec<String> = findings
        .iter()
        .filter(|finding| finding["severity"] != "note")
        .map(|f| {
            let (file, line) = (f["file"].as_str(), f["line"].as_u64());
            format!(
                "{} {}:{} {}",
                f["severity"].as_str().expect("a severity"),
                file.expect("a file"),
                line.expect("a line"),
                f["code"].as_str().expect("a code")
            )
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn each_gives_the_right_code_at_the_right_line() {
    let mut wrong = Vec::new();
    let paths = fixtures();
    assert!(paths.len() >= 40, "only {} fixtures", paths.len());
    for path in &paths {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let fixture = Fixture::parse(&std::fs::read_to_string(path).expect("UTF-8"));
        let code = name.split('-').next().expect("a code").to_owned();
        if !fixture.expect.iter().any(|expected| expected.ends_with(&code)) {
            wrong.push(format!("{name}: expects nothing of {code}, which its name promises"));
        }
        let env = TestEnv::new();
        let root = env.join("repo");
        std::fs::create_dir(&root).expect("the folder");
        fixture.write(&root);
        let mut arguments = vec!["-C", "repo", "check", "--format", "json"];
        arguments.extend(fixture.args.iter().map(String::as_str));
        let outcome = env.run(&arguments);
        let expected_code = i32::from(fixture.expect.iter().any(|line| line.starts_with("error ")));
        if outcome.code != Some(expected_code) {
            wrong.push(format!("{name}: exit code {:?}: {}", outcome.code, outcome.stderr));
            continue;
        }
        let found = found(&outcome.stdout);
        if found != fixture.expect {
            wrong.push(format!("{name}:\n  expected {:?}\n  found    {found:?}", fixture.expect));
        }
    }
    assert!(wrong.is_empty(), "{} of {} fixtures:\n{}", wrong.len(), paths.len(), wrong.join("\n"));
}

#[test]
fn every_code_has_a_fixture() {
    let covered: BTreeSet<String> = fixtures()
        .iter()
        .filter_map(|path| Some(path.file_stem()?.to_str()?.split('-').next()?.to_owned()))
        .collect();
    let pages = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules"));
    let codes: BTreeSet<String> = pages
        .expect("the pages of the rules")
        .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_str()?.to_owned()))
        .filter(|stem| stem.starts_with("CE"))
        .collect();
    let missing: Vec<&String> = codes.difference(&covered).collect();
    assert!(missing.is_empty(), "no broken repository for {missing:?}");
}
