//! `init`: what it asks for. What it does to a workspace is in `tests/sync`.

use crate::support::{TestEnv, tree};

#[test]
fn it_asks_for_a_config_repository() {
    let env = TestEnv::new();
    env.workspace();
    let outcome = env.run(&["-C", "ws", "init"]).code(2);
    assert!(outcome.stderr.contains("--source REPO"), "{}", outcome.stderr);
    let outcome = env.run(&["-C", "ws", "init", "--source", "file:///nowhere/x.git"]).code(3);
    assert!(
        outcome.stderr.contains("file:///nowhere/x.git: not found, or no access: "),
        "{}",
        outcome.stderr
    );
    let outcome = env.run(&["-C", "ws", "init", "--source", "../nowhere"]).code(2);
    assert!(outcome.stderr.contains("nowhere"), "{}", outcome.stderr);
    assert!(tree(&env.join("ws")).is_empty());
}

#[test]
fn a_config_repository_is_not_bound_by_accident() {
    let env = TestEnv::new();
    env.example();
    let outcome = env.run(&["-C", "config", "init", "--source", "."]).code(2);
    assert!(outcome.stderr.contains("is a config repository itself"), "{}", outcome.stderr);
    assert!(!env.join("config/.claude-env.toml").exists());
}

#[test]
fn a_name_that_is_not_there_binds_nothing() {
    let env = TestEnv::new();
    env.example();
    env.workspace();
    let outcome = env.bind(&["--team", "paymets"]).code(2);
    assert!(outcome.stderr.contains("payments"), "{}", outcome.stderr);
    assert!(tree(&env.join("ws")).is_empty());
}

#[test]
fn json_and_dry_run() {
    let env = TestEnv::new();
    env.example();
    env.workspace();
    let outcome = env.bind(&["--dry-run", "--format", "json"]).code(1);
    let answer = outcome.json();
    assert_eq!((&answer["command"], &answer["dry_run"]), (&"init".into(), &true.into()));
    assert!(answer["changes"].as_array().is_some_and(|changes| !changes.is_empty()));
    assert!(tree(&env.join("ws")).is_empty());
    let answer = env.bind(&["--format", "json"]).code(0).json();
    assert_eq!(answer["ok"], true);
    assert!(env.join("ws/.claude-env.toml").is_file());
}

#[test]
fn a_folder_outside_of_git_is_a_workspace_too() {
    let env = TestEnv::new();
    env.example();
    env.write("ws/file", "");
    env.bind(&["--team", "payments"]).code(0);
    assert!(env.join("ws/.mcp.json").is_file());
    assert_eq!(env.sync().code(0).stdout, "");
}
