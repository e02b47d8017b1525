//! `hooks status` says what git really runs: here, in this work tree, for this user.

use super::*;

/// Calls of claude-env in hooks of a folder.
fn write_calls(env: &TestEnv, folder: &str, mode: u32) {
    for event in POST {
        let path = format!("{folder}/{event}");
        env.write(&path, format!("#!/bin/sh\n: || claude-env hook {event} \"$@\"\n"));
        set_mode(&env.join(&path), mode);
    }
}

#[track_caller]
fn status(env: &TestEnv, folder: &str, code: i32) -> String {
    let status = env.run(&["-C", folder, "hooks", "status"]).code(code).stdout;
    let at_a_glance = env.run(&["-C", folder, "status"]).code(0).stdout;
    assert_eq!(
        at_a_glance.contains("\nhooks       post-checkout, post-merge, "),
        code == 0,
        "{at_a_glance}\n{status}"
    );
    status
}

#[test]
fn a_folder_that_only_the_main_work_tree_has_is_empty_elsewhere() {
    for (value, written, generated) in
        [(".husky/_", ".husky", ".husky/_"), (".githooks", ".githooks", ".githooks")]
    {
        let env = bound();
        env.write("ws/.gitignore", format!("{generated}/\n"));
        write_calls(&env, &format!("ws/{generated}"), 0o755);
        write_calls(&env, &format!("ws/{written}"), 0o755);
        env.git("ws", &["config", "core.hooksPath", value]);
        env.commit_all("ws");
        env.git("ws", &["worktree", "add", "-q", "../linked"]);
        status(&env, "ws", 0);
        status(&env, "linked", 1);
        // The same folder, wherever the work tree is.
        let absolute = env.join(&format!("ws/{value}")).display().to_string();
        env.git("ws", &["config", "core.hooksPath", &absolute]);
        status(&env, "linked", 0);
    }
}

#[test]
fn a_hook_that_is_not_executable_does_not_run() {
    let env = bound();
    env.git("ws", &["config", "core.hooksPath", "calls"]);
    write_calls(&env, "ws/calls", 0o755);
    status(&env, "ws", 0);
    set_mode(&env.join("ws/calls/post-merge"), 0o644);
    status(&env, "ws", 1);
    env.run(&["-C", "ws", "hooks", "install", "--shim"]).code(2);
    env.git("ws", &["config", "--unset", "core.hooksPath"]);
    // The same for a folder that is a link.
    std::fs::remove_dir_all(env.join("ws/.git/hooks")).expect("removed");
    std::os::unix::fs::symlink(env.join("ws/calls"), env.join("ws/.git/hooks")).expect("linked");
    status(&env, "ws", 1);
    set_mode(&env.join("ws/calls/post-merge"), 0o755);
    status(&env, "ws", 0);
}

#[test]
fn a_repository_of_another_user_is_not_looked_into() {
    let env = bound();
    env.git("ws", &["config", "core.hooksPath", ".githooks"]);
    let mut chown = env.command("chown");
    if env.outcome(chown.args(["-R", "1000:1000", "ws"])).code != Some(0) {
        // Only root can give a repository to another user.
        return;
    }
    let refused = env.run(&["-C", "ws", "hooks", "install"]).code(2).stderr;
    assert!(refused.contains("dubious ownership"), "{refused}");
    assert!(refused.contains("safe.directory [ROOT]/ws"), "{refused}");
    let status = env.run(&["-C", "ws", "hooks", "status"]).code(1).stdout;
    assert!(status.contains("off") && status.contains("dubious ownership"), "{status}");
    // Allowed, git says where it looks for hooks.
    let mut command = env.claude_env();
    command.env("GIT_CONFIG_GLOBAL", env.join("allow"));
    env.write("allow", "[safe]\n\tdirectory = *\n");
    let allowed = env.outcome(command.args(["-C", "ws", "hooks", "install"])).code(2).stderr;
    assert!(allowed.contains("core.hooksPath is set"), "{allowed}");
}
