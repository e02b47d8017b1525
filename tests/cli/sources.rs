//! Where the layers are read from: a folder as it stands, a commit, the index.

use crate::support::{Outcome, TestEnv};

/// `main` says one, the tag `v0` said zero, and the files on disk say two.
fn history() -> TestEnv {
    let env = TestEnv::new();
    env.config(&[("base/layer.toml", "[environment]\nN = \"zero\"\n")]);
    env.git("config", &["tag", "v0"]);
    env.write("config/base/layer.toml", "[environment]\nN = \"one\"\n");
    env.commit_config();
    env.write("config/base/layer.toml", "[environment]\nN = \"two\"\n");
    env
}

fn n(outcome: Outcome) -> String {
    let text = outcome.code(0).stdout;
    text.trim().trim_matches('"').to_owned()
}

fn show(env: &TestEnv, repository: &str, options: &[&str]) -> Outcome {
    env.run(&[&["-C", repository, "show", "environment.N"], options].concat())
}

#[test]
fn a_folder_is_read_as_it_stands_and_a_revision_from_objects() {
    let env = history();
    assert_eq!(n(show(&env, "config", &[])), "two");
    for (revision, value) in [("HEAD", "one"), ("main", "one"), ("v0", "zero"), ("HEAD~1", "zero")]
    {
        assert_eq!(n(show(&env, "config", &["--rev", revision])), value, "{revision}");
    }
    let id = env.git("config", &["rev-parse", "--short=8", "v0"]);
    assert_eq!(n(show(&env, "config", &["--rev", id.trim()])), "zero");
    env.git("config", &["tag", "--annotate", "--message", "x", "annotated", "v0"]);
    env.git("config", &["pack-refs", "--all"]);
    env.git("config", &["gc", "--quiet"]);
    assert_eq!(n(show(&env, "config", &["--rev", "annotated"])), "zero");
    assert!(env.read("config/base/layer.toml").contains("two"), "nothing was checked out");
    let outcome = show(&env, "config", &["--rev", "v9"]).code(2);
    assert!(outcome.stderr.contains("v9"), "{}", outcome.stderr);
}

#[test]
fn clones_bare_repositories_and_linked_worktrees_are_read() {
    let env = history();
    env.git("", &["clone", "--quiet", "config", "clone"]);
    env.git("", &["clone", "--quiet", "--bare", "config", "bare.git"]);
    env.git("config", &["worktree", "add", "--quiet", "../linked", "v0"]);
    for repository in ["clone", "bare.git", "linked"] {
        assert_eq!(n(show(&env, repository, &["--rev", "main"])), "one", "{repository}");
        assert_eq!(n(show(&env, repository, &["--rev", "v0"])), "zero", "{repository}");
    }
    assert_eq!(n(show(&env, "bare.git", &[])), "one", "without a revision it is HEAD");
    assert_eq!(n(show(&env, "linked", &[])), "zero");
    assert_eq!(n(show(&env, "linked", &["--rev", "HEAD"])), "zero", "HEAD of this worktree");
    let named = ["--config-repo", "bare.git", "show", "environment.N", "--rev", "v0"];
    assert_eq!(n(env.run(&named)), "zero");
    env.run(&["-C", "bare.git", "check"]).code(0);
    env.run(&["-C", "bare.git", "check", "--staged"]).code(2);
}

#[test]
fn a_config_repository_may_be_a_subfolder() {
    let env = TestEnv::new();
    env.write("mono/README.md", "\n");
    env.write("mono/tools/config/claude-env.toml", "version = 1\n");
    env.write("mono/tools/config/base/layer.toml", "[environment]\nN = \"one\"\n");
    env.commit_all("mono");
    env.write("mono/tools/config/base/layer.toml", "[environment]\nN = \"two\"\n");
    assert_eq!(n(show(&env, "mono/tools/config", &[])), "two");
    assert_eq!(n(show(&env, "mono/tools/config/base", &["--rev", "HEAD"])), "one");
    env.write("mono/tools/config/base/layer.toml", "nonsense\n");
    let report = env.run(&["-C", "mono/tools/config", "check", "--format", "json"]).code(1).json();
    assert_eq!(report["findings"][0]["file"], "base/layer.toml");
    env.run(&["-C", "mono/tools/config", "check", "--staged"]).code(0);
}

#[test]
fn staged_is_what_the_index_has() {
    let env = TestEnv::new();
    env.config(&[("base/layer.toml", "")]);
    env.write("config/base/layer.toml", "staged_nonsense = 1\n");
    env.git("config", &["add", "base/layer.toml"]);
    env.write("config/base/layer.toml", "disk_nonsense = 1\n");
    let staged = env.run(&["-C", "config", "check", "--staged"]).code(1);
    assert!(staged.stdout.contains("staged_nonsense"), "{}", staged.stdout);
    let disk = env.run(&["-C", "config", "check"]).code(1);
    assert!(disk.stdout.contains("disk_nonsense"), "{}", disk.stdout);
    env.run(&["-C", "config", "check", "--rev", "HEAD"]).code(0);
    env.run(&["-C", "config", "check", "--rev", "HEAD", "--staged"]).code(2);

    // A file that was never added, and one that is removed in the index only.
    env.write("config/base/layer.toml", "");
    env.git("config", &["add", "base/layer.toml"]);
    env.write("config/teams/new/layer.toml", "nonsense = 1\n");
    env.run(&["-C", "config", "check", "--staged"]).code(0);
    env.run(&["-C", "config", "check"]).code(1);
    env.git("config", &["add", "--intent-to-add", "teams/new/layer.toml"]);
    env.run(&["-C", "config", "check", "--staged"]).code(0);
    env.git("config", &["add", "teams/new/layer.toml"]);
    env.run(&["-C", "config", "check", "--staged"]).code(1);
}

#[test]
fn a_hook_of_git_gives_the_index_of_the_commit() {
    let env = TestEnv::new();
    env.config(&[("base/layer.toml", "")]);
    let program = assert_cmd::cargo::cargo_bin("claude-env");
    let hook = format!("#!/bin/sh\nexec '{}' check --staged\n", program.display());
    env.write("config/.git/hooks/pre-commit", hook);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(env.join("config/.git/hooks/pre-commit"), mode).expect("the mode");
    env.write("config/base/layer.toml", "nonsense = 1\n");
    // `commit --only` makes an index of its own and names it to the hook.
    let mut commit = env.command("git");
    commit.args(["-C", "config", "commit", "--quiet", "-m", "x", "base/layer.toml"]);
    let refused = env.outcome(&mut commit).code(1);
    assert!((refused.stdout + &refused.stderr).contains("nonsense"));
    env.write("config/base/layer.toml", "description = \"good\"\n");
    env.outcome(&mut commit).code(0);
}

#[test]
fn a_workspace_is_synced_at_the_ref_of_its_binding() {
    let env = history();
    env.workspace();
    env.bind(&["--ref", "v0"]).code(0);
    assert_eq!(env.json("ws/.claude/settings.json")["env"]["N"], "zero");
    env.edit("ws/.claude-env.toml", "\"v0\"", "\"main\"");
    env.sync().code(0);
    assert_eq!(env.json("ws/.claude/settings.json")["env"]["N"], "one");
    assert_eq!(n(show(&env, "ws", &[])), "one");
    env.edit("ws/.claude-env.toml", "\"main\"", "\"gone\"");
    let outcome = env.sync().code(2);
    assert!(outcome.stderr.contains("gone"), "{}", outcome.stderr);
}
