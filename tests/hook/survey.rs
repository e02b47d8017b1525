//! `drift --all` and `status --all`: by size and time where these can be relied on, else by content.

use std::fs;

use super::config::{fleet, set};
use crate::support::TestEnv;

/// Syncs until size and time of all three can be relied on.
fn settle(env: &TestEnv) {
    for _ in 0..5_000 {
        env.run(&["sync", "--all"]).code(0);
        if methods(env, &[]) == ["mtime", "mtime", "mtime"] {
            return;
        }
    }
    panic!("no stamp is ever relied on");
}

/// How each workspace was looked at.
fn methods(env: &TestEnv, options: &[&str]) -> Vec<String> {
    let answer =
        env.run(&[&["status", "--all", "--format", "json"], options].concat()).code(0).json();
    let workspaces = answer["workspaces"].as_array().expect("workspaces");
    workspaces.iter().map(|one| one["method"].as_str().expect("a method").to_owned()).collect()
}

#[test]
fn what_differs_is_said_for_each_workspace() {
    let env = fleet();
    settle(&env);
    let none = env.run(&["drift", "--all"]).code(0);
    assert_eq!((none.stdout.as_str(), none.stderr.as_str()), ("", "no drift in 3 workspaces\n"));
    assert_eq!(methods(&env, &["--by-content"]), ["content"; 3]);
    let content = env.run(&["drift", "--all", "--by-content"]).code(0);
    assert_eq!(content, none);
    env.edit("home/b/.claude/settings.json", "\"one\"", "\"mine\"");
    assert_eq!(methods(&env, &[]), ["mtime", "content", "mtime"]);
    let drift = env.run(&["drift", "--all"]).code(1);
    assert_eq!(drift.stdout, "~/b  medium: 1 of 3 entries, 33.33 %, significant\n");
    assert_eq!(drift.stderr, "drift in 1 of 3 workspaces\n");
    let status = env.run(&["status", "--all"]).code(0);
    assert_eq!(status.stdout, "~/a  as configured\n~/b  1 drift\n~/c  as configured\n");
    env.run(&["status", "--all", "--check-drift"]).code(1);
    // A sync keeps it, so it is drift after it too, by whatever it is looked at.
    env.run(&["sync", "--all"]).code(0);
    assert_eq!(env.run(&["drift", "--all"]).code(1), drift);
    assert_eq!(env.run(&["drift", "--all", "--by-content"]).code(1), drift);
    let answer = env.run(&["drift", "--all", "--format", "json"]).code(1).json();
    assert_eq!(answer["ok"], false);
    assert_eq!(answer["workspaces"][1]["entries"][0]["pointer"], "/env/LEVEL");
    assert!(answer["workspaces"][1]["path"].as_str().expect("path").ends_with("/home/b"));
    env.run(&["drift", "--all", "--format", "sarif"]).code(2);
    env.run(&["drift", "--by-content"]).code(2);
}

#[test]
fn a_configuration_that_moved_is_no_drift_and_is_seen() {
    let env = fleet();
    settle(&env);
    set(&env, "two");
    env.run(&["drift", "--all"]).code(0);
    let status = env.run(&["-C", "config", "status", "--all"]).code(0);
    assert_eq!(status.stdout, "~/a  1 behind\n~/b  1 behind\n~/c  1 behind\n");
}

#[test]
fn what_is_foreign_and_not_welcome_is_found_whatever_the_stamp_says() {
    let env = fleet();
    let manifest = "version = 1\n[policy]\nexclusive = [\"mcp_servers\"]\n";
    env.write("config/claude-env.toml", manifest);
    env.commit_config();
    env.run(&["sync", "--all"]).code(0);
    env.write("home/a/.mcp.json", "{\"mcpServers\": {\"mine\": {\"command\": \"x\"}}}\n");
    let drift = env.run(&["drift", "--all"]).code(1);
    assert!(drift.stdout.starts_with("~/a  "), "{}", drift.stdout);
    env.run(&["sync", "--all"]).code(0);
    assert_eq!(env.run(&["drift", "--all"]).code(1), drift);
}

#[test]
fn what_cannot_be_looked_at_is_said_and_weighs_more_than_drift() {
    let env = fleet();
    settle(&env);
    env.edit("home/a/.claude/settings.json", "\"one\"", "\"mine\"");
    fs::write(env.join("home/b/.claude-env.lock"), "version = 99\n").expect("written");
    let drift = env.run(&["drift", "--all"]).code(2);
    let lines: Vec<&str> = drift.stdout.lines().collect();
    assert!(lines[0].starts_with("~/a  medium"), "{lines:?}");
    assert!(lines[1].starts_with("~/b  error: "), "{lines:?}");
    assert_eq!(drift.stderr, "drift in 1 of 3 workspaces, 1 could not be checked\n");
}

#[test]
fn a_config_repository_with_an_address_is_fetched_once_for_all() {
    let env = fleet();
    let url = format!("file://{}", env.join("config").display());
    for name in ["a", "b", "c"] {
        let binding = format!("home/{name}/.claude-env.toml");
        let text = env.read(&binding).replace(&env.join("config").display().to_string(), &url);
        env.write(&binding, text);
    }
    settle(&env);
    set(&env, "two");
    let status = env.run(&["status", "--all"]).code(0);
    assert_eq!(status.stdout, "~/a  1 behind\n~/b  1 behind\n~/c  1 behind\n");
    env.run(&["sync", "--all"]).code(0);
    settle(&env);
    fs::rename(env.join("config"), env.join("gone")).expect("moved");
    let status = env.run(&["status", "--all"]).code(0);
    assert_eq!(status.stdout, "~/a  as configured\n~/b  as configured\n~/c  as configured\n");
    assert_eq!(status.stderr.lines().count(), 1, "{}", status.stderr);
    assert!(status.stderr.starts_with("warning: using the revision of "), "{}", status.stderr);
    let offline = env.run(&["drift", "--all", "--offline"]).code(0);
    assert_eq!(offline.stderr, "no drift in 3 workspaces\n");
}
