//! What a person takes back is not brought again by the next hook.

use super::config::{fleet, set};
use super::{bound, hook, silent};
use crate::support::TestEnv;

fn level(env: &TestEnv, workspace: &str) -> String {
    let settings = env.json(&format!("{workspace}/.claude/settings.json"));
    settings["env"]["LEVEL"].as_str().expect("LEVEL").to_owned()
}

fn configure(env: &TestEnv, value: &str) {
    env.write("config/base/layer.toml", format!("[environment]\nLEVEL = \"{value}\"\n"));
    env.commit_config();
}

#[test]
fn a_rollback_holds_until_the_configuration_changes() {
    let env = bound();
    configure(&env, "two");
    hook(&env, &["post-merge"]).code(0);
    env.run(&["-C", "ws", "rollback"]).code(0);
    assert_eq!(level(&env, "ws"), "one");
    let told = hook(&env, &["post-merge"]).code(0).stderr;
    assert!(told.starts_with("claude-env: left rolled back until "), "{told}");
    assert_eq!(told.lines().count(), 1);
    for _ in 0..3 {
        silent(&hook(&env, &["post-merge"]));
    }
    assert_eq!(level(&env, "ws"), "one");
    configure(&env, "three");
    assert_eq!(hook(&env, &["post-merge"]).code(0).stderr.lines().count(), 1);
    assert_eq!(level(&env, "ws"), "three");
    silent(&hook(&env, &["post-merge"]));
}

#[test]
fn a_sync_by_hand_ends_a_rollback_and_so_does_taking_it_back() {
    let env = bound();
    configure(&env, "two");
    env.sync().code(0);
    env.run(&["-C", "ws", "rollback"]).code(0);
    env.sync().code(0);
    assert_eq!(level(&env, "ws"), "two");
    silent(&hook(&env, &["post-merge"]));
    env.run(&["-C", "ws", "rollback"]).code(0);
    env.run(&["-C", "ws", "rollback"]).code(0);
    assert_eq!(level(&env, "ws"), "two");
    silent(&hook(&env, &["post-merge"]));
    assert_eq!(level(&env, "ws"), "two");
}

#[test]
fn the_hooks_of_the_config_repository_leave_it_too() {
    let env = fleet();
    set(&env, "two");
    env.run(&["sync", "--all"]).code(0);
    env.run(&["-C", "home/b", "rollback"]).code(0);
    let mut command = env.claude_env();
    let outcome = env.outcome(command.current_dir(env.join("config")).args(["hook", "post-merge"]));
    silent(&outcome);
    assert_eq!(level(&env, "home/b"), "one");
    set(&env, "three");
    let mut command = env.claude_env();
    let outcome = env.outcome(command.current_dir(env.join("config")).args(["hook", "post-merge"]));
    assert_eq!(outcome.code(0).stderr.lines().count(), 3);
    assert_eq!(level(&env, "home/b"), "three");
}
