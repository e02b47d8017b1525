//! Git's hooks in a clone of a config repository, and `sync --all`.

use std::fs;

use super::silent;
use crate::support::{Outcome, TestEnv};

/// A config repository and three workspaces below `home`, two of one team.
pub(super) fn fleet() -> TestEnv {
    let env = TestEnv::new();
    env.config(&[
        ("base/layer.toml", "[environment]\nLEVEL = \"one\"\n"),
        ("teams/t/layer.toml", "[environment]\nTEAM = \"t\"\n"),
    ]);
    for (name, options) in [("a", &["--team", "t"][..]), ("b", &["--team", "t"]), ("c", &[])] {
        env.git("home", &["init", "--quiet", name]);
        let folder = format!("home/{name}");
        let source = env.join("config").display().to_string();
        env.run(&[&["-C", &folder, "init", "--source", &source], options].concat()).code(0);
        env.hooks_sync(&folder);
    }
    env
}

pub(super) fn set(env: &TestEnv, value: &str) {
    env.write("config/base/layer.toml", format!("[environment]\nLEVEL = \"{value}\"\n"));
    env.commit_config();
}

fn levels(env: &TestEnv) -> [String; 3] {
    ["a", "b", "c"].map(|name| {
        let settings = env.json(&format!("home/{name}/.claude/settings.json"));
        settings["env"]["LEVEL"].as_str().expect("LEVEL").to_owned()
    })
}

fn hook(env: &TestEnv, folder: &str, name: &str) -> Outcome {
    let mut command = env.claude_env();
    env.outcome(command.current_dir(env.join(folder)).args(["hook", name]))
}

#[test]
fn the_hooks_of_the_config_repository_sync_every_workspace_that_reads_it() {
    let env = fleet();
    silent(&hook(&env, "config", "post-merge"));
    set(&env, "two");
    let outcome = hook(&env, "config", "post-merge").code(0);
    let lines = ["a", "b", "c"].map(|name| format!("claude-env: ~/{name}: 1 changed\n"));
    assert_eq!(outcome.stderr, lines.concat());
    assert_eq!(levels(&env), ["two", "two", "two"]);
    silent(&hook(&env, "config", "post-checkout"));
    // Another repository's workspaces are not its business; a linked work tree of it is it.
    env.git("", &["clone", "-q", "config", "other"]);
    env.git("config", &["worktree", "add", "-q", "-b", "side", "../linked"]);
    set(&env, "three");
    silent(&hook(&env, "other", "post-merge"));
    assert_eq!(hook(&env, "linked", "post-rewrite").code(0).stderr.lines().count(), 3);
    assert_eq!(levels(&env), ["three", "three", "three"]);
}

#[test]
fn what_is_wrong_in_one_workspace_stops_no_other() {
    let env = fleet();
    env.edit("home/a/.claude/settings.json", "\"one\"", "\"mine\"");
    env.write("home/b/.claude-env.toml", "[source]\nrepository = 7\n");
    set(&env, "two");
    let outcome = hook(&env, "config", "post-merge").code(0);
    let lines: Vec<&str> = outcome.stderr.lines().collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(lines[0], "claude-env: ~/a: 1 kept");
    assert!(lines[1].starts_with("claude-env: ~/b: not synced: "), "{lines:?}");
    assert_eq!(lines[2], "claude-env: ~/c: 1 changed");
    // What is kept is told once.
    assert_eq!(hook(&env, "config", "post-merge").code(0).stderr.lines().count(), 1);
    // A configuration that cannot be used is said, and git goes on.
    env.write("config/base/layer.toml", "[environment]\nLEVEL = 7x\n");
    env.commit_config();
    let outcome = hook(&env, "config", "post-merge").code(0);
    assert!(outcome.stderr.contains("~/c: not synced"), "{}", outcome.stderr);
}

#[test]
fn sync_all_is_about_the_repository_around_or_named_or_about_all() {
    let env = fleet();
    env.git("", &["clone", "-q", "config", "other"]);
    env.git("home", &["init", "-q", "d"]);
    env.run(&["-C", "home/d", "init", "--source", "../../other"]).code(0);
    let all = |folder: &str, options: &[&str]| {
        env.run(&[&["-C", folder, "sync", "--all"], options].concat()).code(0).stdout
    };
    let lines = |names: &str| {
        names.chars().map(|name| format!("~/{name}  nothing to do\n")).collect::<String>()
    };
    assert_eq!(all("config", &[]), lines("abc"));
    assert_eq!(all("other", &[]), lines("d"));
    assert_eq!(all("home/a", &[]), lines("abcd"));
    assert_eq!(all(".", &[]), lines("abcd"));
    assert_eq!(all(".", &["--config-repo", "other"]), lines("d"));
    set(&env, "two");
    let pending = env.run(&["-C", "config", "sync", "--all", "--dry-run"]).code(1);
    assert_eq!(pending.stdout, lines("abc").replace("nothing to do", "1 changed"));
    assert_eq!(levels(&env), ["one", "one", "one"]);
    let answer = env.run(&["-C", "config", "sync", "--all", "--format", "json"]).code(0).json();
    assert_eq!(answer["workspaces"].as_array().map(Vec::len), Some(3));
    assert_eq!(answer["workspaces"][1]["changes"][0]["pointer"], "/env/LEVEL");
    assert_eq!(levels(&env), ["two", "two", "two"]);
    env.run(&["sync", "--all", "--team", "t"]).code(2);
    env.run(&["sync", "--all", "--watch"]).code(2);
}

#[test]
fn workspaces_that_vanish_are_forgotten_and_those_that_fail_are_said() {
    let env = fleet();
    let registry = env.join("home/.local/state/claude-env/registry");
    let registered = || fs::read_dir(&registry).expect("the registry").count();
    assert_eq!(registered(), 3);
    fs::remove_dir_all(env.join("home/b")).expect("removed");
    fs::remove_file(env.join("home/c/.claude-env.toml")).expect("removed");
    let outcome = env.run(&["sync", "--all"]).code(0);
    assert_eq!(outcome.stdout, "~/a  nothing to do\n");
    assert_eq!(registered(), 1);
    fs::rename(env.join("config"), env.join("gone")).expect("moved");
    let outcome = env.run(&["sync", "--all"]).code(2);
    assert!(outcome.stdout.starts_with("~/a  error: "), "{}", outcome.stdout);
    assert_eq!(registered(), 1);
    fs::remove_dir_all(&registry).expect("removed");
    let none = env.run(&["sync", "--all"]).code(0);
    assert!(none.stderr.contains("no workspace is registered"), "{}", none.stderr);
    // A sync registers it again, and a file that is not understood is left.
    fs::rename(env.join("gone"), env.join("config")).expect("moved back");
    env.run(&["-C", "home/a", "sync"]).code(0);
    fs::write(registry.join("later"), "claude-env workspace 2\n").expect("written");
    assert_eq!(env.run(&["sync", "--all"]).code(0).stdout, "~/a  nothing to do\n");
    assert_eq!(registered(), 2);
}

#[test]
fn elsewhere_the_hook_before_a_commit_says_nothing() {
    let env = fleet();
    silent(&hook(&env, "home/a", "pre-commit"));
    silent(&hook(&env, "home", "pre-commit"));
}
