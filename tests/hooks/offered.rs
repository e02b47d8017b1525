//! The hooks that `.pre-commit-hooks.yaml` offers, run by the real pre-commit and prek.
//!
//! Needs `CLAUDE_ENV_TEST_PRE_COMMIT` and `CLAUDE_ENV_TEST_PREK`.

use super::*;
use crate::support::tool;

const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/.pre-commit-hooks.yaml");

/// A program, with `claude-env` on the PATH.
fn run(env: &TestEnv, folder: &str, program: &str, arguments: &[&str]) -> Outcome {
    let ours = assert_cmd::cargo::cargo_bin("claude-env");
    let ours = ours.parent().expect("a folder").display();
    let mut command = env.command(program);
    command.env("PATH", format!("{ours}:{}", std::env::var("PATH").expect("a PATH")));
    env.outcome(command.current_dir(env.join(folder)).args(arguments))
}

/// Has a repository use one of the hooks, from a repository that offers them.
fn offer(env: &TestEnv, folder: &str, id: &str) {
    let manifest = std::fs::read(MANIFEST).expect("the manifest");
    env.write("offered/.pre-commit-hooks.yaml", manifest);
    env.commit_all("offered");
    let commit = env.git("offered", &["rev-parse", "HEAD"]);
    let configuration = format!(
        "repos:\n  - repo: {}\n    rev: {}\n    hooks:\n      - id: {id}\n",
        env.join("offered").display(),
        commit.trim()
    );
    env.write(&format!("{folder}/.pre-commit-config.yaml"), configuration);
    env.commit_all(folder);
}

fn managers() -> [String; 2] {
    ["CLAUDE_ENV_TEST_PRE_COMMIT", "CLAUDE_ENV_TEST_PREK"].map(tool)
}

#[test]
fn the_manifest_is_valid() {
    for manager in managers() {
        run(&TestEnv::new(), "", &manager, &["validate-manifest", MANIFEST]).code(0);
    }
}

#[test]
fn a_commit_with_a_mistake_is_refused() {
    for manager in managers() {
        let env = TestEnv::new();
        env.config(&[
            ("base/layer.toml", "[environment]\nLEVEL = \"one\"\n"),
            ("teams/one/layer.toml", ""),
            (
                "claude-env.toml",
                "version = 1\n[workspaces.it]\nrepository = \"acme/it\"\nteam = \"one\"\n",
            ),
        ]);
        offer(&env, "config", "claude-env-check");
        run(&env, "config", &manager, &["install"]).code(0);
        run(&env, "config", &manager, &["run", "--all-files"]).code(0);
        env.write("config/base/layer.toml", "[enviroment]\nLEVEL = \"one\"\n");
        run(&env, "config", "git", &["add", "--all"]).code(0);
        let refused = run(&env, "config", "git", &["commit", "--quiet", "-m", "x"]).code(1);
        let said = refused.stdout + &refused.stderr;
        assert!(said.contains("base/layer.toml:1:2"), "{manager}: {said}");
        // What is not staged is not looked at.
        run(&env, "config", "git", &["reset", "--quiet"]).code(0);
        run(&env, "config", "git", &["commit", "--quiet", "--allow-empty", "-m", "x"]).code(0);
        // A commit that only removes something is looked at.
        run(&env, "config", "git", &["checkout", "--quiet", "."]).code(0);
        run(&env, "config", "git", &["rm", "--quiet", "teams/one/layer.toml"]).code(0);
        let refused = run(&env, "config", "git", &["commit", "--quiet", "-m", "x"]).code(1);
        let said = refused.stdout + &refused.stderr;
        assert!(said.contains("claude-env.toml:4:8"), "{manager}: {said}");
    }
}

#[test]
fn a_workspace_follows_its_configuration() {
    for manager in managers() {
        let env = bound();
        offer(&env, "ws", "claude-env-sync");
        let types = ["-t", "post-checkout", "-t", "post-merge", "-t", "post-rewrite"];
        run(&env, "ws", &manager, &[["install"].as_slice(), &types].concat()).code(0);
        assert_eq!(states(&env, "ws"), ["installed"; 3]);
        assert_eq!(run(&env, "ws", "git", &["checkout", "-qb", "one"]).code, Some(0));
        configure(&env, "two");
        // Both call a hook that changes files a failure. Git has done its work by then.
        let outcome = run(&env, "ws", "git", &["checkout", "-qb", "two"]).code(1);
        let said = outcome.stdout + &outcome.stderr;
        assert!(said.contains("claude-env: ~ .claude/settings.json  env/LEVEL"), "{said}");
        assert_eq!(level(&env, "ws"), "two");
    }
}
