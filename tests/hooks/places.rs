//! Repositories of every form.

use super::*;

#[test]
fn linked_work_trees_share_hooks_and_each_follows_its_own_binding() {
    let env = bound();
    env.git("ws", &["worktree", "add", "--quiet", "../linked", "-b", "linked"]);
    let before = state(&env.join("ws/.git"));
    hooks(&env, "linked", &["install"]).code(0);
    assert!(env.join("ws/.git/hooks/post-checkout").is_file());
    assert_eq!(states(&env, "linked"), ["installed"; 3]);
    assert_eq!(states(&env, "ws"), ["installed"; 3]);
    configure(&env, "two");
    env.git("linked", &["checkout", "--quiet", "-b", "topic"]);
    assert_eq!((level(&env, "linked").as_str(), level(&env, "ws").as_str()), ("two", "one"));
    env.git("ws", &["checkout", "--quiet", "-b", "other"]);
    assert_eq!(level(&env, "ws"), "two");
    // A new one is rendered as soon as it is checked out.
    configure(&env, "three");
    env.git("ws", &["worktree", "add", "--quiet", "../third"]);
    assert_eq!(level(&env, "third"), "three");
    hooks(&env, "third", &["uninstall"]).code(0);
    let after = state(&env.join("ws/.git"));
    assert_eq!(after, before);
}

#[test]
fn work_trees_of_a_bare_repository_have_its_hooks() {
    let env = bound();
    env.git("", &["clone", "--quiet", "--bare", "ws", "bare.git"]);
    env.git("bare.git", &["worktree", "add", "--quiet", "../tree", "main"]);
    let before = state(&env.join("bare.git"));
    hooks(&env, "tree", &["install"]).code(0);
    assert!(env.join("bare.git/hooks/post-checkout").is_file());
    configure(&env, "two");
    env.git("tree", &["checkout", "--quiet", "-b", "topic"]);
    assert_eq!(level(&env, "tree"), "two");
    hooks(&env, "tree", &["uninstall"]).code(0);
    assert_eq!(state(&env.join("bare.git")), before);
}

#[test]
fn a_submodule_has_hooks_of_its_own() {
    let env = bound();
    env.git("", &["init", "--quiet", "--initial-branch=main", "outer"]);
    let add = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../ws", "inner"];
    env.git("outer", &add);
    env.git("outer", &["commit", "--quiet", "-m", "x"]);
    let before = state(&env.join("outer/.git/modules/inner"));
    hooks(&env, "outer/inner", &["install"]).code(0);
    assert!(env.join("outer/.git/modules/inner/hooks/post-checkout").is_file());
    assert!(!env.join("outer/.git/hooks/post-checkout").exists());
    // The binding's path is relative to the workspace.
    env.edit("outer/inner/.claude-env.toml", "../config", "../../config");
    configure(&env, "two");
    env.git("outer/inner", &["checkout", "--quiet", "-b", "topic"]);
    assert_eq!(level(&env, "outer/inner"), "two");
    hooks(&env, "outer/inner", &["uninstall"]).code(0);
    assert_eq!(state(&env.join("outer/.git/modules/inner")), before);
}

#[test]
fn paths_may_hold_spaces_and_quotes() {
    let env = TestEnv::new();
    env.config(&[("base/layer.toml", "[environment]\nLEVEL = \"one\"\n")]);
    let name = "it's a \"work\" $(space)";
    env.git("", &["init", "--quiet", "--initial-branch=main", name]);
    write_hook(&env, &format!("{name}/.git/hooks/post-checkout"), "theirs");
    let mut command = program_in(&env, &format!("{name}/bin dir"));
    env.outcome(command.args(["-C", name, "init", "--source", "../config"])).code(0);
    assert_eq!(states(&env, name), ["installed"; 3]);
    env.hooks_sync(name);
    configure(&env, "two");
    env.commit_all(name);
    assert_eq!(level(&env, name), "one");
    env.git(name, &["checkout", "--quiet", "-b", "topic"]);
    assert_eq!(level(&env, name), "two");
    assert!(ran(&env).starts_with("theirs "));
}

#[test]
fn where_hooks_make_no_sense_is_said() {
    let env = bound();
    env.git("", &["init", "--quiet", "--bare", "bare.git"]);
    for folder in ["bare.git", "ws/.git"] {
        let before = state(&env.join(folder));
        for verb in ["install", "uninstall", "status"] {
            let outcome = hooks(&env, folder, &[verb]).code(2);
            assert!(outcome.stderr.contains("has no work tree"), "{}", outcome.stderr);
        }
        assert_eq!(state(&env.join(folder)), before);
    }
    let outcome = hooks(&env, "home", &["install"]).code(2);
    assert!(outcome.stderr.contains("is in no git repository"), "{}", outcome.stderr);
    let outcome = hooks(&env, "nowhere", &["install"]).code(2);
    assert!(outcome.stderr.contains("there is no folder"), "{}", outcome.stderr);
    env.git("", &["init", "--quiet", "plain"]);
    let outcome = hooks(&env, "plain", &["install"]).code(2);
    assert!(outcome.stderr.contains("claude-env init --source REPO"), "{}", outcome.stderr);
    assert_eq!(states(&env, "plain"), [""; 0]);
    hooks(&env, "plain", &["uninstall"]).code(0);
}

#[test]
fn a_workspace_below_the_root_has_hooks_too() {
    let env = TestEnv::new();
    env.config(&[("base/layer.toml", "[environment]\nLEVEL = \"one\"\n")]);
    env.workspace();
    let binding = format!("[source]\nrepository = \"{}\"\n", env.join("config").display());
    env.write("ws/app/.claude-env.toml", binding);
    hooks(&env, "ws/app", &["install"]).code(0);
    assert_eq!(states(&env, "ws/app"), ["installed"; 3]);
}

#[test]
fn a_status_of_the_workspace_names_its_hooks() {
    let env = bound();
    let status = env.run(&["-C", "ws", "status"]).code(0).stdout;
    assert!(status.contains("hooks       none: `claude-env hooks install`"), "{status}");
    hooks(&env, "ws", &["install"]).code(0);
    let status = env.run(&["-C", "ws", "status"]).code(0).stdout;
    assert!(status.contains("hooks       post-checkout, post-merge, post-rewrite\n"), "{status}");
    write_hook(&env, "ws/.git/hooks/post-merge", "theirs");
    let status = env.run(&["-C", "ws", "status"]).code(0).stdout;
    assert!(status.contains("hooks       2 of 3 installed"), "{status}");
    let answer = env.run(&["-C", "ws", "status", "--format", "json"]).code(0).json();
    assert_eq!(answer["hooks"][1]["state"], "foreign");
}
