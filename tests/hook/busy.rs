//! A hook while another run is under way.

use std::fs::File;
use std::process::{Child, Stdio};

use super::{bound, hook, silent};
use crate::support::TestEnv;

fn set(env: &TestEnv, value: &str) {
    env.write("config/base/layer.toml", format!("[environment]\nLEVEL = \"{value}\"\n"));
    env.commit_config();
}

fn level(env: &TestEnv) -> String {
    env.json("ws/.claude/settings.json")["env"]["LEVEL"].as_str().expect("LEVEL").to_owned()
}

#[test]
fn the_work_is_left_to_the_run_that_is_under_way() {
    let env = bound();
    set(&env, "two");
    let folder = File::open(env.join("ws")).expect("the workspace");
    folder.lock().expect("nobody else");
    silent(&hook(&env, &["post-merge"]));
    assert_eq!(level(&env), "one");
    assert!(env.join("ws/.git/claude-env/again").exists());
    folder.unlock().expect("unlocked");
    assert_eq!(hook(&env, &["post-merge"]).stderr.lines().count(), 1);
    assert_eq!(level(&env), "two");
    assert!(!env.join("ws/.git/claude-env/again").exists());
}

#[test]
fn whoever_comes_last_is_served_by_somebody() {
    let env = bound();
    let mut running: Vec<Child> = Vec::new();
    for round in 0..24 {
        set(&env, &format!("v{round}"));
        for name in ["post-checkout", "post-merge"] {
            let mut command = env.claude_env();
            command.current_dir(env.join("ws")).args(["hook", name]);
            command.stderr(Stdio::null());
            running.push(command.spawn().expect("it starts"));
        }
    }
    for mut child in running {
        assert!(child.wait().expect("it ends").success());
    }
    assert_eq!(level(&env), "v23");
    env.run(&["-C", "ws", "sync", "--dry-run"]).code(0);
}
