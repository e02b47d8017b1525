//! Git's operations that are under way: whatever brings a workspace to its configuration leaves its files alone meanwhile, in
//! every format of references, and in linked work trees too.

use super::config::set;
use crate::support::{Outcome, TestEnv};

/// Runs git in a folder; a conflict is no failure.
fn git(env: &TestEnv, folder: &str, arguments: &[&str]) -> Outcome {
    let mut command = env.command("git");
    env.outcome(command.current_dir(env.join(folder)).args(arguments))
}

/// The formats of references that this git knows.
fn formats(env: &TestEnv) -> Vec<&'static str> {
    let probe = git(env, "", &["init", "-q", "--ref-format=reftable", "probe"]);
    if probe.code == Some(0) { vec!["files", "reftable"] } else { vec!["files"] }
}

/// A config repository, and a bound workspace whose branches `main` and `side` conflict in `code`, without hooks of its own.
fn conflicting(format: &str, linked: bool) -> (TestEnv, &'static str) {
    let env = TestEnv::new();
    env.config(&[("base/layer.toml", "[environment]\nLEVEL = \"one\"\n")]);
    if formats(&env).len() > 1 {
        git(&env, "", &["init", "-q", "-b", "main", &format!("--ref-format={format}"), "ws"])
            .code(0);
    } else {
        env.workspace();
    }
    let source = env.join("config").display().to_string();
    env.run(&["-C", "ws", "init", "--source", &source, "--no-hooks"]).code(0);
    env.hooks_sync("ws");
    for (branch, texts) in [("main", ["0", "m1", "m2"]), ("side", ["s0", "s1", "s2"])] {
        if branch == "side" {
            env.git("ws", &["checkout", "-q", "-b", "side", "main~2"]);
        }
        for text in texts {
            env.write("ws/code", text);
            env.commit_all("ws");
        }
    }
    env.git("ws", &["checkout", "-q", "main"]);
    if !linked {
        return (env, "ws");
    }
    env.git("ws", &["checkout", "-q", "--detach"]);
    env.git("ws", &["worktree", "add", "-q", "../linked", "main"]);
    // Known to this machine, as after a first sync.
    env.run(&["-C", "linked", "sync"]).code(0);
    (env, "linked")
}

/// The operations, each as what starts it and what ends it.
const OPERATIONS: [(&[&str], &[&str]); 6] = [
    (&["rebase", "side"], &["rebase", "--abort"]),
    (&["rebase", "--apply", "side"], &["rebase", "--abort"]),
    (&["merge", "side"], &["merge", "--abort"]),
    (&["cherry-pick", "side~1", "side"], &["cherry-pick", "--abort"]),
    (&["revert", "--no-edit", "HEAD~1"], &["revert", "--abort"]),
    (&["bisect", "start", "HEAD", "HEAD~2"], &["bisect", "reset"]),
];

/// Runs a hook of ours in a folder as git does.
fn hook(env: &TestEnv, folder: &str, arguments: &[&str]) {
    let mut command = env.claude_env();
    env.outcome(command.current_dir(env.join(folder)).arg("hook").args(arguments)).code(0);
}

#[test]
fn no_way_to_a_sync_disturbs_an_operation_that_is_under_way() {
    for format in formats(&TestEnv::new()) {
        for linked in [false, true] {
            let (env, folder) = conflicting(format, linked);
            let level =
                || env.json(&format!("{folder}/.claude/settings.json"))["env"]["LEVEL"].clone();
            for (number, (begin, end)) in OPERATIONS.iter().enumerate() {
                let what = format!("{format}, {folder}, {begin:?}");
                git(&env, folder, begin);
                let before = level();
                set(&env, &format!("{format}-{number}"));
                hook(&env, folder, &["post-checkout", "0", "1", "1"]);
                assert_eq!(level(), before, "its own hook: {what}");
                hook(&env, "config", &["post-merge", "0"]);
                assert_eq!(level(), before, "the hook of the configuration: {what}");
                git(&env, folder, end).code(0);
                hook(&env, "config", &["post-merge", "0"]);
                assert_eq!(level(), format!("{format}-{number}"), "afterwards: {what}");
                env.git(folder, &["checkout", "-q", "-f", "."]);
            }
        }
    }
}

#[test]
fn between_two_picks_nothing_is_done_either() {
    for format in formats(&TestEnv::new()) {
        let (env, folder) = conflicting(format, false);
        git(&env, folder, &["cherry-pick", "side~1", "side"]);
        // The conflict of the first is solved and committed: the second one is left, and no reference says so.
        env.write("ws/code", "solved");
        env.git("ws", &["commit", "-q", "-a", "-m", "solved"]);
        set(&env, "later");
        hook(&env, folder, &["post-rewrite", "amend"]);
        hook(&env, "config", &["post-merge", "0"]);
        assert_eq!(env.json("ws/.claude/settings.json")["env"]["LEVEL"], "one", "{format}");
    }
}

#[test]
fn the_branch_of_a_config_repository_is_named_in_either_format() {
    let env = TestEnv::new();
    for format in formats(&env) {
        let folder = format!("config-{format}");
        env.write(&format!("{folder}/claude-env.toml"), "version = 1\n");
        if format == "reftable" {
            git(&env, &folder, &["init", "-q", "-b", "trunk", "--ref-format=reftable"]).code(0);
        } else {
            env.git(&folder, &["init", "-q", "-b", "trunk"]);
        }
        env.commit_all(&folder);
        let workspace = format!("ws-{format}");
        env.git("", &["init", "-q", &workspace]);
        let source = format!("../{folder}");
        env.run(&["-C", &workspace, "init", "--source", &source, "--no-hooks"]);
        let binding = std::fs::read_to_string(env.join(&format!("{workspace}/.claude-env.toml")));
        assert!(!binding.unwrap_or_default().contains(".invalid"), "{format}");
    }
}
