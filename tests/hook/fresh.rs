//! Config repositories with a URL in hooks: fetched only when it is time, quickly, and without a question.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::{Outcome, silent};
use crate::support::TestEnv;

/// A workspace that is bound to `config` by its address, fetched just now.
fn bound() -> TestEnv {
    let env = TestEnv::new();
    env.config(&[("base/layer.toml", "[environment]\nLEVEL = \"one\"\n")]);
    env.workspace();
    let url = format!("file://{}", env.join("config").display());
    env.run(&["-C", "ws", "init", "--source", &url]).code(0);
    env.hooks_sync("ws");
    env.write("config/base/layer.toml", "[environment]\nLEVEL = \"two\"\n");
    env.commit_config();
    env
}

fn level(env: &TestEnv) -> String {
    env.json("ws/.claude/settings.json")["env"]["LEVEL"].as_str().expect("LEVEL").to_owned()
}

fn hook(env: &TestEnv, variables: &[(&str, &str)]) -> Outcome {
    let mut command = env.claude_env();
    command.current_dir(env.join("ws")).envs(variables.iter().copied());
    env.outcome(command.args(["hook", "post-merge", "0"])).code(0)
}

/// Makes the last fetch, and the last one that was tried, an hour old.
fn age(env: &TestEnv) {
    let mirrors = env.home().join(".cache/claude-env/mirrors");
    let folder: PathBuf =
        fs::read_dir(mirrors).expect("mirrors").flatten().next().expect("one").path();
    for name in ["fetched", "tried"] {
        let Ok(text) = fs::read_to_string(folder.join(name)) else { continue };
        let then: u64 = text.trim().parse().expect("a time");
        fs::write(folder.join(name), format!("{}\n", then - 3_600_000)).expect("written");
    }
}

#[test]
fn a_hook_fetches_only_what_is_old() {
    let env = bound();
    silent(&hook(&env, &[]));
    assert_eq!(level(&env), "one");
    let outcome = hook(&env, &[("CLAUDE_ENV_FRESHNESS", "0")]);
    assert_eq!(outcome.stderr, "claude-env: ~ .claude/settings.json  env/LEVEL\n");
    assert_eq!(level(&env), "two");
    env.write("config/base/layer.toml", "[environment]\nLEVEL = \"three\"\n");
    env.commit_config();
    silent(&hook(&env, &[]));
    age(&env);
    silent(&hook(&env, &[("CLAUDE_ENV_FRESHNESS", "100000")]));
    assert_eq!(level(&env), "two");
    assert_eq!(hook(&env, &[]).stderr.lines().count(), 1);
    assert_eq!(level(&env), "three");
    // By hand, always.
    env.write("config/base/layer.toml", "[environment]\nLEVEL = \"four\"\n");
    env.commit_config();
    env.sync().code(0);
    assert_eq!(level(&env), "four");
    let wrong = hook(&env, &[("CLAUDE_ENV_FRESHNESS", "soon")]);
    assert!(wrong.stderr.contains("CLAUDE_ENV_FRESHNESS is `soon`"), "{}", wrong.stderr);
}

#[test]
fn what_another_workspace_fetched_counts() {
    let env = bound();
    let url = format!("file://{}", env.join("config").display());
    env.run(&["show", "--config-repo", &url]).code(0);
    assert_eq!(hook(&env, &[]).stderr.lines().count(), 1);
    assert_eq!(level(&env), "two");
}

#[test]
fn offline_is_said_once_a_window_and_the_last_revision_is_used() {
    let env = bound();
    fs::rename(env.join("config"), env.join("gone")).expect("moved");
    age(&env);
    let outcome = hook(&env, &[]);
    assert!(outcome.stderr.starts_with("claude-env: using the revision of "), "{}", outcome.stderr);
    assert_eq!(outcome.stderr.lines().count(), 1, "{}", outcome.stderr);
    for _ in 0..3 {
        silent(&hook(&env, &[]));
    }
    age(&env);
    assert_eq!(hook(&env, &[]).stderr.lines().count(), 1);
    silent(&hook(&env, &[]));
    fs::rename(env.join("gone"), env.join("config")).expect("moved back");
    age(&env);
    assert_eq!(hook(&env, &[]).stderr, "claude-env: ~ .claude/settings.json  env/LEVEL\n");
}

#[test]
fn what_was_never_fetched_is_not_tried_again_and_again() {
    let env = bound();
    let mirrors = env.home().join(".cache/claude-env/mirrors");
    fs::remove_dir_all(&mirrors).expect("removed");
    fs::rename(env.join("config"), env.join("gone")).expect("moved");
    let first = hook(&env, &[]);
    assert!(first.stderr.starts_with("claude-env: not synced: "), "{}", first.stderr);
    let second = hook(&env, &[]);
    assert!(second.stderr.contains("could not be fetched lately"), "{}", second.stderr);
    fs::rename(env.join("gone"), env.join("config")).expect("moved back");
    age(&env);
    assert_eq!(hook(&env, &[]).stderr, "claude-env: ~ .claude/settings.json  env/LEVEL\n");
}

#[test]
fn a_server_that_does_not_answer_keeps_git_for_a_short_time() {
    let env = bound();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let url = format!("git://127.0.0.1:{port}/config");
    let text = env.read("ws/.claude-env.toml");
    let line = text.lines().find(|line| line.starts_with("repository")).expect("the line");
    env.write("ws/.claude-env.toml", text.replace(line, &format!("repository = \"{url}\"")));
    let started = Instant::now();
    let outcome = hook(&env, &[]);
    assert!(started.elapsed() < Duration::from_secs(20));
    assert!(outcome.stderr.contains("not synced"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("5 s"), "{}", outcome.stderr);
}

#[test]
fn nobody_is_asked_for_a_password() {
    let env = bound();
    env.write("ssh", "#!/bin/sh\nenv > \"$TMPDIR/asked\"\nexit 255\n");
    fs::set_permissions(env.join("ssh"), Permissions::from_mode(0o755)).expect("the mode");
    let text = env.read("ws/.claude-env.toml");
    let line = text.lines().find(|line| line.starts_with("repository")).expect("the line");
    env.write("ws/.claude-env.toml", text.replace(line, "repository = \"me@localhost:config\""));
    let ssh = env.join("ssh").display().to_string();
    let variables = [
        ("GIT_SSH", ssh.as_str()),
        ("GIT_ASKPASS", "/ask"),
        ("SSH_ASKPASS", "/ask"),
        ("DISPLAY", ":0"),
    ];
    hook(&env, &variables);
    let asked = env.read("asked");
    for line in [
        "GIT_TERMINAL_PROMPT=0",
        "GIT_ASKPASS=false",
        "SSH_ASKPASS=false",
        "SSH_ASKPASS_REQUIRE=force",
    ] {
        assert!(asked.lines().any(|found| found == line), "{line} in {asked}");
    }
}
