//! A hook with nothing to do looks at the stamp alone; and whatever changes makes it look at everything.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};

use super::{bound, hook, silent};
use crate::support::{TestEnv, tree};

/// The base layer with one value in it, and a server.
fn layer(value: &str) -> String {
    format!(
        "[environment]\nLEVEL = \"{value}\"\n[mcp_servers.docs]\nurl = \"https://docs.example\"\n"
    )
}

/// Runs the hook; whether it looked at no more than the stamp.
#[track_caller]
fn quick(env: &TestEnv) -> bool {
    let mut command = env.claude_env();
    command.current_dir(env.join("ws")).env("CLAUDE_ENV_LOG", "claude_env=debug");
    let outcome = env.outcome(command.args(["hook", "post-checkout", "0", "1", "1"])).code(0);
    outcome.stderr.contains("nothing has changed since the last sync")
}

/// Runs the hook until what was written last is old enough to be relied on.
#[track_caller]
fn settle(env: &TestEnv) {
    // More than two steps of the coarsest clock of a file system, at 2 ms and more a run.
    for _ in 0..5_000 {
        if quick(env) {
            return;
        }
    }
    panic!("no stamp is ever relied on");
}

/// A workspace with several files, some in folders, and its hook settled.
pub(super) fn settled(options: &[&str]) -> TestEnv {
    let env = TestEnv::new();
    env.config(&[
        ("base/layer.toml", &layer("one")),
        ("base/memory/a.md", "# All\n"),
        ("base/rules/style.md", "# Style\n"),
        ("base/skills/one/SKILL.md", "---\nname: one\ndescription: One.\n---\nOne.\n"),
        ("teams/t/layer.toml", "[environment]\nTEAM = \"t\"\n"),
    ]);
    env.workspace();
    env.bind(options).code(0);
    env.hooks_sync("ws");
    settle(&env);
    env
}

/// Something changes; the hook looks at everything, and then is settled again.
#[track_caller]
fn seen(env: &TestEnv, what: &str, change: impl FnOnce()) {
    assert!(quick(env), "before: {what}");
    change();
    assert!(!quick(env), "not seen: {what}");
    // What the hook left, no other run would change.
    env.run(&["-C", "ws", "sync", "--dry-run"]).code(0);
    settle(env);
}

/// Changes a file in place, keeping its size, and sets its time back.
pub(super) fn forge(env: &TestEnv, path: &str) {
    let path = env.join(path);
    let modified = fs::metadata(&path).and_then(|meta| meta.modified()).expect("the time");
    let mut bytes = fs::read(&path).expect("the file");
    // The line break at the end means nothing in any of these files.
    let last = bytes.len() - 1;
    bytes[last] = if bytes[last] == b' ' { b'\n' } else { b' ' };
    fs::write(&path, bytes).expect("the file");
    let file = File::options().write(true).open(&path).expect("the file");
    file.set_modified(modified).expect("the time");
}

#[test]
fn every_change_of_an_output_is_seen() {
    let env = settled(&[]);
    let outputs: Vec<String> =
        tree(&env.join("ws")).into_keys().filter(|path| !path.starts_with(".claude-env")).collect();
    assert!(outputs.len() >= 5, "{outputs:?}");
    for path in &outputs {
        let path = format!("ws/{path}");
        let full = env.join(&path);
        let bytes = fs::read(&full).expect("the file");
        seen(&env, &format!("{path} changed, time and size kept"), || forge(&env, &path));
        seen(&env, &format!("{path} put back"), || fs::write(&full, &bytes).expect("written"));
        seen(&env, &format!("{path} deleted"), || fs::remove_file(&full).expect("removed"));
        seen(&env, &format!("{path} there again"), || fs::write(&full, &bytes).expect("written"));
        let mode = |mode| fs::set_permissions(&full, fs::Permissions::from_mode(mode));
        seen(&env, &format!("{path} executable"), || mode(0o755).expect("set"));
        seen(&env, &format!("{path} not executable"), || mode(0o644).expect("set"));
        let beside = env.join("beside");
        fs::rename(&full, &beside).expect("moved");
        symlink(&beside, &full).expect("linked");
        assert!(!quick(&env), "{path} is a link now");
        fs::remove_file(&full).expect("removed");
        fs::rename(&beside, &full).expect("moved back");
        settle(&env);
    }
}

#[test]
fn a_folder_that_becomes_a_link_is_seen() {
    let env = settled(&[]);
    for folder in ["ws/.claude/skills/one", "ws/.claude/rules", "ws/.claude"] {
        let (full, beside) = (env.join(folder), env.join("beside"));
        fs::rename(&full, &beside).expect("moved");
        symlink(&beside, &full).expect("linked");
        assert!(!quick(&env), "{folder}");
        assert!(!quick(&env), "{folder} stays a problem");
        fs::remove_file(&full).expect("removed");
        fs::rename(&beside, &full).expect("moved back");
        settle(&env);
    }
}

#[test]
fn every_change_of_binding_and_locks_is_seen() {
    let env = settled(&["--team", "t"]);
    seen(&env, "the binding", || env.edit("ws/.claude-env.toml", "team = \"t\"\n", ""));
    assert_eq!(env.json("ws/.claude/settings.json")["env"].get("TEAM"), None);
    seen(&env, "the binding's bytes", || forge(&env, "ws/.claude-env.toml"));
    let lock = env.read("ws/.claude-env.lock");
    seen(&env, "the lock", || fs::remove_file(env.join("ws/.claude-env.lock")).expect("removed"));
    seen(&env, "the lock again", || env.write("ws/.claude-env.lock", &lock));
    seen(&env, "an interrupted run", || env.write("ws/.claude-env.lock.pending", &lock));
    seen(&env, "a stray lock of a person's files", || {
        env.write("ws/.claude-env.local.lock.pending", "");
    });
}

#[test]
fn a_branch_that_moves_is_seen_wherever_git_keeps_it() {
    let env = settled(&[]);
    let level = |value: &str| {
        env.write("config/base/layer.toml", layer(value));
        env.commit_config();
    };
    let now = || env.json("ws/.claude/settings.json")["env"]["LEVEL"].clone();
    seen(&env, "a commit", || level("loose"));
    seen(&env, "packing", || drop(env.git("config", &["pack-refs", "--all"])));
    seen(&env, "a commit over a packed branch", || level("again"));
    assert_eq!(now(), "again");
    seen(&env, "packed again", || drop(env.git("config", &["pack-refs", "--all"])));
    seen(&env, "another branch that is checked out does not count, packing does", || {
        env.git("config", &["checkout", "-q", "-b", "other"]);
        level("other");
        env.git("config", &["pack-refs", "--all"]);
    });
    assert_eq!(now(), "again");
    seen(&env, "a reset of the branch", || {
        drop(env.git("config", &["branch", "-f", "main", "other"]));
    });
    assert_eq!(now(), "other");
    seen(&env, "a tag of the same name comes before", || {
        drop(env.git("config", &["tag", "main", "main~1"]));
    });
    assert_eq!(now(), "again");
    seen(&env, "an annotated tag", || {
        drop(env.git("config", &["tag", "-f", "-a", "-m", "tag", "main", "other"]));
    });
    assert_eq!(now(), "other");
    // What is put in the place of a commit on one machine does not count.
    env.git("config", &["replace", "other", "other~1"]);
    assert!(quick(&env));
    fs::remove_file(env.join("ws/.git/claude-env/stamp")).expect("removed");
    settle(&env);
    assert_eq!(now(), "other");
}

#[test]
fn head_a_linked_work_tree_and_a_bare_repository_are_followed() {
    let env = settled(&[]);
    let level = |folder: &str, value: &str| {
        env.write(&format!("{folder}/base/layer.toml"), layer(value));
        env.commit_all(folder);
    };
    let now = || env.json("ws/.claude/settings.json")["env"]["LEVEL"].clone();
    let main = "ref = \"main\"";
    seen(&env, "HEAD", || env.edit("ws/.claude-env.toml", main, "ref = \"HEAD\""));
    seen(&env, "a switch", || drop(env.git("config", &["checkout", "-q", "-b", "other"])));
    seen(&env, "a commit", || level("config", "head"));
    seen(&env, "a detached HEAD", || {
        drop(env.git("config", &["checkout", "-q", "--detach", "main"]));
    });
    assert_eq!(now(), "one");
    env.git("config", &["worktree", "add", "-q", "../linked", "other"]);
    seen(&env, "a linked work tree", || env.edit("ws/.claude-env.toml", "../config", "../linked"));
    assert_eq!(now(), "head");
    seen(&env, "a commit there", || level("linked", "linked"));
    assert_eq!(now(), "linked");
    env.git("", &["clone", "-q", "--bare", "config", "bare.git"]);
    seen(&env, "a bare repository", || env.edit("ws/.claude-env.toml", "../linked", "../bare.git"));
    seen(&env, "what is pushed there", || {
        level("linked", "pushed");
        env.git("bare.git", &["symbolic-ref", "HEAD", "refs/heads/other"]);
        drop(env.git("linked", &["push", "-q", "../bare.git", "other"]));
    });
    assert_eq!(now(), "pushed");
}

#[test]
fn another_repository_in_the_same_place_is_seen() {
    let env = settled(&[]);
    seen(&env, "a clone in its place", || {
        env.git("", &["clone", "-q", "config", "clone"]);
        fs::rename(env.join("config"), env.join("old")).expect("moved");
        fs::rename(env.join("clone"), env.join("config")).expect("moved");
    });
    assert!(quick(&env));
    fs::rename(env.join("config"), env.join("away")).expect("moved");
    assert!(!quick(&env));
}

#[test]
fn every_change_of_a_folder_that_is_read_as_it_stands_is_seen() {
    let env = settled(&["--team", "t"]);
    seen(&env, "no ref", || env.edit("ws/.claude-env.toml", "ref = \"main\"\n", ""));
    let write = |path: &str, text: &str| env.write(&format!("config/{path}"), text);
    seen(&env, "a layer", || write("base/layer.toml", &layer("two")));
    seen(&env, "a layer, time and size kept", || forge(&env, "config/base/layer.toml"));
    seen(&env, "a fragment", || write("base/memory/b.md", "# More\n"));
    seen(&env, "a rule that is gone", || {
        fs::remove_file(env.join("config/base/rules/style.md")).expect("removed");
    });
    seen(&env, "an overlay", || {
        write("teams/t/layer.development.toml", "[environment]\nTEAM = \"dev\"\n");
    });
    assert_eq!(env.json("ws/.claude/settings.json")["env"]["TEAM"], "dev");
    seen(&env, "the manifest", || write("claude-env.toml", "version = 1\n[merge]\n"));
    seen(&env, "a file of the fleet", || write("workspaces/a.toml", ""));
    seen(&env, "a mode", || {
        let path = env.join("config/base/memory/a.md");
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("set");
    });
    // What was not read does not count.
    write("teams/other/layer.toml", "");
    write("README.md", "");
    assert!(quick(&env));
}

#[test]
fn a_user_layer_that_comes_and_goes_is_seen() {
    let env = settled(&[]);
    let layer = "home/.config/claude-env/user/layer.toml";
    seen(&env, "a user layer", || env.write(layer, "[environment]\nMINE = \"1\"\n"));
    assert!(env.read("ws/.claude/settings.local.json").contains("MINE"));
    seen(&env, "its change", || env.write(layer, "[environment]\nMINE = \"2\"\n"));
    seen(&env, "a file of it", || env.write("home/.config/claude-env/user/memory/me.md", "# Me\n"));
    seen(&env, "what git is not to see", || env.write("ws/.git/info/exclude", ""));
    seen(&env, "another work tree", || {
        env.commit_all("ws");
        drop(env.git("ws", &["worktree", "add", "-q", "../ws2"]));
    });
    seen(&env, "another folder", || {
        fs::rename(env.join("home/.config"), env.join("home/.elsewhere")).expect("moved");
    });
    let mut command = env.claude_env();
    command.current_dir(env.join("ws")).env("XDG_CONFIG_HOME", env.join("home/.elsewhere"));
    command.env("CLAUDE_ENV_LOG", "claude_env=debug").args(["hook", "post-merge"]);
    assert!(!env.outcome(&mut command).stderr.contains("nothing has changed since"));
}

#[test]
fn a_change_of_mode_and_of_the_program_is_seen() {
    let env = settled(&[]);
    seen(&env, "mode local", || {
        env.edit("ws/.claude-env.toml", "mode = \"committed\"", "mode = \"local\"");
    });
    assert!(env.read("ws/.git/info/exclude").contains(".mcp.json"));
    // The same program under another inode.
    let copy = env.join("claude-env");
    fs::copy(assert_cmd::cargo::cargo_bin("claude-env"), &copy).expect("copied");
    let mut command = env.command(&copy);
    command.current_dir(env.join("ws")).env("CLAUDE_ENV_LOG", "claude_env=debug");
    let outcome = env.outcome(command.args(["hook", "post-merge"]));
    assert!(
        outcome.stderr.contains("changed since the last sync: Some(Value(\"program\""),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_stamp_that_is_damaged_or_newer_is_not_relied_on() {
    let env = settled(&[]);
    let stamp = "ws/.git/claude-env/stamp";
    let text = env.read(stamp);
    let halves = [text.get(..text.len() / 2), text.get(..text.len() - 1), Some("")];
    let others = [text.replace("stamp 1", "stamp 2"), text.replacen('1', "2", 5), "\0".repeat(100)];
    for damaged in halves.into_iter().flatten().map(str::to_owned).chain(others) {
        seen(&env, "the stamp", || env.write(stamp, &damaged));
    }
    seen(&env, "no stamp", || fs::remove_file(env.join(stamp)).expect("removed"));
}

#[test]
fn what_was_asked_for_once_does_not_last() {
    let env = settled(&[]);
    env.write("config/teams/u/layer.toml", "[environment]\nLEVEL = \"u\"\n");
    env.commit_config();
    assert!(!quick(&env));
    env.run(&["-C", "ws", "sync", "--team", "u"]).code(0);
    assert_eq!(env.json("ws/.claude/settings.json")["env"]["LEVEL"], "u");
    assert!(!quick(&env));
    assert_eq!(env.json("ws/.claude/settings.json")["env"]["LEVEL"], "one");
    settle(&env);
    env.write("config/base/layer.toml", layer("two"));
    env.commit_config();
    settle(&env);
    env.run(&["-C", "ws", "sync", "--rev", "main~1"]).code(0);
    assert!(!quick(&env));
    assert_eq!(env.json("ws/.claude/settings.json")["env"]["LEVEL"], "two");
}

#[test]
fn what_is_kept_is_told_once_until_it_changes() {
    let env = bound();
    env.edit("ws/.claude/settings.json", "\"one\"", "\"mine\"");
    let first = hook(&env, &["post-checkout"]).code(0);
    assert!(first.stderr.starts_with("claude-env: ! .claude/settings.json  env/LEVEL  drift"));
    silent(&hook(&env, &["post-checkout"]));
    settle(&env);
    silent(&hook(&env, &["post-checkout"]));
    env.write("config/base/rules/more.md", "# More\n");
    env.commit_config();
    let outcome = hook(&env, &["post-checkout"]).code(0);
    assert_eq!(outcome.stderr, "claude-env: + .claude/rules/more.md\n");
    env.write("config/base/layer.toml", layer("two"));
    env.commit_config();
    let conflict = hook(&env, &["post-checkout"]).code(0);
    assert!(conflict.stderr.contains("env/LEVEL  conflict"), "{}", conflict.stderr);
    silent(&hook(&env, &["post-checkout"]));
}

#[test]
fn without_git_the_stamp_lies_with_the_users_state() {
    let env = settled(&[]);
    fs::rename(env.join("ws/.git"), env.join("gone")).expect("moved");
    assert!(!quick(&env));
    settle(&env);
    assert!(env.join("home/.local/state/claude-env/workspaces").is_dir());
}
