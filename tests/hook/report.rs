//! Hooks that report what has changed, and write only what no commit holds.

use super::{hook, silent};
use crate::support::TestEnv;

/// A workspace in mode `committed`, as `init` makes it, with a user layer.
fn bound() -> TestEnv {
    let env = TestEnv::new();
    env.config(&[
        ("base/layer.toml", "[environment]\nLEVEL = \"one\"\nSTAYS = \"1\"\n"),
        ("users/u/layer.toml", "[environment]\nMINE = \"one\"\n"),
    ]);
    env.workspace();
    env.bind(&["--user", "u", "--no-hooks"]).code(0);
    env.commit_all("ws");
    env
}

/// Gives the shared and the personal variable these values.
fn configure(env: &TestEnv, level: &str, mine: &str) {
    let base = format!("[environment]\nLEVEL = \"{level}\"\nSTAYS = \"1\"\n");
    env.write("config/base/layer.toml", base);
    env.write("config/users/u/layer.toml", format!("[environment]\nMINE = \"{mine}\"\n"));
    env.commit_config();
}

fn mine(env: &TestEnv) -> String {
    let settings = env.json("ws/.claude/settings.local.json");
    settings["env"]["MINE"].as_str().unwrap_or_default().to_owned()
}

/// Git sees no change.
#[track_caller]
fn is_clean(env: &TestEnv) {
    assert_eq!(env.git("ws", &["status", "--porcelain"]), "");
}

const ONE: &str = "1 entry here to update; run `claude-env sync`, or pull the commit that has them";

#[test]
fn shared_files_are_left_to_a_commit_and_told_once_for_each_revision() {
    let env = bound();
    configure(&env, "two", "one");
    for arguments in [&["post-checkout", "0", "1", "1"][..], &["post-merge", "0"]] {
        let said = hook(&env, arguments).code(0).stderr;
        match arguments[0] {
            "post-checkout" => {
                assert!(
                    said.starts_with("claude-env: the configuration has changed (now "),
                    "{said}"
                );
                assert!(said.contains(ONE), "{said}");
                assert_eq!(said.lines().count(), 1, "{said}");
            }
            _ => assert_eq!(said, ""),
        }
        is_clean(&env);
    }
    // On another branch, other entries are behind: that is the same news.
    env.git("ws", &["checkout", "-q", "--orphan", "empty"]);
    env.git("ws", &["rm", "-q", "-r", "-f", ".claude", ".claude-env.lock"]);
    silent(&hook(&env, &["post-checkout", "0", "1", "1"]));
    env.git("ws", &["checkout", "-q", "-f", "main"]);
    silent(&hook(&env, &["post-checkout", "0", "1", "1"]));
    configure(&env, "three", "one");
    assert!(hook(&env, &["post-rewrite", "amend"]).code(0).stderr.contains(ONE));
    is_clean(&env);
    env.sync().code(0);
    assert_eq!(env.json("ws/.claude/settings.json")["env"]["LEVEL"], "three");
    silent(&hook(&env, &["post-merge", "0"]));
}

#[test]
fn personal_files_follow() {
    let env = bound();
    configure(&env, "two", "two");
    let said = hook(&env, &["post-merge", "0"]).code(0).stderr;
    assert!(said.contains("~ .claude/settings.local.json  env/MINE\n"), "{said}");
    assert!(said.contains(ONE), "{said}");
    assert_eq!(mine(&env), "two");
    is_clean(&env);
    configure(&env, "two", "three");
    let said = hook(&env, &["post-merge", "0"]).code(0).stderr;
    assert!(said.contains("~ .claude/settings.local.json  env/MINE\n"), "{said}");
    assert_eq!(mine(&env), "three");
}

#[test]
fn a_new_shared_file_is_not_in_the_way_of_the_pull_that_brings_it() {
    let env = bound();
    env.git("", &["clone", "-q", "--bare", "ws", "origin.git"]);
    env.git("ws", &["remote", "add", "origin", "../origin.git"]);
    env.git("", &["clone", "-q", "origin.git", "other"]);
    env.edit("other/.claude-env.toml", "../config", &env.join("config").display().to_string());
    env.write("config/base/rules/new.md", "# New\n");
    env.commit_config();
    env.run(&["-C", "other", "sync"]).code(0);
    env.git("other", &["checkout", "-q", ".claude-env.toml"]);
    env.commit_all("other");
    env.git("other", &["push", "-q"]);
    hook(&env, &["post-checkout", "0", "1", "1"]).code(0);
    assert!(!env.join("ws/.claude/rules/new.md").exists());
    is_clean(&env);
    env.git("ws", &["pull", "-q", "origin", "main"]);
    assert_eq!(env.read("ws/.claude/rules/new.md"), "# New\n");
}

#[test]
fn behind_and_drift_are_told_apart() {
    let env = bound();
    configure(&env, "two", "one");
    hook(&env, &["post-merge", "0"]).code(0);
    let drift = env.run(&["-C", "ws", "drift"]).code(0);
    assert!(drift.stderr.contains("behind: 1 entry changed in the configuration"), "{drift:?}");
    assert!(drift.stderr.contains("no drift"), "{drift:?}");
    let status = env.run(&["-C", "ws", "status"]).code(0).stdout;
    assert!(status.contains("\ndrift       none\nbehind      1 entry changed in the "), "{status}");
    env.run(&["-C", "ws", "status", "--check-drift"]).code(0);
    assert_eq!(env.run(&["status", "--all"]).code(0).stdout.trim_end(), "[ROOT]/ws  1 behind");
    env.edit("ws/.claude/settings.json", "\"STAYS\": \"1\"", "\"STAYS\": \"9\"");
    let answer = env.run(&["-C", "ws", "drift", "--format", "json"]).code(1).json();
    assert_eq!((&answer["behind"], &answer["drifted"]), (&1.into(), &1.into()));
    let answer = env.run(&["-C", "ws", "status", "--format", "json"]).code(0).json();
    assert_eq!((&answer["behind"], &answer["drift"]["drifted"]), (&1.into(), &1.into()));
}

#[test]
fn in_mode_local_the_value_report_writes_nothing() {
    let env = TestEnv::new();
    env.config(&[("base/layer.toml", "[environment]\nMINE = \"one\"\n")]);
    env.workspace();
    env.bind(&["--mode", "local", "--no-hooks"]).code(0);
    env.edit("ws/.claude-env.toml", "[render]\n", "[render]\nhooks = \"report\"\n");
    env.write("config/base/layer.toml", "[environment]\nMINE = \"two\"\n");
    env.commit_config();
    let before = env.read("ws/.claude/settings.json");
    let said = hook(&env, &["post-merge", "0"]).code(0).stderr;
    assert!(said.contains(ONE), "{said}");
    assert_eq!(env.read("ws/.claude/settings.json"), before);
    is_clean(&env);
    env.sync().code(0);
    assert_ne!(env.read("ws/.claude/settings.json"), before);
}

#[test]
fn a_change_of_the_mode_is_left_to_a_sync() {
    let env = TestEnv::new();
    env.config(&[("base/layer.toml", "[environment]\nMINE = \"one\"\n")]);
    env.workspace();
    env.bind(&["--mode", "local", "--no-hooks"]).code(0);
    env.edit("ws/.claude-env.toml", "\"local\"", "\"committed\"");
    env.write("config/base/layer.toml", "[environment]\nMINE = \"two\"\n");
    env.commit_config();
    hook(&env, &["post-merge", "0"]).code(0);
    // What git does not see stays so, until the files are those of the new mode.
    is_clean(&env);
}

#[test]
fn a_wrong_value_is_named() {
    let env = bound();
    env.edit("ws/.claude-env.toml", "[render]\n", "[render]\nhooks = \"never\"\n");
    let said = env.sync().code(2).stderr;
    assert!(said.contains("hooks") && said.contains("report"), "{said}");
}
