use std::sync::Arc;

use super::super::digest::DigestCache;
use super::*;
use crate::agent::EntryKind;
use crate::render::{JsonEntry, JsonPart, Part, RenderedFile, Rendering};
use crate::source::{Sources, Span};
use crate::workspace::LockState;

fn path(text: &str) -> RepoPath {
    RepoPath::parse(text).expect("a path")
}

fn header() -> Header {
    Header {
        repository: "https://git.acme.example/\"config\"".to_owned(),
        revision: "abc123".to_owned(),
        scope: [("team".to_owned(), "payments".to_owned())].into(),
        local: false,
    }
}

fn rendering() -> Rendering {
    let origin = Span::new(Sources::default().add("base/layer.toml", "base", ""), 0..0);
    let entry = |pointer: &[&str], kind, value: serde_json::Value| JsonEntry {
        pointer: pointer.iter().copied().collect(),
        kind,
        value,
        origin,
    };
    let part = |entries| Part::Json(JsonPart { entries, skeleton: serde_json::json!({}) });
    let whole = Part::Whole { bytes: Arc::from(&b"#!/bin/sh\n"[..]), executable: true };
    let file = |name: &str, part| RenderedFile { path: path(name), part, origins: Arc::default() };
    Rendering {
        files: vec![
            file("CLAUDE.md", Part::Block { text: "Be kind.\n".to_owned() }),
            file(".claude/hooks/a \"b\".sh", whole),
            file(
                ".claude/settings.json",
                part(vec![
                    entry(&["env", "A/B"], EntryKind::Value, "1".into()),
                    entry(&["permissions", "deny"], EntryKind::Item, "Read(./.env)".into()),
                    entry(&["permissions", "deny"], EntryKind::Item, "Bash(rm:*)".into()),
                    entry(&["permissions", "allow"], EntryKind::Item, "Bash(ls)".into()),
                ]),
            ),
            file(".mcp.json", part(Vec::new())),
        ],
    }
}

#[test]
fn the_lock_has_one_line_an_entry() {
    let rendering = rendering();
    let lock = Lock::of(header(), &Desired::new(&rendering, &mut DigestCache::default()));
    let text = lock.to_text();
    let expect = r##"# Written by claude-env: what it wrote last. Do not edit; commit it together with the files.
version = 1
repository = "https://git.acme.example/\"config\""
revision = "abc123"

[scope]
"team" = "payments"

[files]
".claude/hooks/a \"b\".sh" = "DIGEST"

[blocks]
"CLAUDE.md" = "DIGEST"

[values.".claude/settings.json"]
"/env/A~1B" = "DIGEST"

[items.".claude/settings.json"]
"/permissions/allow" = [
  "DIGEST",
]
"/permissions/deny" = [
  "DIGEST",
  "DIGEST",
]
# end
"##;
    let is_digest = |word: &&str| Digest::parse(word).is_some();
    let shown = text.split('"').find(is_digest).map_or(text.clone(), |_| {
        let words: Vec<&str> =
            text.split('"').map(|word| if is_digest(&word) { "DIGEST" } else { word }).collect();
        words.join("\"")
    });
    assert_eq!(shown, expect);
    assert_eq!(Lock::parse(LOCK_FILE, &text), Ok(lock.clone()));
    assert_eq!(Lock::parse(LOCK_FILE, &text.replace('\n', "\r\n")), Ok(lock));
}

fn check(text: &str, expect: &str) {
    let error = Lock::parse(LOCK_FILE, text).expect_err("a bad lock");
    assert_eq!(error.to_string(), expect);
    assert!(!error.help().is_empty());
}

#[test]
fn a_bad_lock_says_what_is_wrong_where() {
    check(
        "version = 2\n[other]\n",
        ".claude-env.lock has format version 2; this claude-env supports versions up to 1",
    );
    check(
        "version = 1\n<<<<<<< HEAD\nrevision = \"a\"\n=======\n",
        ".claude-env.lock:2: unresolved merge conflict",
    );
    check("", ".claude-env.lock:1: not a lock: there is no `version`");
    check("version = \"1\"", ".claude-env.lock:1: `version` is not a number");
    check("version = 1\nrevision = 3\n", ".claude-env.lock:2: expected a string");
    check("version = 1\n\nfiles = 1\n", ".claude-env.lock:3: expected a table");
    check(
        "version = 1\n[files]\n\".claude/rules/a\" = \"12\"\n",
        ".claude-env.lock:3: `12` is not a digest",
    );
    check(
        "version = 1\n[files]\n\"../a\" = \"0\"\n",
        ".claude-env.lock:3: `../a` is not a path: the path has a `.`, `..` or empty segment",
    );
    check(
        "version = 1\n[values.\".mcp.json\"]\nx = \"0\"\n",
        ".claude-env.lock:3: `x` is not a JSON pointer",
    );
    let error = Lock::parse(LOCK_FILE, "version = 1\nfiles = [\n").expect_err("broken TOML");
    assert!(error.to_string().starts_with(".claude-env.lock:2: not a lock: "), "{error}");
}

#[test]
fn a_lock_claims_only_what_some_target_renders() {
    let digest = "0".repeat(32);
    let claim = |table: &str, path: &str| {
        let text = match table {
            "files" | "blocks" => format!("version = 1\n[{table}]\n\"{path}\" = \"{digest}\"\n"),
            "items" => {
                format!("version = 1\n[items.\"{path}\"]\n\"/x\" = [\"{digest}\"]\n")
            }
            table => format!("version = 1\n[{table}.\"{path}\"]\n\"/x\" = \"{digest}\"\n"),
        };
        Lock::parse(LOCK_FILE, &text).map(drop).map_err(|error| error.to_string())
    };
    for (table, path) in [
        ("files", ".claude/rules/a.md"),
        ("files", ".claude/skills/a/b/c.bin"),
        ("blocks", "CLAUDE.md"),
        ("blocks", "CLAUDE.local.md"),
        ("values", ".mcp.json"),
        ("values", ".claude/settings.local.json"),
        ("items", ".claude/settings.json"),
    ] {
        assert_eq!(claim(table, path), Ok(()), "{table} {path}");
    }
    for (table, path) in [
        ("files", "notes.txt"),
        ("files", "src/main.rs"),
        ("files", ".git/config"),
        ("files", ".claude-env.toml"),
        ("files", ".envrc"),
        // Files in which only a part is ours.
        ("files", "CLAUDE.md"),
        ("files", ".mcp.json"),
        ("files", ".claude/settings.json"),
        ("files", ".claude/rules"),
        ("blocks", "README.md"),
        ("blocks", ".mcp.json"),
        ("blocks", ".claude/rules/a.md"),
        ("values", "package.json"),
        ("values", "CLAUDE.md"),
        ("items", ".vscode/settings.json"),
    ] {
        let error = claim(table, path).expect_err(path);
        let says = format!("`{path}` is not a file in which this version of claude-env writes");
        assert!(error.contains(&says), "{table} {path}: {error}");
    }
}

#[test]
fn what_a_later_version_adds_is_passed_over() {
    let lock = Lock::parse(LOCK_FILE, "version = 1\ncolour = \"red\"\n[more]\nx = 1\n");
    assert_eq!(lock, Ok(Lock::default()));
}

#[test]
fn a_settled_lock_is_not_parsed_and_an_unfinished_one_is_not_believed() {
    let rendering = rendering();
    let lock = Lock::of(header(), &Desired::new(&rendering, &mut DigestCache::default()));
    let text = lock.to_text();
    let read = |now: Option<&[u8]>, pending: Option<&[u8]>| {
        LockState::read(LOCK_FILE, now, pending, || lock.clone())
    };
    let settled = read(Some(text.as_bytes()), None).expect("our own lock");
    assert_eq!((settled.applied, settled.pending), (lock.clone(), None));
    let none = read(None, None).expect("no lock");
    assert_eq!((none.applied, none.leftover), (Lock::default(), false));
    let half = text.get(..text.len() / 2).expect("ASCII");
    let half = read(None, Some(half.as_bytes())).expect("an unfinished lock");
    assert_eq!((half.pending, half.leftover), (None, true));
    let full = read(None, Some(text.as_bytes())).expect("a pending lock");
    assert_eq!(full.pending, Some(lock.clone()));
    assert!(read(Some(b"\xff"), None).is_err());
}
