//! A sync that is killed, or that runs out of disk, at every system call that it makes.
//!
//! strace counts the calls and strikes at the n-th. After each strike the next sync must make of the workspace what
//! an undisturbed one makes of it, and in between no file is half written.

use std::collections::BTreeMap;

use super::bound_beside_files;
use crate::support::{Entry, Outcome, TestEnv, copy, tool, tree};

/// A workspace that was synced once, whose configuration has moved on in every way since.
fn stage() -> TestEnv {
    let env = bound_beside_files();
    env.edit("config/base/layer.toml", "LEVEL = \"one\"", "LEVEL = \"two\"");
    env.edit("config/base/layer.toml", "acme.example/docs", "acme.example/v2");
    env.edit("config/base/layer.toml", "command = \"tool\"", "command = \"better-tool\"");
    env.edit("config/base/memory/10-rules.md", "Be kind.", "Be kind and brief.");
    env.write("config/base/agents/second.md", "---\nname: second\ndescription: b\n---\n\nB.\n");
    env.write("config/base/skills/one/SKILL.md", "---\nname: one\ndescription: b\n---\n\nB.\n");
    std::fs::remove_file(env.join("config/base/agents/helper.md")).expect("removed");
    std::fs::remove_file(env.join("config/base/hooks/guard.sh")).expect("removed");
    env.commit_config();
    std::fs::rename(env.join("ws"), env.join("before")).expect("moved");
    env
}

type Contents = BTreeMap<String, (Vec<u8>, bool)>;

fn contents(env: &TestEnv, folder: &str) -> Contents {
    let entry = |e: Entry| (e.bytes, e.executable);
    tree(&env.join(folder)).into_iter().map(|(path, e)| (path, entry(e))).collect()
}

fn reset(env: &TestEnv) {
    if env.join("ws").exists() {
        std::fs::remove_dir_all(env.join("ws")).expect("removed");
    }
    copy(&env.join("before"), &env.join("ws"));
}

/// Syncs with a fault at the n-th of a system call.
fn struck(env: &TestEnv, call: &str, fault: &str, n: usize) -> (Outcome, bool) {
    let mut command = env.command(tool("CLAUDE_ENV_TEST_STRACE"));
    let log = env.join("strace.log");
    command.args(["-f", "-qq", "-e", "signal=none", "-o"]).arg(&log);
    command.arg("-e").arg(format!("trace={call}"));
    command.arg("-e").arg(format!("inject={call}:{fault}:when={n}"));
    command.arg(assert_cmd::cargo::cargo_bin("claude-env"));
    command.args(["-C", "ws", "sync"]);
    let outcome = env.outcome(&mut command);
    let calls = std::fs::read_to_string(&log).expect("the log");
    let made = calls.lines().filter(|line| line.contains(&format!("{call}("))).count();
    (outcome, made >= n)
}

/// What the workspace had, what it is to have, and what an undisturbed sync of it leaves.
struct Expected {
    before: Contents,
    after: Contents,
}

fn expected(env: &TestEnv) -> Expected {
    reset(env);
    let before = contents(env, "ws");
    env.sync().code(0);
    let after = contents(env, "ws");
    assert_ne!(before, after);
    Expected { before, after }
}

/// Every file that is not one of our temporary ones is as before or as after, never in between.
fn is_whole(env: &TestEnv, expected: &Expected, what: &str) {
    for (path, now) in contents(env, "ws") {
        if path.contains(".claude-env-tmp-") || path.starts_with(".claude-env.lock") {
            continue;
        }
        let known = [expected.before.get(&path), expected.after.get(&path)];
        assert!(known.contains(&Some(&now)), "{what}: {path} is neither old nor new");
    }
}

#[expect(
    clippy::print_stdout,
    reason = "shown with --nocapture, for the table in docs/reliability.md"
)]
fn strikes(call: &str, fault: &str, at_least: usize, check: impl Fn(&Outcome, bool, &str)) {
    let env = stage();
    let expected = expected(&env);
    let mut hits = 0;
    for n in 1.. {
        reset(&env);
        let (outcome, hit) = struck(&env, call, fault, n);
        let what = format!("{call} {n}, {fault}");
        if !hit {
            assert_eq!(outcome.code, Some(0), "{what}: {}", outcome.stderr);
            break;
        }
        hits += 1;
        is_whole(&env, &expected, &what);
        check(&outcome, contents(&env, "ws") == expected.after, &what);
        env.sync().code(0);
        assert!(contents(&env, "ws") == expected.after, "{what}: the next sync puts it right");
    }
    println!("{call} with {fault}: {hits} strikes");
    assert!(hits >= at_least, "{call} was struck {hits} times only");
}

fn killed(call: &str, at_least: usize) {
    strikes(call, "signal=KILL", at_least, |_, _, _| {});
}

#[test]
fn killed_at_any_rename() {
    // Of the lock, of new folders, and of files.
    killed("renameat", 6);
}

#[test]
fn killed_at_any_open() {
    killed("openat", 20);
    killed("openat2", 4);
}

#[test]
fn killed_at_any_write() {
    killed("write", 6);
}

#[test]
fn killed_at_any_flush() {
    killed("fdatasync", 3);
}

#[test]
fn killed_at_any_removal() {
    // Of files and of empty folders.
    killed("unlinkat", 3);
    killed("mkdirat", 2);
}

/// A failed call ends the run with 3 and says why, or did no harm.
fn fails(call: &str, error: &str, says: &str) {
    strikes(call, &format!("error={error}"), 1, |outcome, done, what| match outcome.code {
        // Where the files are right and only the report was lost, that is what it says.
        Some(3) if done => assert!(outcome.stderr.contains("error: cannot"), "{what}"),
        Some(3) => assert!(outcome.stderr.contains(says), "{what}: {}", outcome.stderr),
        code => assert!(code == Some(0) && done, "{what}: {code:?}, {}", outcome.stderr),
    });
}

#[test]
fn a_full_disk_is_said_and_put_right() {
    fails("write", "ENOSPC", "the disk is full");
    fails("fdatasync", "ENOSPC", "the disk is full");
    fails("mkdirat", "ENOSPC", "the disk is full");
    fails("renameat", "ENOSPC", "the disk is full");
}

#[test]
fn a_failing_disk_is_said_and_put_right() {
    fails("fdatasync", "EIO", "Input/output error");
    fails("renameat", "EIO", "Input/output error");
    fails("renameat", "EROFS", "read-only");
}
