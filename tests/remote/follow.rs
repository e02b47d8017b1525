//! What is read of a remote: its branches, tags and commits, as they move.

use super::{bound, mirror, mirrors, says, set, show, stage, url, value};
use crate::support::TestEnv;

#[test]
fn a_url_is_bound_fetched_and_followed() {
    let env = bound();
    assert_eq!(value(&env), "one");
    let address = url(&env);
    assert!(env.read("ws/.claude-env.toml").contains(&format!("repository = \"{address}\"")));
    assert!(!env.read("ws/.claude-env.toml").contains("ref ="), "the remote says what its HEAD is");
    assert!(env.read("ws/.claude-env.lock").contains(&format!("repository = \"{address}\"")));
    let commit = env.git("config", &["rev-parse", "HEAD"]);
    assert!(env.read("ws/.claude-env.lock").contains(commit.trim()));

    set(&env, "two");
    assert_eq!(env.run(&["-C", "ws", "sync", "--dry-run"]).code(1).stdout.lines().count(), 1);
    assert_eq!(value(&env), "one");
    let synced = env.sync().code(0);
    assert_eq!(value(&env), "two");
    assert!(!synced.stderr.contains("warning"), "{}", synced.stderr);
    assert_eq!(env.sync().code(0).stdout, "");
    env.run(&["-C", "ws", "init", "--source", &address]).code(0);
    let other = env.run(&["-C", "ws", "init", "--source", "https://example.com/other"]).code(2);
    says(&other, "not to `https://example.com/other`");
    assert_eq!(mirrors(&env).len(), 1);
}

#[test]
fn every_command_reads_a_url() {
    let env = stage();
    let address = url(&env);
    assert_eq!(show(&env, &address, &[]).code(0).stdout, "\"one\"\n");
    set(&env, "two");
    assert_eq!(show(&env, &address, &[]).code(0).stdout, "\"two\"\n");
    let repository = ["--config-repo", address.as_str()];
    env.run(&[&["check"], repository.as_slice()].concat()).code(0);
    let explained = env.run(&[&["explain", "environment.N"], repository.as_slice()].concat());
    assert!(explained.code(0).stdout.contains("base/layer.toml:2:5"));
    env.run(&[&["render", "--output", "out"], repository.as_slice()].concat()).code(0);
    assert_eq!(env.json("out/.claude/settings.json")["env"]["N"], "two");
    let mut named = env.claude_env();
    named.args(["show", "environment.N"]).env("CLAUDE_ENV_CONFIG_REPO", &address);
    assert_eq!(env.outcome(&mut named).code(0).stdout, "\"two\"\n");
    for needs_folder in [["check", "--staged"], ["pack", "list"]] {
        let refused = env.run(&[needs_folder.as_slice(), &repository].concat()).code(2);
        says(&refused, "a folder is needed here");
    }
}

#[test]
fn branches_tags_and_commits_are_read_by_name() {
    let env = stage();
    let address = url(&env);
    env.git("config", &["tag", "--annotate", "--message", "x", "v1"]);
    env.git("config", &["branch", "release/1"]);
    set(&env, "two");
    let first = env.git("config", &["rev-parse", "--short=10", "v1"]);
    for revision in ["v1", "release/1", "HEAD~1", "main~1", "refs/heads/release/1"] {
        assert_eq!(show(&env, &address, &["--rev", revision]).code(0).stdout, "\"one\"\n");
    }
    let first_commit = env.git("config", &["rev-parse", "--short=10", "v1^{commit}"]);
    for id in [first, first_commit] {
        assert_eq!(show(&env, &address, &["--rev", id.trim()]).code(0).stdout, "\"one\"\n");
    }
    for revision in ["HEAD", "main"] {
        assert_eq!(show(&env, &address, &["--rev", revision]).code(0).stdout, "\"two\"\n");
    }
    // The default branch is another one from now on.
    env.git("config", &["switch", "--quiet", "release/1"]);
    assert_eq!(show(&env, &address, &[]).code(0).stdout, "\"one\"\n");
    env.run(&["-C", "ws", "init", "--source", &address, "--ref", "main"]).code(0);
    assert_eq!(value(&env), "two");
    assert!(env.read("ws/.claude-env.toml").contains("ref = \"main\""));
}

#[test]
fn a_rewritten_branch_is_followed_and_one_that_is_gone_is_named() {
    let env = stage();
    env.git("config", &["branch", "stable"]);
    env.git("config", &["tag", "v1"]);
    set(&env, "two");
    env.run(&["-C", "ws", "init", "--source", &url(&env), "--ref", "main"]).code(0);
    assert_eq!(value(&env), "two");

    env.git("config", &["reset", "--quiet", "--hard", "HEAD~1"]);
    set(&env, "three");
    env.git("config", &["tag", "--force", "v1"]);
    env.sync().code(0);
    assert_eq!(value(&env), "three");
    assert_eq!(show(&env, &url(&env), &["--rev", "v1"]).code(0).stdout, "\"three\"\n");

    env.git("config", &["branch", "--move", "main", "trunk"]);
    let gone = env.sync().code(2);
    says(&gone, "has no branch, tag or commit `main`");
    says(&gone, "its branches and tags: stable, trunk, v1");
    assert_eq!(value(&env), "three");
    env.edit("ws/.claude-env.toml", "\"main\"", "\"trnk\"");
    says(&env.sync().code(2), "did you mean `trunk`?");
    env.edit("ws/.claude-env.toml", "\"trnk\"", "\"trunk\"");
    env.sync().code(0);

    // A branch in the place of a folder of branches, and the other way round.
    env.git("config", &["branch", "a"]);
    env.sync().code(0);
    env.git("config", &["branch", "--delete", "a"]);
    env.git("config", &["branch", "a/b"]);
    let outcome = env.sync().code(0);
    assert!(!outcome.stderr.contains("warning"), "{}", outcome.stderr);
    env.git("config", &["branch", "--delete", "a/b"]);
    env.git("config", &["branch", "a"]);
    assert_eq!(show(&env, &url(&env), &["--rev", "a"]).code(0).stdout, "\"three\"\n");
}

#[test]
fn a_remote_without_commits_or_default_branch_says_so() {
    let env = TestEnv::new();
    env.workspace();
    env.git("", &["init", "--quiet", "--bare", "--initial-branch=main", "config"]);
    let address = url(&env);
    says(&show(&env, &address, &[]).code(2), "has no commits yet");
    env.write("work/claude-env.toml", "version = 1\n");
    env.write("work/base/layer.toml", "[environment]\nN = \"one\"\n");
    env.commit_all("work");
    env.git("work", &["push", "--quiet", &address, "main:trunk"]);
    let outcome = show(&env, &address, &[]).code(2);
    says(&outcome, "does not say which branch is its default");
    says(&outcome, "trunk");
    assert_eq!(show(&env, &address, &["--rev", "trunk"]).code(0).stdout, "\"one\"\n");
    env.git("config", &["symbolic-ref", "HEAD", "refs/heads/trunk"]);
    assert_eq!(show(&env, &address, &[]).code(0).stdout, "\"one\"\n");
    env.git("config", &["symbolic-ref", "HEAD", "refs/heads/main"]);
    says(&show(&env, &address, &[]).code(2), "does not say which branch is its default");
}

#[test]
fn frozen_renders_the_commit_of_the_lock() {
    let env = bound();
    let frozen = || env.run(&["-C", "ws", "sync", "--frozen"]);
    set(&env, "two");
    std::fs::remove_file(env.join("ws/.claude/settings.json")).expect("the file was rendered");
    frozen().code(0);
    // Its entries are deleted by hand, which is kept; a fresh clone of the workspace shows what is rendered.
    env.write("other/.claude-env.toml", env.read("ws/.claude-env.toml"));
    let none = env.run(&["-C", "other", "sync", "--frozen"]).code(2);
    says(&none, "demands no commit");
    env.write("other/.claude-env.lock", lock_head(&env.read("ws/.claude-env.lock")));
    env.run(&["-C", "other", "sync", "--frozen"]).code(0);
    assert_eq!(env.json("other/.claude/settings.json")["env"]["N"], "one");

    // Nothing is fetched as long as the commit is there: not even the remote is needed.
    std::fs::rename(env.join("config"), env.join("away")).expect("moved");
    let outcome = frozen().code(0);
    assert!(!outcome.stderr.contains("warning"), "{}", outcome.stderr);
    env.run(&["-C", "ws", "sync", "--frozen", "--offline"]).code(0);
    std::fs::remove_dir_all(mirror(&env)).expect("the mirror");
    frozen().code(3);
    says(&env.run(&["-C", "ws", "sync", "--frozen", "--offline"]).code(3), "never fetched");
    std::fs::rename(env.join("away"), env.join("config")).expect("moved back");
    frozen().code(0);
    env.run(&["-C", "ws", "sync", "--frozen", "--rev", "main"]).code(2);
    assert_eq!(env.json("other/.claude/settings.json")["env"]["N"], "one");
    env.run(&["-C", "other", "sync"]).code(0);
    assert_eq!(env.json("other/.claude/settings.json")["env"]["N"], "two");
}

/// A lock that has written nothing yet, of the same revision.
fn lock_head(lock: &str) -> String {
    let keeps = |line: &&str| {
        ["#", "version", "repository", "revision"].iter().any(|start| line.starts_with(start))
    };
    lock.lines().filter(keeps).flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn frozen_finds_a_commit_that_no_branch_has_any_more() {
    let env = stage();
    set(&env, "two");
    env.run(&["-C", "ws", "init", "--source", &url(&env)]).code(0);
    env.git("config", &["reset", "--quiet", "--hard", "HEAD~1"]);
    set(&env, "three");
    env.run(&["-C", "ws", "sync", "--frozen"]).code(0);
    assert_eq!(value(&env), "two");
    // On another machine it has to be asked for by its id, and the lock still has it.
    std::fs::remove_dir_all(mirror(&env)).expect("the mirror");
    env.run(&["-C", "ws", "sync", "--frozen"]).code(0);
    assert_eq!(value(&env), "two");
    std::fs::remove_dir_all(mirror(&env)).expect("the mirror");
    env.git("config", &["reflog", "expire", "--expire=now", "--all"]);
    env.git("config", &["gc", "--quiet", "--prune=now"]);
    let lost = env.run(&["-C", "ws", "sync", "--frozen"]).code(3);
    says(&lost, "which the lock demands, is not in file://");
    assert_eq!(value(&env), "two");
    env.sync().code(0);
    assert_eq!(value(&env), "three");
}

#[test]
fn frozen_works_for_paths_too() {
    let env = stage();
    env.bind(&[]).code(0);
    set(&env, "two");
    env.run(&["-C", "ws", "sync", "--frozen"]).code(0);
    assert_eq!(value(&env), "one");
    env.sync().code(0);
    assert_eq!(value(&env), "two");
    let commit = env.git("config", &["rev-parse", "HEAD"]);
    env.edit("ws/.claude-env.lock", commit.trim(), &"0123456789".repeat(4));
    says(&env.run(&["-C", "ws", "sync", "--frozen"]).code(2), "the lock demands this commit");
    // A folder as it stands has no commit.
    env.edit("ws/.claude-env.lock", &"0123456789".repeat(4), "main");
    says(&env.run(&["-C", "ws", "sync", "--frozen"]).code(2), "demands no commit");
}
