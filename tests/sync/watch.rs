//! `sync --watch`: real changes of real files, and signals. A line on stdout says that a round is over; nothing here sleeps.

#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, ChildStdout, Stdio};

use super::{bound, config};
use crate::support::{TestEnv, assert_valid};

struct Watching {
    child: Child,
    out: BufReader<ChildStdout>,
    err: BufReader<ChildStderr>,
}

impl Watching {
    fn start(env: &TestEnv, options: &[&str]) -> Self {
        let mut command = env.claude_env();
        command.args(["-C", "ws", "sync", "--watch"]).args(options);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let out = BufReader::new(child.stdout.take().expect("stdout"));
        let err = BufReader::new(child.stderr.take().expect("stderr"));
        Self { child, out, err }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    }

    /// The next line as JSON, which must match its schema.
    fn json(&mut self) -> serde_json::Value {
        let value = serde_json::from_str(&self.line()).expect("JSON");
        assert_valid("sync-watch", &value);
        value
    }

    /// Until this line stands on stderr, changes are not waited for yet.
    fn ready(&mut self) {
        let mut line = String::new();
        while !line.starts_with("watching") {
            line.clear();
            assert_ne!(self.err.read_line(&mut line).expect("a line"), 0, "it ended");
        }
    }

    fn end(&mut self, signal: rustix::process::Signal) -> Option<i32> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).expect("a signal");
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_commit_in_the_config_repository_is_followed_at_once() {
    let env = bound();
    let mut watching = Watching::start(&env, &[]);
    assert_eq!(watching.line(), "start: nothing to do");
    watching.ready();
    env.write("config/base/agents/second.md", "---\nname: second\ndescription: x\n---\nY\n");
    env.commit_config();
    let line = watching.line();
    assert!(line.ends_with(": 1 added (.claude/agents/second.md)"), "{line}");
    assert!(env.join("ws/.claude/agents/second.md").is_file());
    assert_eq!(watching.end(rustix::process::Signal::INT), Some(130));
}

#[test]
fn an_edit_in_the_workspace_is_told_once_and_kept() {
    let env = bound();
    let mut watching = Watching::start(&env, &["--format", "json"]);
    let start = watching.json();
    assert_eq!(start["cause"]["start"], true);
    watching.ready();
    env.write("ws/.claude/agents/helper.md", "mine\n");
    let told = watching.json();
    assert_eq!(told["cause"]["changed"][0], ".claude/agents/helper.md");
    assert_eq!(told["changes"][0]["action"], "keep");
    // The next thing told is the next thing that happened: the same edit is no news.
    env.write("ws/.claude/agents/helper.md", "mine, twice\n");
    std::fs::remove_file(env.join("ws/.mcp.json")).expect("the file goes");
    let told = watching.json();
    let files: Vec<&str> = told["changes"]
        .as_array()
        .expect("changes")
        .iter()
        .filter_map(|c| c["file"].as_str())
        .collect();
    assert!(files.contains(&".mcp.json"), "{told}");
    assert_eq!(env.read("ws/.claude/agents/helper.md"), "mine, twice\n");
    assert_eq!(watching.end(rustix::process::Signal::TERM), Some(0));
}

#[test]
fn a_broken_configuration_is_told_and_its_repair_followed() {
    let env = TestEnv::new();
    config(&env);
    env.workspace();
    env.bind(&[]).code(0);
    // As it stands, without a commit.
    env.edit("ws/.claude-env.toml", "ref = \"main\"\n", "");
    env.sync().code(0);
    let good = env.read("config/base/layer.toml");
    let mut watching = Watching::start(&env, &[]);
    watching.line();
    watching.ready();
    env.write("config/base/layer.toml", "broken");
    let line = watching.line();
    assert!(line.contains("base/layer.toml: failed: "), "{line}");
    env.write("config/base/layer.toml", good.replace("LEVEL = \"one\"", "LEVEL = \"two\""));
    let line = watching.line();
    assert!(line.ends_with(": 1 changed (.claude/settings.json)"), "{line}");
    assert_eq!(watching.end(rustix::process::Signal::TERM), Some(0));
}

#[test]
fn a_remote_is_fetched_when_it_is_time() {
    let env = TestEnv::new();
    config(&env);
    env.workspace();
    let address = format!("file://{}", env.join("config").display());
    env.run(&["-C", "ws", "init", "--source", &address, "--ref", "main"]).code(0);
    let mut watching = Watching::start(&env, &["--interval", "1", "--format", "json"]);
    watching.line();
    watching.ready();
    env.write("config/base/agents/second.md", "---\nname: second\ndescription: x\n---\nY\n");
    env.commit_config();
    let told = watching.json();
    assert_eq!(told["cause"]["interval"], true);
    assert_eq!(told["changes"][0]["file"], ".claude/agents/second.md");
    assert_eq!(watching.end(rustix::process::Signal::TERM), Some(0));
}

#[test]
fn a_folder_that_is_no_workspace_cannot_be_watched() {
    let env = TestEnv::new();
    env.workspace();
    let outcome = env.run(&["-C", "ws", "sync", "--watch"]).code(2);
    assert!(outcome.stderr.contains("not a workspace"), "{}", outcome.stderr);
    env.run(&["-C", "ws", "sync", "--watch", "--dry-run"]).code(2);
    env.run(&["-C", "ws", "sync", "--interval", "5"]).code(2);
}
