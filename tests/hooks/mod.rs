//! `hooks`: what is installed in a repository, that git runs it, and that nothing of it is left behind.

mod before;
mod configured;
mod elsewhere;
mod install;
mod managers;
mod offered;
mod own_name;
mod places;
mod what_git_runs;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::support::{Outcome, TestEnv};

/// The hooks of a workspace.
const POST: [&str; 3] = ["post-checkout", "post-merge", "post-rewrite"];

/// What there is of a hook's file: its mode, and its bytes or where it leads to.
type Bytes = (u32, Vec<u8>);

/// The folder of hooks and git's configuration, to the byte.
fn state(git_dir: &Path) -> BTreeMap<String, Bytes> {
    let mut found = BTreeMap::new();
    let hooks = git_dir.join("hooks");
    if let Ok(mode) = std::fs::symlink_metadata(&hooks) {
        found.insert("hooks/".to_owned(), (mode.permissions().mode(), Vec::new()));
        for entry in std::fs::read_dir(&hooks).expect("the folder") {
            let path = entry.expect("an entry").path();
            let meta = std::fs::symlink_metadata(&path).expect("metadata");
            let bytes = match std::fs::read_link(&path) {
                Ok(target) => target.into_os_string().into_encoded_bytes(),
                Err(_) => std::fs::read(&path).expect("the file"),
            };
            let name = format!("hooks/{}", path.file_name().expect("a name").display());
            found.insert(name, (meta.permissions().mode(), bytes));
        }
    }
    let config = std::fs::read(git_dir.join("config")).expect("the configuration");
    found.insert("config".to_owned(), (0, config));
    found
}

/// A workspace that is bound and synced, without hooks, with a first commit.
fn bound() -> TestEnv {
    let env = TestEnv::new();
    env.config(&[("base/layer.toml", "[environment]\nLEVEL = \"one\"\n")]);
    env.workspace();
    env.bind(&["--no-hooks"]).code(0);
    env.hooks_sync("ws");
    env.commit_all("ws");
    env
}

/// A hook that appends its name, its arguments and its input to the file `ran` of the environment.
fn write_hook(env: &TestEnv, path: &str, says: &str) {
    let ran = env.join("ran").display().to_string();
    script(env, path, &format!("echo \"{says} $*\" >> '{ran}'\ncat >> '{ran}'"));
}

/// An executable script. It is written by another process: one that is started by a test beside this would for a moment have
/// the file open, too, and what is open for writing cannot be run.
fn script(env: &TestEnv, path: &str, text: &str) {
    let path = env.join(path);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
    let write = r#"rm -f "$1"; printf '#!/bin/sh\n%s\n' "$2" > "$1"; chmod 755 "$1""#;
    let mut command = env.command("sh");
    env.outcome(command.args(["-c", write, "sh"]).arg(path).arg(text)).code(0);
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("the mode");
}

/// The program under test by a name in this folder, which is first on the PATH.
fn program_in(env: &TestEnv, folder: &str) -> Command {
    let folder = env.join(folder);
    std::fs::create_dir_all(&folder).expect("the folder");
    let link = folder.join("claude-env");
    if !link.exists() {
        let program = assert_cmd::cargo::cargo_bin("claude-env");
        std::os::unix::fs::symlink(program, &link).expect("the link");
    }
    let mut command = env.command(link);
    let path = std::env::var("PATH").expect("a PATH");
    command.env("PATH", format!("{}:{path}", folder.display()));
    command
}

/// What the hooks of `write_hook` have said since the last time.
fn ran(env: &TestEnv) -> String {
    let said = std::fs::read_to_string(env.join("ran")).unwrap_or_default();
    let _ = std::fs::remove_file(env.join("ran"));
    said
}

/// Changes a value of the configuration, so that the next hook has something to do.
fn configure(env: &TestEnv, value: &str) {
    env.write("config/base/layer.toml", format!("[environment]\nLEVEL = \"{value}\"\n"));
    env.commit_config();
}

/// What the workspace has of that value.
fn level(env: &TestEnv, workspace: &str) -> String {
    let settings = env.json(&format!("{workspace}/.claude/settings.json"));
    settings["env"]["LEVEL"].as_str().expect("a text").to_owned()
}

/// Runs git with what it says to stderr; it may fail.
fn git(env: &TestEnv, folder: &str, arguments: &[&str]) -> Outcome {
    let mut command = env.command("git");
    command.current_dir(env.join(folder)).args(arguments);
    env.outcome(&mut command)
}

fn hooks(env: &TestEnv, folder: &str, arguments: &[&str]) -> Outcome {
    env.run(&[&["-C", folder, "hooks"], arguments].concat())
}

/// The state of each hook, as `hooks status` says.
fn states(env: &TestEnv, folder: &str) -> Vec<String> {
    let outcome = hooks(env, folder, &["status", "--format", "json"]);
    let answer = outcome.json();
    let hooks = answer["hooks"].as_array().expect("hooks");
    let states: Vec<String> =
        (hooks.iter()).map(|hook| hook["state"].as_str().expect("a state").to_owned()).collect();
    let complete = states.iter().all(|state| state == "installed");
    assert_eq!(outcome.code, Some(if complete { 0 } else { 1 }), "{states:?}");
    assert_eq!(answer["ok"], complete);
    states
}
