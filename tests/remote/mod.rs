//! Config repositories with a URL: fetched by the real git, over every transport that needs no other machine.

mod faults;
mod follow;
mod http;
mod transports;

pub(crate) use faults::serve;

use std::net::TcpListener;
use std::path::PathBuf;

use crate::support::{Outcome, TestEnv};

/// A config repository with `N = "one"` in `config`, and a workspace.
fn stage() -> TestEnv {
    let env = TestEnv::new();
    env.config(&[("base/layer.toml", "[environment]\nN = \"one\"\n")]);
    env.workspace();
    env
}

/// The address of `config`.
fn url(env: &TestEnv) -> String {
    format!("file://{}", env.join("config").display())
}

/// [`stage`], with the workspace bound to the address.
fn bound() -> TestEnv {
    let env = stage();
    env.run(&["-C", "ws", "init", "--source", &url(&env)]).code(0);
    env
}

/// Gives N another value in the config repository, and commits it.
fn set(env: &TestEnv, value: &str) {
    env.write("config/base/layer.toml", format!("[environment]\nN = \"{value}\"\n"));
    env.commit_config();
}

/// What the workspace has.
#[track_caller]
fn value(env: &TestEnv) -> String {
    let settings = env.json("ws/.claude/settings.json");
    settings["env"]["N"].as_str().expect("N").to_owned()
}

/// What an address has.
fn show(env: &TestEnv, repository: &str, options: &[&str]) -> Outcome {
    env.run(&[&["show", "environment.N", "--config-repo", repository], options].concat())
}

/// Fails unless stderr has the text.
#[track_caller]
fn says(outcome: &Outcome, text: &str) {
    assert!(outcome.stderr.contains(text), "`{text}` in:\n{}", outcome.stderr);
}

/// The folder of the only mirror.
fn mirror(env: &TestEnv) -> PathBuf {
    let mut all = mirrors(env);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn mirrors(env: &TestEnv) -> Vec<PathBuf> {
    let folder = env.home().join(".cache/claude-env/mirrors");
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

/// A script that can be run.
fn script(env: &TestEnv, path: &str, text: &str) -> PathBuf {
    env.write(path, format!("#!/bin/sh\n{text}\n"));
    let path = env.join(path);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&path, mode).expect("the mode");
    path
}

/// A listener on a free port, and its number.
fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    (listener, port)
}
