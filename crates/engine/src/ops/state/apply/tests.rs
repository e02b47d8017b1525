#![expect(clippy::disallowed_methods, reason = "tests set the stage")]

use std::collections::BTreeMap;
use std::fs;

use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::edge::git::git_of_tests;
use crate::ops::state::target::{header, side};
use claude_env_core::layer::Scope;
use claude_env_core::workspace::testing::{Values, rendering};
use claude_env_core::workspace::{LOCAL_LOCK_FILE, LOCK_FILE, Policy};
use std::path::Path;

/// Every file of a work tree and of `info/`.
fn snapshot(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned(), folder.join(".git/info")];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("a folder").flatten() {
            let path = entry.path();
            match path.is_dir() {
                true if entry.file_name() == ".git" => {}
                true => folders.push(path),
                false => {
                    let bytes = fs::read(&path).expect("read");
                    files.insert(path.display().to_string(), bytes);
                }
            }
        }
    }
    files
}

#[test]
fn what_is_not_accepted_is_put_back_with_both_locks_and_the_list() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path();
    assert!(git_of_tests(path).args(["init", "--quiet"]).status().expect("git runs").success());
    fs::create_dir(path.join(".claude")).expect("made");
    fs::write(path.join(".mcp.json"), "{\"mcpServers\": {\"mine\": {}}} // x\n").expect("written");
    fs::write(path.join("CLAUDE.local.md"), "My notes.\n").expect("written");
    let scope = Scope::default();
    let store = path.join(".git/generations");
    let sync = |value: u8, own: &Values, accepts: Accepts<'_>| {
        let values = Values::from([("server a", value), ("env A", value), ("file one", value)]);
        let mut personal = rendering(own);
        for file in &mut personal.files {
            file.path = RepoPath::parse("CLAUDE.local.md").expect("a path");
        }
        let mut root = Root::new(path);
        let mut digests = DigestCache::default();
        let mut read = |file, rendering, local| {
            let header = header("r", "1", &scope, local);
            let policy = Policy::Keep;
            let side = side(&mut root, file, rendering, &header, &[], policy, &mut digests);
            side.expect("read").plan(header)
        };
        let main = rendering(&values);
        let plans = [read(LOCK_FILE, &main, false), read(LOCAL_LOCK_FILE, &personal, true)];
        let outside = GitExclusion::find(path).expect("found").expect("a repository");
        let listing = outside.update(false, &plans[0], &plans[1]).expect("a list");
        let backup = Backup {
            folder: Some(store.clone()),
            verb: "sync",
            target: None,
            date: String::new(),
            required: true,
        };
        let list = Some((&outside, &listing));
        apply_checked(&mut root, &plans.each_ref(), list, &backup, &mut digests, accepts)
    };
    let nothing = Values::new();
    let mine = Values::from([("block", 1)]);
    let before = snapshot(path);
    let refused: Accepts<'_> = &|path, _| match path.as_str() {
        ".claude/settings.json" => Err("is not what anybody reads".to_owned()),
        _ => Ok(()),
    };
    // A first sync, one that begins the person's part, and one that ends it.
    for (value, own, next) in [(0, &nothing, &mine), (1, &nothing, &mine), (1, &mine, &nothing)] {
        if value > 0 {
            sync(value, own, &accepts).expect("a sync");
        }
        let before = if value == 0 { before.clone() } else { snapshot(path) };
        let kept = Generations::at(&store).all().expect("read").len();
        // What never was accepted is nobody's fault now: so the file must have been fine before.
        let times = std::cell::Cell::new(0);
        let first_only: Accepts<'_> = &|path, document| {
            times.set(times.get() + 1);
            if times.get() == 1 { refused(path, document) } else { Ok(()) }
        };
        let failure = sync(value + 1, next, first_only).expect_err("not accepted");
        assert!(failure.message.contains("all is as it was before"), "{}", failure.message);
        assert!(failure.message.contains("settings.json"), "{}", failure.message);
        assert_eq!(failure.kind, crate::ops::FailureKind::Io);
        assert_eq!(snapshot(path), before);
        assert_eq!(Generations::at(&store).all().expect("read").len(), kept);
    }
    // A file that was refused before is no reason to stop.
    sync(3, &mine, refused).expect("a sync");
}

#[test]
fn settings_that_claude_code_would_discard_are_not_accepted() {
    let check = |path: &str, document: Json, expect: Result<(), &str>| {
        let path = RepoPath::parse(path).expect("a path");
        let found = accepts(&path, &document);
        assert_eq!(found.is_ok(), expect.is_ok(), "{document}: {found:?}");
        if let (Err(found), Err(expect)) = (found, expect) {
            assert!(found.contains(expect), "{found}");
        }
    };
    let settings = ".claude/settings.json";
    check(settings, json!({"model": "opus", "permissions": {"deny": ["Read(./.env)"]}}), Ok(()));
    check(settings, json!({"model": 5}), Err("`model`"));
    check(".claude/settings.local.json", json!({"model": 5}), Err("`model`"));
    check(settings, json!({"permissions": {"allow": "Bash"}}), Err("`permissions.allow`"));
    check(settings, json!({"statusLine": {"command": "x"}}), Err("`statusLine`"));
    check(settings, json!([]), Err("no table"));
    check(settings, json!({"unknown": 5, "effortLevel": 5, "$schema": "x"}), Ok(()));
    check(".mcp.json", json!({"model": 5}), Ok(()));
}
