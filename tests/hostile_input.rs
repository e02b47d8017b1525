//! Whatever lies in a config repository: an answer with a place, and never a crash or half a write.
//!
//! Each case breaks several layers of one repository, so that a run of the program tries many at once.
//! `PROPTEST_CASES` raises the number of cases.

use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};

use crate::support::{Outcome, TestEnv, tree};

/// The files that are broken.
const FILES: &[&str] = &[
    "claude-env.toml",
    "base/layer.toml",
    "base/layer.production.toml",
    "teams/payments/layer.toml",
    "projects/checkout/layer.toml",
    "users/ada/layer.toml",
    "base/agents/reviewer.md",
    "base/skills/write-adr/SKILL.md",
    "base/rules/testing.md",
    "base/memory/10-company.md",
];

/// One way to break a file.
#[derive(Clone, Debug)]
enum Mutation {
    FlipByte(Index, u8),
    Insert(Index, Vec<u8>),
    DropLine(Index),
    RepeatLine(Index),
    SwapLines(Index, Index),
    Value(Index, String),
    Cut(Index),
    Crlf,
}

/// Texts that have broken parsers before.
fn nasty() -> impl Strategy<Value = Vec<u8>> {
    let fixed: Vec<Vec<u8>> = vec![
        vec![0],
        vec![0xff, 0xfe],
        vec![0xef, 0xbb, 0xbf],
        b"\r".to_vec(),
        "\u{202e}\u{2066}".into(),
        "\u{200b}".into(),
        "${vault:".into(),
        "${vault:#}".into(),
        "${${a}}".into(),
        "${env:}".into(),
        "<!-- claude-env:end -->\n".into(),
        "\"\"\"".into(),
        "'''".into(),
        b"---\n".to_vec(),
        b"---\na: [\n---\n".to_vec(),
        b"[a.b.c]\n".to_vec(),
        b"[[permissions]]\n".to_vec(),
        b"[[hooks.PreToolUse]]\n".to_vec(),
        b"a.b.c.d.e.f = 1\n".to_vec(),
        b"\"\" = 1\n".to_vec(),
        b"x = 99999999999999999999999\n".to_vec(),
        b"x = nan\ny = -inf\n".to_vec(),
        b"x = 1979-05-27T07:32:00Z\n".to_vec(),
        [b"x = ".to_vec(), b"[".repeat(500), b"]".repeat(500), b"\n".to_vec()].concat(),
        [b"x = ".to_vec(), b"{a=".repeat(300), b"1".to_vec(), b"}".repeat(300)].concat(),
        [b"x".to_vec(), b".a".repeat(2000), b" = 1\n".to_vec()].concat(),
        [b"x = \"".to_vec(), b"y".repeat(100_000), b"\"\n".to_vec()].concat(),
        [b"[".to_vec(), b"a.".repeat(500), b"b]\n".to_vec()].concat(),
        b"unset = [\"\", \"..\", \"a..b\", \"[\", \"**\", \"mcp_servers\"]\n".to_vec(),
        b"packs = [\"../../x\", \"\"]\n".to_vec(),
        b"[merge]\n\"**.**.**.*\" = \"union\"\n".to_vec(),
        b"[workspaces.\"../../up\"]\npath = \"/etc\"\n".to_vec(),
    ];
    prop_oneof![4 => select(fixed), 1 => prop::collection::vec(any::<u8>(), 0..40)]
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let values = [
        "1",
        "\"x\"",
        "[]",
        "{}",
        "[[]]",
        "{ a = { b = [1, \"2\", {}] } }",
        "true",
        "1.5",
        "\"\"",
        "2027-03-31",
        "[1, \"a\"]",
    ];
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Mutation::FlipByte(at, byte)),
        (any::<Index>(), nasty()).prop_map(|(at, text)| Mutation::Insert(at, text)),
        any::<Index>().prop_map(Mutation::DropLine),
        any::<Index>().prop_map(Mutation::RepeatLine),
        (any::<Index>(), any::<Index>()).prop_map(|(a, b)| Mutation::SwapLines(a, b)),
        (any::<Index>(), select(values.to_vec()))
            .prop_map(|(at, v)| Mutation::Value(at, v.to_owned())),
        any::<Index>().prop_map(Mutation::Cut),
        Just(Mutation::Crlf),
    ]
}

fn lines(text: &[u8]) -> Vec<Vec<u8>> {
    text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

impl Mutation {
    fn apply(&self, text: &mut Vec<u8>) {
        if text.is_empty() {
            return;
        }
        let mut list = lines(text);
        match self {
            Mutation::FlipByte(at, byte) => {
                let at = at.index(text.len());
                text[at] ^= byte | 1;
                return;
            }
            Mutation::Insert(at, bytes) => {
                let at = at.index(list.len());
                list.insert(at, bytes.clone());
            }
            Mutation::DropLine(at) => {
                list.remove(at.index(list.len()));
            }
            Mutation::RepeatLine(at) => {
                let at = at.index(list.len());
                list.insert(at, list[at].clone());
            }
            Mutation::SwapLines(a, b) => {
                let (a, b) = (a.index(list.len()), b.index(list.len()));
                list.swap(a, b);
            }
            Mutation::Value(at, value) => {
                let settings: Vec<usize> = (0..list.len())
                    .filter(|at| String::from_utf8_lossy(&list[*at]).contains(" = "))
                    .collect();
                if settings.is_empty() {
                    return;
                }
                let at = settings[at.index(settings.len())];
                let line = String::from_utf8_lossy(&list[at]).into_owned();
                let key = line.split(" = ").next().unwrap_or_default();
                list[at] = format!("{key} = {value}\n").into_bytes();
            }
            Mutation::Cut(at) => {
                text.truncate(at.index(text.len()));
                return;
            }
            Mutation::Crlf => {
                *text = String::from_utf8_lossy(text).replace('\n', "\r\n").into_bytes();
                return;
            }
        }
        *text = list.concat();
    }
}

/// No crash: a known exit code, and no words of a panic.
fn is_an_answer(outcome: &Outcome, what: &str) -> Result<(), TestCaseError> {
    let crashed = ["panicked", "bug in claude-env", "overflowed its stack", "RUST_BACKTRACE"];
    let said = crashed.iter().any(|word| outcome.stderr.contains(word));
    prop_assert!(
        matches!(outcome.code, Some(0..=2)) && !said,
        "{what}: {:?}\n{}",
        outcome.code,
        outcome.stderr
    );
    Ok(())
}

/// Checks, shows and renders a repository that may hold anything.
fn survives(env: &TestEnv) -> Result<(), TestCaseError> {
    let check = env.run(&["-C", "config", "check", "--format", "json"]);
    is_an_answer(&check, "check")?;
    // Each case asks one of three further questions, so that more cases fit into the time.
    let turn = check.stdout.len() % 3;
    // Where there is no repository any more there is no report either.
    if check.code != Some(2) {
        let report: serde_json::Value = serde_json::from_str(&check.stdout)
            .map_err(|error| TestCaseError::fail(format!("{error}: {}", check.stdout)))?;
        let findings = report["findings"].as_array().expect("findings");
        let errors = findings.iter().filter(|finding| finding["severity"] == "error");
        prop_assert_eq!(check.code == Some(1), errors.count() > 0);
        for finding in findings {
            prop_assert!(
                finding["file"].as_str().is_some_and(|file| !file.is_empty()),
                "{}",
                finding
            );
            for key in ["line", "column", "end_line", "end_column"] {
                prop_assert!(finding[key].as_u64().is_some_and(|n| n >= 1), "{}: {}", key, finding);
            }
            prop_assert!(!finding["message"].as_str().expect("text").is_empty());
        }
        let format = ["human", "sarif", "github"][turn];
        is_an_answer(&env.run(&["-C", "config", "check", "--format", format]), format)?;
    }
    let scope = ["--team", "payments", "--project", "checkout", "--user", "ada"];
    let verbs = [&["show"][..], &["show", "--format", "toml"], &["explain", "mcp_servers"]];
    let outcome = env.run(&[&["-C", "config"], verbs[turn], &scope].concat());
    is_an_answer(&outcome, verbs[turn][0])?;
    prop_assert!(outcome.code == Some(0) || outcome.stdout.is_empty(), "half an answer");
    let before = tree(&env.join("config"));
    std::fs::create_dir_all(env.join("out")).expect("the folder");
    let render = env.run(&[&["-C", "config", "render", "--output", "../out"][..], &scope].concat());
    is_an_answer(&render, "render")?;
    prop_assert_eq!(tree(&env.join("config")), before, "the config repository is only read");
    if render.code == Some(2) {
        prop_assert!(
            tree(&env.join("out")).is_empty(),
            "an unusable configuration renders nothing"
        );
        prop_assert!(render.stderr.contains("error"), "it says why");
    }
    let beside = beside(env);
    prop_assert_eq!(beside, BTreeSet::from(["config", "home", "out"].map(str::to_owned)));
    Ok(())
}

/// What stands in the folder of the test: nothing is written there.
fn beside(env: &TestEnv) -> BTreeSet<String> {
    let entries = std::fs::read_dir(env.path()).expect("the folder");
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("an entry").file_name();
    entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect()
}

fn runner(cases: u32) -> TestRunner {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(cases);
    TestRunner::new(Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    })
}

#[test]
fn mutated_layers_are_answered() {
    let broken =
        prop::collection::vec((select(FILES), prop::collection::vec(mutation(), 1..4)), 1..5);
    let outcome = runner(200).run(&broken, |broken| {
        let env = TestEnv::new();
        crate::support::copy(Path::new(crate::support::EXAMPLE), &env.join("config"));
        for (file, mutations) in &broken {
            let path = env.join("config").join(file);
            let mut text = std::fs::read(&path).expect("the file");
            mutations.iter().for_each(|mutation| mutation.apply(&mut text));
            std::fs::write(&path, text).expect("the file");
        }
        survives(&env)
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// A path of a random tree: known names and strange ones.
fn path() -> impl Strategy<Value = String> {
    let names = [
        "base",
        "teams",
        "payments",
        "projects",
        "checkout",
        "users",
        "ada",
        "packs",
        "superclaude",
        "agents",
        "hooks",
        "memory",
        "skills",
        "layer.toml",
        "claude-env.toml",
        "pack.toml",
        "SKILL.md",
        "a.md",
        "A.md",
        "layer..toml",
        "layer.production.toml",
        "CLAUDE.md",
        ".hidden",
        "settings.json",
        "with blank.md",
        "ä.md",
        "line\nfeed.md",
        "workspaces",
        "x.toml",
        "CON",
        "-rf",
        "\u{202e}dm.md",
    ];
    prop::collection::vec(select(names.to_vec()), 1..5).prop_map(|parts| parts.join("/"))
}

#[derive(Clone, Debug)]
enum Node {
    File(Vec<u8>),
    Link(String),
    Folder,
}

fn node() -> impl Strategy<Value = Node> {
    let targets = ["..", ".", "/etc/passwd", "a.md", "../base", "nowhere", "/"];
    prop_oneof![
        6 => nasty().prop_map(Node::File),
        1 => Just(Node::File(Vec::new())),
        1 => select(targets.to_vec()).prop_map(|to| Node::Link(to.to_owned())),
        1 => Just(Node::Folder),
    ]
}

#[test]
fn random_trees_are_answered() {
    let trees = prop::collection::vec((path(), node()), 1..25);
    let outcome = runner(100).run(&trees, |nodes| {
        let env = TestEnv::new();
        env.write("config/claude-env.toml", "version = 1\n");
        for (path, node) in &nodes {
            let root = env.join("config");
            let path = root.join(path);
            // The test itself must not write through a link: it may lead anywhere.
            let mut above = path.ancestors().skip(1).take_while(|folder| **folder != root);
            if above.any(Path::is_symlink) {
                continue;
            }
            // A file may stand where a folder is wanted: then there is one node less.
            let made = path.parent().map(std::fs::create_dir_all);
            if !matches!(made, Some(Ok(()))) || path.symlink_metadata().is_ok() {
                continue;
            }
            match node {
                Node::File(bytes) => std::fs::write(path, bytes).expect("the file"),
                Node::Link(to) => std::os::unix::fs::symlink(to, path).expect("the link"),
                Node::Folder => std::fs::create_dir(path).expect("the folder"),
            }
        }
        survives(&env)
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
