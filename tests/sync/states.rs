//! What config, lock and workspace say, and what becomes of it.

use serde_json::{Value as Json, json};

use super::{bound, config};
use crate::support::{Outcome, TestEnv, tree};

/// The changes of a sync, as `ACTION CLASS FILE POINTER`.
fn changes(outcome: &Outcome) -> Vec<String> {
    let answer = outcome.json();
    assert_eq!(answer["command"], "sync");
    let changes = answer["changes"].as_array().expect("changes");
    let word = |change: &Json, key: &str| change[key].as_str().unwrap_or_default().to_owned();
    let line = |change| {
        let parts = ["action", "class", "file", "pointer"].map(|key| word(change, key));
        parts.join(" ").trim_end().to_owned()
    };
    changes.iter().map(line).collect()
}

fn sync_json(env: &TestEnv) -> Outcome {
    env.run(&["-C", "ws", "sync", "--format", "json"])
}

#[test]
fn init_writes_binding_lock_and_every_file() {
    let env = bound();
    let files: Vec<String> = tree(&env.join("ws")).into_keys().collect();
    assert_eq!(
        files,
        [
            ".claude-env.lock",
            ".claude-env.toml",
            ".claude/agents/helper.md",
            ".claude/hooks/guard.sh",
            ".claude/settings.json",
            ".mcp.json",
            "CLAUDE.md",
        ]
    );
    assert!(tree(&env.join("ws"))[".claude/hooks/guard.sh"].executable);
    assert!(!tree(&env.join("ws"))[".claude/agents/helper.md"].executable);
    let binding = env.read("ws/.claude-env.toml");
    assert!(binding.contains("repository = \"../config\"\nref = \"main\"\n"), "{binding}");
    let revision = env.git("config", &["rev-parse", "HEAD"]);
    assert!(env.read("ws/.claude-env.lock").contains(revision.trim()));
    assert!(!env.read("ws/.claude-env.lock").contains(&env.path().display().to_string()));
}

#[test]
fn init_in_a_linked_worktree_and_from_a_subfolder() {
    let env = TestEnv::new();
    config(&env);
    env.workspace();
    env.write("ws/src/main.ts", "\n");
    env.commit_all("ws");
    env.git("ws", &["worktree", "add", "--quiet", "../linked"]);
    env.run(&["-C", "linked/src", "init", "--source", "../../config"]).code(0);
    assert!(env.join("linked/.mcp.json").is_file(), "the root of the checkout is bound");
    assert!(!env.join("linked/src/.mcp.json").exists());
    assert!(!env.join("ws/.mcp.json").exists(), "the main checkout is another workspace");
    env.run(&["-C", "linked/src", "sync", "--dry-run"]).code(0);
}

#[test]
fn init_again_is_a_sync_and_rebinding_is_refused() {
    let env = bound();
    let before = tree(&env.join("ws"));
    env.bind(&[]).code(0);
    assert_eq!(tree(&env.join("ws")), before);
    env.write("config/teams/payments/layer.toml", "[environment]\nTEAM = \"payments\"\n");
    env.commit_config();
    let outcome = env.bind(&["--team", "payments"]).code(2);
    assert!(outcome.stderr.contains("bound already"), "{}", outcome.stderr);
    assert_eq!(tree(&env.join("ws")), before);
}

#[test]
fn an_unusable_configuration_binds_nothing() {
    let env = TestEnv::new();
    config(&env);
    env.write("config/base/layer.toml", "\n[permission]\n");
    env.commit_config();
    env.workspace();
    let outcome = env.bind(&[]).code(2);
    assert!(outcome.stderr.contains("base/layer.toml:2"), "{}", outcome.stderr);
    assert!(tree(&env.join("ws")).is_empty());
}

#[test]
fn nothing_changed_touches_nothing() {
    let env = bound();
    let before = tree(&env.join("ws"));
    let outcome = env.sync().code(0);
    assert_eq!(outcome.stdout, "");
    assert_eq!(tree(&env.join("ws")), before, "the same times and inodes");
}

#[test]
fn a_change_is_written_and_nothing_else_is() {
    let env = bound();
    let before = tree(&env.join("ws"));
    env.edit("config/base/layer.toml", "LEVEL = \"one\"", "LEVEL = \"two\"");
    env.commit_config();
    let dry = env.run(&["-C", "ws", "sync", "--dry-run"]).code(1);
    assert_eq!(dry.stdout, "~ .claude/settings.json  env/LEVEL\n");
    assert_eq!(tree(&env.join("ws")), before, "a dry run writes nothing");

    let outcome = sync_json(&env).code(0);
    assert_eq!(changes(&outcome), ["change pending .claude/settings.json /env/LEVEL"]);
    let after = tree(&env.join("ws"));
    let touched: Vec<&String> = after.keys().filter(|path| after[*path] != before[*path]).collect();
    assert_eq!(touched, [".claude-env.lock", ".claude/settings.json"]);
    assert_eq!(env.json("ws/.claude/settings.json")["env"]["LEVEL"], "two");
}

#[test]
fn what_config_removes_goes() {
    let env = bound();
    env.write("config/base/layer.toml", "unset = ['settings.\"$schema\"']\n");
    std::fs::remove_dir_all(env.join("config/base/memory")).expect("removed");
    std::fs::remove_dir_all(env.join("config/base/agents")).expect("removed");
    std::fs::remove_dir_all(env.join("config/base/hooks")).expect("removed");
    env.commit_config();
    env.run(&["-C", "ws", "sync", "--allow-prune"]).code(0);
    let files: Vec<String> = tree(&env.join("ws")).into_keys().collect();
    assert_eq!(files, [".claude-env.lock", ".claude-env.toml"]);
    assert!(!env.join("ws/.claude").exists(), "no empty folder is left");
}

#[test]
fn a_local_edit_is_reported_and_kept() {
    let env = bound();
    env.edit("ws/.claude/settings.json", "\"LEVEL\": \"one\"", "\"LEVEL\": \"mine\"");
    env.edit("ws/CLAUDE.md", "Be kind.", "Be quick.");
    env.write("ws/.claude/agents/helper.md", "mine\n");
    let before = tree(&env.join("ws"));
    let outcome = sync_json(&env).code(0);
    assert_eq!(
        changes(&outcome),
        [
            "keep drift .claude/agents/helper.md",
            "keep drift .claude/settings.json /env/LEVEL",
            "keep drift CLAUDE.md",
        ]
    );
    assert_eq!(outcome.json()["ok"], true, "drift that is kept is no failure");
    assert_eq!(tree(&env.join("ws")), before);

    // The config moves elsewhere in the same file: that arrives, the edits stay.
    env.edit("config/base/layer.toml", "PLACE = \"here\"", "PLACE = \"there\"");
    env.commit_config();
    env.sync().code(0);
    let settings = env.json("ws/.claude/settings.json");
    assert_eq!(settings["env"], json!({ "LEVEL": "mine", "PLACE": "there" }));

    // Put back by hand, all is clean again.
    env.edit("ws/.claude/settings.json", "\"LEVEL\": \"mine\"", "\"LEVEL\": \"one\"");
    env.edit("ws/CLAUDE.md", "Be quick.", "Be kind.");
    env.write("ws/.claude/agents/helper.md", env.read("config/base/agents/helper.md"));
    let clean = sync_json(&env).code(0);
    assert_eq!(changes(&clean), [] as [&str; 0]);
}

#[test]
fn a_removed_entry_is_drift_and_stays_removed() {
    let env = bound();
    std::fs::remove_file(env.join("ws/.claude/agents/helper.md")).expect("removed");
    let outcome = sync_json(&env).code(0);
    assert_eq!(changes(&outcome), ["keep drift .claude/agents/helper.md"]);
    assert!(!env.join("ws/.claude/agents/helper.md").exists());
}

#[test]
fn a_lost_executable_bit_is_drift() {
    let env = bound();
    let script = env.join("ws/.claude/hooks/guard.sh");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(script, mode).expect("the mode");
    let outcome = sync_json(&env).code(0);
    assert_eq!(changes(&outcome), ["keep drift .claude/hooks/guard.sh"]);
}

#[test]
fn both_moved_apart_is_a_conflict() {
    let env = bound();
    env.edit("ws/.mcp.json", "https://mcp.acme.example/docs", "http://localhost/docs");
    env.edit("config/base/layer.toml", "acme.example/docs", "acme.example/v2");
    env.edit("config/base/layer.toml", "LEVEL = \"one\"", "LEVEL = \"two\"");
    env.commit_config();
    let outcome = sync_json(&env).code(1);
    assert_eq!(
        changes(&outcome),
        [
            "change pending .claude/settings.json /env/LEVEL",
            "keep conflict .mcp.json /mcpServers/docs",
        ]
    );
    assert_eq!(outcome.json()["ok"], false);
    assert!(env.read("ws/.mcp.json").contains("http://localhost/docs"), "the edit is kept");
    assert_eq!(env.json("ws/.claude/settings.json")["env"]["LEVEL"], "two", "the rest arrives");
    env.sync().code(1);

    env.edit("ws/.mcp.json", "http://localhost/docs", "https://mcp.acme.example/v2");
    let settled = sync_json(&env).code(0);
    assert_eq!(changes(&settled), ["record converged .mcp.json /mcpServers/docs"]);
    assert_eq!(changes(&sync_json(&env).code(0)), [] as [&str; 0]);
}

#[test]
fn an_edited_entry_that_config_removes_stays() {
    let env = bound();
    std::fs::remove_dir_all(env.join("config/base/agents")).expect("removed");
    env.write("ws/.claude/agents/helper.md", "mine\n");
    env.commit_config();
    let outcome = sync_json(&env);
    let kept = "keep orphan drifted .claude/agents/helper.md".to_owned();
    assert!(changes(&outcome).contains(&kept), "{}", outcome.stdout);
    assert_eq!(env.read("ws/.claude/agents/helper.md"), "mine\n");
}

#[test]
fn what_was_there_first_is_never_taken() {
    let env = TestEnv::new();
    config(&env);
    env.workspace();
    let server = "{\"mcpServers\": {\"docs\": {\"command\": \"mine\"}}}\n";
    env.write("ws/.mcp.json", server);
    env.write("ws/.claude/agents/helper.md", "mine\n");
    env.bind(&[]).code(0);
    let outcome = sync_json(&env).code(0);
    assert_eq!(
        changes(&outcome),
        [
            "keep foreign collision .claude/agents/helper.md",
            "keep foreign collision .mcp.json /mcpServers/docs",
        ]
    );
    let servers = &env.json("ws/.mcp.json")["mcpServers"];
    assert_eq!(servers["docs"], json!({ "command": "mine" }));
    assert_eq!(servers["tool"]["command"], "tool", "the other one is ours");

    // What config gives up was never ours: it stays.
    env.write("config/base/layer.toml", "");
    std::fs::remove_dir_all(env.join("config/base/agents")).expect("removed");
    env.commit_config();
    env.run(&["-C", "ws", "sync", "--allow-prune"]).code(0);
    assert_eq!(
        env.json("ws/.mcp.json"),
        json!({ "mcpServers": { "docs": { "command": "mine" } } })
    );
    assert_eq!(env.read("ws/.claude/agents/helper.md"), "mine\n");
}

#[test]
fn sixty_four_at_once_end_in_the_right_state() {
    let env = bound();
    let expected = {
        let other = TestEnv::new();
        config(&other);
        other.edit("config/base/layer.toml", "LEVEL = \"one\"", "LEVEL = \"two\"");
        other.write(
            "config/base/agents/second.md",
            "---\nname: second\ndescription: b\n---\n\nB.\n",
        );
        other.commit_config();
        other.workspace();
        other.bind(&[]).code(0);
        bytes(&other)
    };
    env.edit("config/base/layer.toml", "LEVEL = \"one\"", "LEVEL = \"two\"");
    env.write("config/base/agents/second.md", "---\nname: second\ndescription: b\n---\n\nB.\n");
    env.commit_config();
    let children: Vec<_> = (0..64)
        .map(|_| {
            let mut command = env.claude_env();
            command.args(["-C", "ws", "sync", "--quiet"]);
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
            command.spawn().expect("the program starts")
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().expect("an end");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(bytes(&env), expected);
    assert_eq!(changes(&sync_json(&env).code(0)), [] as [&str; 0]);
}

/// The files of the workspace without the lock, which names the revision.
fn bytes(env: &TestEnv) -> Vec<(String, Vec<u8>)> {
    let files = tree(&env.join("ws")).into_iter();
    files.filter(|(path, _)| path != ".claude-env.lock").map(|(path, e)| (path, e.bytes)).collect()
}
