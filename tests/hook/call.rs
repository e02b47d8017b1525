//! How a hook is called, what it says, and that git never fails for it.

use super::{bound, hook, silent};
use crate::support::{TestEnv, tree};

#[test]
fn a_workspace_follows_its_configuration_and_says_what_was_done() {
    let env = bound();
    for (name, value) in [("post-checkout", "two"), ("post-merge", "three"), ("post-rewrite", "4")]
    {
        silent(&hook(&env, &[name]));
        env.write("config/base/layer.toml", format!("[environment]\nLEVEL = \"{value}\"\n"));
        env.commit_config();
        let outcome = hook(&env, &[name, "0", "1", "1"]).code(0);
        assert_eq!(outcome.stdout, "");
        assert_eq!(outcome.stderr, "claude-env: ~ .claude/settings.json  env/LEVEL\n");
        assert_eq!(env.json("ws/.claude/settings.json")["env"]["LEVEL"], value);
        silent(&hook(&env, &[name]));
    }
}

#[test]
fn switched_off_it_does_nothing() {
    let env = bound();
    env.write("config/base/layer.toml", "[environment]\nLEVEL = \"two\"\n");
    env.commit_config();
    let mut command = env.claude_env();
    command.current_dir(env.join("ws")).env("CLAUDE_ENV", "0").args(["hook", "post-merge"]);
    silent(&env.outcome(&mut command));
    assert_eq!(env.json("ws/.claude/settings.json")["env"]["LEVEL"], "one");
}

#[test]
fn where_there_is_no_workspace_it_is_silent() {
    let env = TestEnv::new();
    env.workspace();
    silent(&hook(&env, &["post-checkout", "0", "1", "1"]));
    // A workspace around another repository is not that one's.
    let env = bound();
    env.write("config/base/layer.toml", "[environment]\nLEVEL = \"two\"\n");
    env.commit_config();
    env.git("ws", &["init", "--quiet", "inner"]);
    let mut command = env.claude_env();
    command.current_dir(env.join("ws/inner")).args(["hook", "post-checkout"]);
    silent(&env.outcome(&mut command));
    assert_eq!(env.json("ws/.claude/settings.json")["env"]["LEVEL"], "one");
}

#[test]
fn nothing_that_is_wrong_makes_git_fail() {
    let env = bound();
    let before = tree(&env.join("ws"));
    for (file, text, says) in [
        ("config/base/layer.toml", "[environment]\nLEVEL = 7x\n", "base/layer.toml: "),
        ("config/claude-env.toml", "version = 99\n", "claude-env.toml: "),
        ("ws/.claude-env.toml", "[source]\nrepository = 7\n", ".claude-env.toml"),
        ("ws/.claude-env.toml", "[source]\nrepository = \"../gone\"\n", "gone"),
    ] {
        let was = env.read(file);
        env.write(file, text);
        env.commit_config();
        let outcome = hook(&env, &["post-checkout", "0", "1", "1"]).code(0);
        let lines: Vec<&str> = outcome.stderr.lines().collect();
        assert!(matches!(lines.len(), 1..=2), "{lines:?}");
        assert!(lines[0].starts_with("claude-env: not synced: "), "{lines:?}");
        assert!(lines[0].contains(says), "{lines:?}");
        env.write(file, was);
        env.commit_config();
    }
    let strange = hook(&env, &["post-checkout", "--new-option", "-C", "nowhere", "--rev"]);
    silent(&strange);
    assert_eq!(hook(&env, &["post-index-change"]).code, Some(0));
    assert_eq!(hook(&env, &["commit-msg"]).code, Some(2));
    assert!(tree(&env.join("ws")).keys().eq(before.keys()));
}

#[test]
fn the_variables_of_a_hook_mislead_nobody() {
    let env = bound();
    env.git("", &["init", "--quiet", "other"]);
    env.write("config/base/layer.toml", "[environment]\nLEVEL = \"two\"\n");
    env.commit_config();
    let mut command = env.claude_env();
    command.current_dir(env.join("ws")).args(["hook", "post-checkout", "0", "1", "1"]);
    for name in ["GIT_DIR", "GIT_COMMON_DIR"] {
        command.env(name, env.join("other/.git"));
    }
    command.env("GIT_WORK_TREE", env.join("other")).env("GIT_PREFIX", "a/");
    command.env("GIT_INDEX_FILE", env.join("other/.git/index"));
    command.env("GIT_OBJECT_DIRECTORY", env.join("other/.git/objects"));
    assert_eq!(env.outcome(&mut command).code(0).stderr.lines().count(), 1);
    assert_eq!(env.json("ws/.claude/settings.json")["env"]["LEVEL"], "two");
}
