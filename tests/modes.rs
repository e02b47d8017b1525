//! Modes and user layers: what is committed is the same for everyone, and what is one person's stays out of git.

use crate::support::{Outcome, TestEnv, tree};

const SHARED: &str = r#"[environment]
LEVEL = "shared"

[permissions]
allow = ["Bash(ls:*)"]

[mcp_servers.docs]
url = "https://mcp.acme.example/docs"
"#;

const LOCAL_SETTINGS: &str = "ws/.claude/settings.local.json";

/// A config repository with something for every file of a workspace, and an empty workspace.
fn stage() -> TestEnv {
    let env = TestEnv::new();
    env.config(&[
        ("base/layer.toml", SHARED),
        ("base/memory/10-rules.md", "Be kind.\n"),
        ("base/agents/helper.md", "---\nname: helper\ndescription: Helps\n---\n\nHelp.\n"),
    ]);
    env.workspace();
    env
}

/// The user layer of a person on their machine.
fn person(env: &TestEnv, home: &str, name: &str) {
    let user = format!("{home}/.config/claude-env/user");
    let layer = format!(
        "[environment]\nLEVEL = \"{name}\"\nMINE = \"1\"\n[permissions]\nallow = [\"Bash({name}:*)\"]\n"
    );
    env.write(&format!("{user}/layer.toml"), layer);
    env.write(&format!("{user}/memory/me.md"), format!("I am {name}.\n"));
}

fn sync_as(env: &TestEnv, home: &str, workspace: &str) -> Outcome {
    let mut command = env.claude_env();
    command.env("HOME", env.join(home)).args(["-C", workspace, "sync"]);
    env.outcome(&mut command)
}

fn status(env: &TestEnv, workspace: &str) -> String {
    env.git(workspace, &["status", "--porcelain", "--untracked-files=all"])
}

fn exclude(env: &TestEnv) -> String {
    env.read("ws/.git/info/exclude")
}

/// Changes the binding's mode.
fn switch(env: &TestEnv, from: &str, to: &str) {
    let mode = |mode: &str| format!("mode = \"{mode}\"");
    env.edit("ws/.claude-env.toml", &mode(from), &mode(to));
}

#[test]
fn two_people_share_one_committed_lock() {
    let env = stage();
    person(&env, "home", "ada");
    person(&env, "home2", "bob");
    env.bind(&[]).code(0);
    assert_eq!(
        status(&env, "ws"),
        "?? .claude-env.lock\n?? .claude-env.toml\n?? .claude/agents/helper.md\n?? .claude/settings.json\n\
         ?? .mcp.json\n?? CLAUDE.md\n"
    );
    env.commit_all("ws");
    env.git("", &["clone", "--quiet", "ws", "ws2"]);
    sync_as(&env, "home2", "ws2").code(0);

    for (workspace, name) in [("ws", "ada"), ("ws2", "bob")] {
        assert_eq!(status(&env, workspace), "", "{workspace}");
        let settings = env.json(&format!("{workspace}/.claude/settings.local.json"));
        assert_eq!(settings["env"], serde_json::json!({"LEVEL": name, "MINE": "1"}));
        assert_eq!(
            settings["permissions"]["allow"],
            serde_json::json!([format!("Bash({name}:*)")])
        );
        let text = env.read(&format!("{workspace}/CLAUDE.local.md"));
        assert!(text.contains(&format!("I am {name}.")) && !text.contains("Be kind."), "{text}");
        let committed = env.read(&format!("{workspace}/.claude/settings.json"));
        assert!(!committed.contains(name), "{committed}");
        assert!(!env.read(&format!("{workspace}/CLAUDE.md")).contains(name));
    }
    assert_eq!(env.read("ws/.claude-env.lock"), env.read("ws2/.claude-env.lock"));
    assert_ne!(env.read("ws/.claude-env.local.lock"), env.read("ws2/.claude-env.local.lock"));

    // The shared layers move on: one writes the committed files, the other one pulls them.
    env.edit("config/base/layer.toml", "\"shared\"", "\"next\"");
    env.commit_config();
    sync_as(&env, "home", "ws").code(0);
    env.commit_all("ws");
    env.git("ws2", &["pull", "--quiet"]);
    sync_as(&env, "home2", "ws2").code(0);
    assert_eq!(status(&env, "ws2"), "");
    assert_eq!(sync_as(&env, "home2", "ws2").code(0).stdout, "");
}

#[test]
fn a_user_layer_of_the_config_repository_is_rendered_for_who_asks() {
    let env = stage();
    env.write("config/users/ada/layer.toml", "[settings]\nmodel = \"opus\"\n");
    env.commit_config();
    env.bind(&[]).code(0);
    env.run(&["-C", "ws", "--user", "ada", "sync"]).code(0);
    assert_eq!(env.json(LOCAL_SETTINGS)["model"], "opus");
    assert!(!env.read("ws/.claude-env.lock").contains("ada"));
    assert!(env.read("ws/.claude-env.local.lock").contains("\"user\" = \"ada\""));
}

#[test]
fn what_a_person_wrote_into_their_own_files_stays() {
    let env = stage();
    person(&env, "home", "ada");
    env.write(LOCAL_SETTINGS, "{\n  \"permissions\": { \"allow\": [\"Bash(mine)\"] }\n}\n");
    env.write("ws/CLAUDE.local.md", "My notes.\n");
    env.bind(&[]).code(0);
    let allow = &env.json(LOCAL_SETTINGS)["permissions"]["allow"];
    assert_eq!(*allow, serde_json::json!(["Bash(mine)", "Bash(ada:*)"]));
    // Changed by hand: kept and reported, as in any file.
    env.edit(LOCAL_SETTINGS, "\"ada\"", "\"by hand\"");
    let synced = env.sync().code(0);
    assert!(
        synced.stdout.contains("! .claude/settings.local.json  env/LEVEL"),
        "{}",
        synced.stdout
    );
    env.edit(LOCAL_SETTINGS, "\"by hand\"", "\"ada\"");

    std::fs::remove_dir_all(env.join("home/.config")).expect("the user layer goes");
    env.sync().code(0);
    let left = env.json(LOCAL_SETTINGS);
    assert_eq!(left, serde_json::json!({"permissions": {"allow": ["Bash(mine)"]}}));
    assert_eq!(env.read("ws/CLAUDE.local.md"), "My notes.\n");
}

#[test]
fn without_its_layer_nothing_of_a_person_is_left() {
    let env = stage();
    let before = exclude(&env);
    env.bind(&[]).code(0);
    assert_eq!(exclude(&env), before);
    let shared = tree(&env.join("ws"));
    person(&env, "home", "ada");
    env.sync().code(0);
    assert!(exclude(&env).contains("/.claude/settings.local.json\n"));
    assert!(env.join("ws/.claude-env.local.lock").is_file());

    std::fs::remove_dir_all(env.join("home/.config")).expect("the user layer goes");
    let plan = env.run(&["-C", "ws", "sync", "--dry-run", "--diff"]).code(1);
    assert!(plan.stdout.contains("5 patterns removed"), "{}", plan.stdout);
    let lines = "--- a/.git/info/exclude\n+++ b/.git/info/exclude\n";
    assert!(
        plan.stdout.contains(lines) && plan.stdout.contains("\n-/CLAUDE.local.md\n"),
        "{}",
        plan.stdout
    );
    assert!(env.join(LOCAL_SETTINGS).is_file());
    let synced = env.sync().code(0);
    assert!(synced.stdout.contains("- CLAUDE.local.md  block"), "{}", synced.stdout);
    assert!(tree(&env.join("ws")) == shared);
    assert_eq!(exclude(&env), before);
    assert_eq!(env.sync().code(0).stdout, "");
}

#[test]
fn a_tracked_file_gets_nothing_of_a_person() {
    let env = stage();
    env.write("ws/CLAUDE.local.md", "Committed by mistake.\n");
    env.commit_all("ws");
    person(&env, "home", "ada");
    let outcome = env.bind(&[]).code(0);
    assert!(outcome.stderr.contains("git rm --cached -- CLAUDE.local.md"), "{}", outcome.stderr);
    assert_eq!(env.read("ws/CLAUDE.local.md"), "Committed by mistake.\n");
    assert_eq!(env.json(LOCAL_SETTINGS)["env"]["MINE"], "1");
    let again = env.sync().code(0);
    assert!(again.stderr.contains("git rm --cached -- CLAUDE.local.md"), "{}", again.stderr);

    env.git("ws", &["rm", "--quiet", "--cached", "--", "CLAUDE.local.md"]);
    env.sync().code(0);
    assert!(env.read("ws/CLAUDE.local.md").contains("I am ada."));
}

#[test]
fn mode_local_keeps_everything_out_of_git() {
    let env = stage();
    person(&env, "home", "ada");
    env.write("ws/.git/info/exclude", "# mine\n*.tmp");
    let plan = env.bind(&["--mode", "local", "--dry-run"]).code(1);
    assert!(plan.stdout.contains(".git/info/exclude  8 patterns added"), "{}", plan.stdout);
    assert_eq!(exclude(&env), "# mine\n*.tmp");
    assert!(tree(&env.join("ws")).is_empty());

    env.bind(&["--mode", "local"]).code(0);
    assert_eq!(status(&env, "ws"), "");
    assert_eq!(env.json("ws/.claude/settings.json")["env"]["LEVEL"], "ada");
    assert!(env.read("ws/CLAUDE.md").contains("I am ada."));
    assert!(!env.join(LOCAL_SETTINGS).exists());
    let listed = exclude(&env);
    assert!(listed.starts_with("# mine\n*.tmp\n# claude-env:begin\n"), "{listed}");
    assert!(listed.contains("\n/.claude/agents/helper.md\n"), "{listed}");
    assert_eq!(env.sync().code(0).stdout, "");

    // The set of files changes, and the block with it.
    std::fs::remove_file(env.join("config/base/agents/helper.md")).expect("the agent goes");
    env.write("config/base/rules/a [b].md", "Be brief.\n");
    env.commit_config();
    env.sync().code(0);
    assert_eq!(status(&env, "ws"), "");
    let listed = exclude(&env);
    assert!(
        !listed.contains("helper") && listed.contains("\n/.claude/rules/a \\[b].md\n"),
        "{listed}"
    );
}

#[test]
fn from_local_to_committed_and_back() {
    let env = stage();
    person(&env, "home", "ada");
    let before = exclude(&env);
    env.bind(&["--mode", "local"]).code(0);
    switch(&env, "local", "committed");
    env.sync().code(0);
    // As if it had been committed from the start.
    assert_eq!(env.json("ws/.claude/settings.json")["env"]["LEVEL"], "shared");
    assert_eq!(env.json(LOCAL_SETTINGS)["env"]["LEVEL"], "ada");
    assert!(status(&env, "ws").contains("?? CLAUDE.md\n") && !status(&env, "ws").contains("local"));
    assert!(!env.read("ws/.claude-env.lock").contains("local = true"));
    assert_eq!(env.sync().code(0).stdout, "");

    switch(&env, "committed", "local");
    env.sync().code(0);
    assert_eq!(status(&env, "ws"), "");
    assert!(!env.join(LOCAL_SETTINGS).exists() && !env.join("ws/.claude-env.local.lock").exists());

    // Without a user layer there is nothing left to list.
    std::fs::remove_dir_all(env.join("home/.config")).expect("the user layer goes");
    switch(&env, "local", "committed");
    env.sync().code(0);
    assert_eq!(exclude(&env), before);
    assert!(!env.read("ws/CLAUDE.md").contains("ada"));
}

#[test]
fn mode_local_leaves_what_git_tracks() {
    let env = stage();
    env.write("ws/CLAUDE.md", "# The team's\n");
    env.commit_all("ws");
    let outcome = env.bind(&["--mode", "local"]).code(1);
    assert!(outcome.stdout.contains("! CLAUDE.md  is tracked by git"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("git rm --cached -- CLAUDE.md"), "{}", outcome.stdout);
    assert_eq!(env.read("ws/CLAUDE.md"), "# The team's\n");
    assert!(!exclude(&env).contains("/CLAUDE.md\n"));
    assert_eq!(status(&env, "ws"), "");
    env.sync().code(1);
    env.git("ws", &["rm", "--quiet", "--cached", "--", "CLAUDE.md"]);
    env.sync().code(0);
    assert!(env.read("ws/CLAUDE.md").contains("Be kind."));
    assert!(exclude(&env).contains("/CLAUDE.md\n"));
}

#[test]
fn a_committed_workspace_does_not_become_local_by_itself() {
    let env = stage();
    env.bind(&[]).code(0);
    env.commit_all("ws");
    switch(&env, "committed", "local");
    let before = tree(&env.join("ws"));
    let listed = exclude(&env);
    let outcome = env.sync().code(1);
    assert!(outcome.stdout.contains("git rm --cached -- .claude-env.lock"), "{}", outcome.stdout);
    assert!(tree(&env.join("ws")) == before);
    assert_eq!(exclude(&env), listed);
}

#[test]
fn linked_worktrees_share_the_list() {
    let env = stage();
    env.write("ws/file", "");
    env.commit_all("ws");
    person(&env, "home", "ada");
    env.bind(&["--mode", "local"]).code(0);
    env.git("ws", &["worktree", "add", "--quiet", "../linked"]);
    let before = exclude(&env);
    env.run(&["-C", "linked", "init", "--source", "../config"]).code(0);
    let both = exclude(&env);
    assert!(both.contains("# workspace . of worktrees/linked\n"), "{both}");
    assert!(!env.join("ws/.git/worktrees/linked/info").exists());
    assert!(!status(&env, "linked").contains("local"), "{}", status(&env, "linked"));

    std::fs::remove_file(env.join("config/base/agents/helper.md")).expect("the agent goes");
    env.commit_config();
    env.sync().code(0);
    assert!(exclude(&env).contains("# workspace . of worktrees/linked\n"));
    env.git("ws", &["worktree", "remove", "--force", "../linked"]);
    env.edit("config/base/layer.toml", "shared", "next");
    env.write("config/base/agents/helper.md", "---\nname: helper\ndescription: Helps\n---\n");
    env.commit_config();
    env.sync().code(0);
    assert_eq!(exclude(&env), before);
}

#[test]
fn a_submodule_has_a_list_of_its_own() {
    let env = stage();
    env.git("", &["init", "--quiet", "--initial-branch=main", "part"]);
    env.write("part/file", "");
    env.commit_all("part");
    let add = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../part", "sub"];
    env.git("ws", &add);
    env.commit_all("ws");
    let init = ["-C", "ws/sub", "init", "--source", "../../config", "--mode", "local"];
    env.run(&init).code(0);
    assert!(env.read("ws/.git/modules/sub/info/exclude").contains("/CLAUDE.md\n"));
    assert_eq!(status(&env, "ws/sub"), "");
    assert_eq!(status(&env, "ws"), "");
}

#[test]
fn outside_of_git_nothing_is_said_about_it() {
    let env = stage();
    person(&env, "home", "ada");
    env.write("plain/file", "");
    for mode in ["local", "committed"] {
        let _ = std::fs::remove_file(env.join("plain/.claude-env.toml"));
        let init = ["-C", "plain", "init", "--source", "../config", "--mode", mode];
        let outcome = env.run(&init).code(0);
        assert!(!outcome.stderr.contains("git"), "{}", outcome.stderr);
    }
    assert!(env.join("plain/.claude/settings.local.json").is_file());
}

#[test]
fn broken_markers_stop_it_before_anything_is_written() {
    let env = stage();
    env.bind(&[]).code(0);
    let before = tree(&env.join("ws"));
    person(&env, "home", "ada");
    env.write("ws/.git/info/exclude", "# claude-env:begin\n/x\n");
    let outcome = env.sync().code(3);
    assert!(outcome.stderr.contains("info/exclude`, line 1: "), "{}", outcome.stderr);
    assert!(tree(&env.join("ws")) == before);
}

#[test]
fn policy_counts_for_the_user_layer() {
    let env = stage();
    env.write(
        "config/claude-env.toml",
        "version = 1\n[policy]\nlocked = [\"environment.LEVEL\"]\n",
    );
    env.commit_config();
    person(&env, "home", "ada");
    let outcome = env.bind(&[]).code(2);
    assert!(outcome.stderr.contains("user/layer.toml"), "{}", outcome.stderr);
    assert!(tree(&env.join("ws")).is_empty());
}
