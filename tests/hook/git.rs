//! Hooks that real git calls: it always succeeds, and afterwards the workspace follows its configuration.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use assert_cmd::cargo::cargo_bin;

use super::bound;
use crate::support::{Outcome, TestEnv};

/// Writes the hooks of a repository, as they are installed.
fn install(env: &TestEnv, hooks: &str) {
    for name in ["post-checkout", "post-merge", "post-rewrite"] {
        let path = format!("{hooks}/{name}");
        let program = cargo_bin("claude-env");
        env.write(&path, format!("#!/bin/sh\nexec '{}' hook {name} \"$@\"\n", program.display()));
        fs::set_permissions(env.join(&path), Permissions::from_mode(0o755)).expect("the mode");
    }
}

/// A workspace whose rendering is committed on `main`, with the hooks.
fn hooked() -> TestEnv {
    let env = bound();
    env.commit_all("ws");
    install(&env, "ws/.git/hooks");
    env
}

/// Gives LEVEL another value in the configuration.
fn set(env: &TestEnv, value: &str) {
    env.write("config/base/layer.toml", format!("[environment]\nLEVEL = \"{value}\"\n"));
    env.commit_config();
}

fn level(env: &TestEnv, workspace: &str) -> String {
    let settings = env.json(&format!("{workspace}/.claude/settings.json"));
    settings["env"]["LEVEL"].as_str().expect("LEVEL").to_owned()
}

/// Runs git in `ws`; what it and its hooks said.
#[track_caller]
fn git(env: &TestEnv, arguments: &[&str]) -> Outcome {
    let mut command = env.command("git");
    env.outcome(command.current_dir(env.join("ws")).args(arguments)).code(0)
}

#[test]
fn checkout_merge_and_amend_are_followed() {
    let env = hooked();
    set(&env, "two");
    let said = git(&env, &["checkout", "-q", "-b", "feature"]).stderr;
    assert_eq!(said, "claude-env: ~ .claude/settings.json  env/LEVEL\n");
    assert_eq!(level(&env, "ws"), "two");
    env.commit_all("ws");
    git(&env, &["checkout", "-q", "main"]);
    assert_eq!(level(&env, "ws"), "two");
    env.write("ws/README.md", "read me\n");
    env.commit_all("ws");
    set(&env, "three");
    git(&env, &["merge", "-q", "--no-edit", "-s", "ours", "feature"]);
    assert_eq!(level(&env, "ws"), "three");
    set(&env, "four");
    git(&env, &["commit", "-q", "--amend", "--no-edit", "-a"]);
    assert_eq!(level(&env, "ws"), "four");
}

#[test]
fn a_new_work_tree_and_a_submodule_are_followed() {
    let env = hooked();
    // A path that means the same from every work tree.
    env.edit("ws/.claude-env.toml", "../config", &env.join("config").display().to_string());
    env.sync().code(0);
    env.commit_all("ws");
    set(&env, "two");
    git(&env, &["worktree", "add", "-q", "-b", "other", "../linked"]);
    assert_eq!(level(&env, "linked"), "two");
    assert_eq!(level(&env, "ws"), "one");
    // Each work tree has its own stamp.
    git(&env, &["checkout", "-q", "--detach"]);
    assert_eq!(level(&env, "ws"), "two");
    assert!(env.join("ws/.git/worktrees/linked/claude-env/stamp").is_file());

    env.commit_all("ws");
    env.git("", &["init", "-q", "outer"]);
    let allow = ["-c", "protocol.file.allow=always"];
    env.git("outer", &[&allow[..], &["submodule", "--quiet", "add", "../ws", "inner"]].concat());
    install(&env, "outer/.git/modules/inner/hooks");
    set(&env, "three");
    let mut command = env.command("git");
    let outcome = env.outcome(command.current_dir(env.join("outer")).args(allow).args([
        "submodule",
        "update",
        "--force",
    ]));
    outcome.code(0);
    env.git("outer/inner", &["checkout", "-q", "-b", "work"]);
    assert_eq!(level(&env, "outer/inner"), "three");
}

/// `main` and `feature` have each a commit that changes what is rendered, and the configuration has moved on.
fn diverged() -> TestEnv {
    let env = hooked();
    git(&env, &["checkout", "-q", "-b", "feature"]);
    for note in ["one", "two", "three"] {
        env.edit("ws/.claude/settings.json", "{\n  \"", &format!("{{\n  \"{note}\": 1,\n  \""));
        env.commit_all("ws");
    }
    git(&env, &["checkout", "-q", "main"]);
    env.write("ws/README.md", "read me\n");
    env.commit_all("ws");
    git(&env, &["checkout", "-q", "feature"]);
    set(&env, "two");
    env
}

#[test]
fn a_rebase_is_not_disturbed_and_followed_when_it_is_over() {
    let env = diverged();
    git(&env, &["rebase", "-q", "main"]);
    assert_eq!(level(&env, "ws"), "two");
    assert_eq!(git(&env, &["rev-list", "--count", "main..feature"]).stdout, "3\n");
    // One with nothing to pick.
    env.commit_all("ws");
    git(&env, &["checkout", "-q", "-f", "-B", "behind", "feature~2"]);
    env.git("ws", &["-c", "core.hooksPath=/dev/null", "checkout", "-q", "-f", "."]);
    set(&env, "three");
    git(&env, &["rebase", "-q", "feature"]);
    assert_eq!(level(&env, "ws"), "three");
}

#[test]
fn a_rebase_that_stops_is_followed_when_it_goes_on_to_its_end() {
    let env = diverged();
    git(&env, &["-c", "sequence.editor=sed -i 2s/pick/edit/", "rebase", "-q", "-i", "main"]);
    git(&env, &["commit", "-q", "--amend", "-m", "amended"]);
    git(&env, &["checkout", "-q", "--", "README.md"]);
    assert_eq!(level(&env, "ws"), "one");
    git(&env, &["rebase", "--continue"]);
    assert_eq!(level(&env, "ws"), "two");
}

#[test]
fn what_git_sets_aside_meanwhile_comes_back_untouched() {
    let env = diverged();
    env.edit("ws/.claude/settings.json", "\"one\": 1", "\"one\": 7");
    let said = git(&env, &["rebase", "-q", "--autostash", "main"]).stderr;
    assert!(said.contains("not synced, for git is about to put your changes back"), "{said}");
    assert!(env.read("ws/.claude/settings.json").contains("\"one\": 7"), "{said}");
    assert_eq!(level(&env, "ws"), "one");
    env.sync().code(0);
    assert_eq!(level(&env, "ws"), "two");
    assert!(env.read("ws/.claude/settings.json").contains("\"one\": 7"));
}

#[test]
fn the_steps_of_a_bisection_are_left_as_they_are() {
    let env = diverged();
    git(&env, &["bisect", "start", "-q", "feature", "feature~3"]);
    git(&env, &["bisect", "good"]);
    git(&env, &["status"]);
    assert_eq!(level(&env, "ws"), "one");
    git(&env, &["bisect", "reset"]);
    assert_eq!(level(&env, "ws"), "two");
}

#[test]
fn a_conflict_is_left_to_the_person() {
    let env = diverged();
    git(&env, &["checkout", "-q", "-b", "rival", "main"]);
    git(&env, &["checkout", "-q", "-f", "rival"]);
    env.edit("ws/.claude/settings.json", "{\n  \"", "{\n  \"rival\": 1,\n  \"");
    env.commit_all("ws");
    set(&env, "three");
    for operation in [["merge", "--abort"], ["cherry-pick", "--abort"]] {
        let mut command = env.command("git");
        command.current_dir(env.join("ws")).args([operation[0], "feature"]);
        assert_eq!(env.outcome(&mut command).code, Some(1), "a conflict");
        let conflict = env.read("ws/.claude/settings.json");
        assert!(conflict.contains("<<<<<<<"), "{conflict}");
        git(&env, &["checkout", "-q", "--ours", ".claude/settings.json"]);
        assert_ne!(level(&env, "ws"), "three");
        git(&env, &[operation[0], operation[1]]);
    }
}
