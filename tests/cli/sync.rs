//! `sync`: what it prints. What it does is in `tests/sync`.

use crate::support::TestEnv;

fn bound() -> TestEnv {
    let env = TestEnv::new();
    env.config(&[("base/layer.toml", "[environment]\nN = \"one\"\n")]);
    env.workspace();
    env.bind(&[]).code(0);
    env
}

#[test]
fn outside_of_a_workspace_it_says_what_to_do() {
    let env = TestEnv::new();
    env.config(&[]);
    let outcome = env.run(&["-C", "config", "sync"]).code(2);
    assert!(outcome.stderr.contains("claude-env init"), "{}", outcome.stderr);
}

#[test]
fn json_is_one_object() {
    let env = bound();
    env.edit("config/base/layer.toml", "one", "two");
    env.commit_config();
    for dry in [true, false] {
        let mut arguments = vec!["-C", "ws", "sync", "--format", "json"];
        arguments.extend(dry.then_some("--dry-run"));
        let outcome = env.run(&arguments).code(i32::from(dry));
        let answer = outcome.json();
        assert_eq!(answer["command"], "sync");
        assert_eq!(answer["ok"], !dry);
        assert_eq!(answer["revision"].as_str().map(str::len), Some(40));
        let change = &answer["changes"][0];
        assert_eq!(change["file"], ".claude/settings.json");
        assert_eq!(change["pointer"], "/env/N");
        assert_eq!(change["class"], "pending");
        assert_eq!(outcome.stderr, "");
    }
}

#[test]
fn a_diff_shows_the_lines() {
    let env = bound();
    env.edit("config/base/layer.toml", "one", "two");
    env.commit_config();
    let outcome = env.run(&["-C", "ws", "sync", "--dry-run", "--diff"]).code(1);
    assert!(
        outcome.stdout.contains("-    \"N\": \"one\"\n+    \"N\": \"two\"\n"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn a_broken_binding_is_2_with_its_place() {
    let env = bound();
    for (text, place) in
        [("[scope\n", ".claude-env.toml:1"), ("[source]\nrepo = \"x\"\n", ".claude-env.toml:2")]
    {
        env.write("ws/.claude-env.toml", text);
        let outcome = env.sync().code(2);
        assert!(outcome.stderr.contains(place), "{place} in {}", outcome.stderr);
    }
    env.write("ws/.claude-env.toml", "[scope]\n");
    let outcome = env.sync().code(2);
    assert!(outcome.stderr.contains("needs `source`"), "{}", outcome.stderr);
}

#[test]
fn it_says_what_of_the_user_layer_cannot_be_rendered() {
    let env = bound();
    let layer = "[environment]\nMINE = \"1\"\n[mcp_servers.mine]\ncommand = \"m\"\n";
    env.write("home/.config/claude-env/user/layer.toml", layer);
    let outcome = env.run(&["-C", "ws", "sync", "--dry-run"]).code(1);
    assert!(outcome.stderr.contains("warning: .mcp.json mcpServers/mine: "), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("claude mcp add -s user mine"), "{}", outcome.stderr);
    assert!(outcome.stdout.contains("~ .git/info/exclude  5 patterns added"), "{}", outcome.stdout);
    assert!(!env.join("ws/.claude/settings.local.json").exists());

    let answer = env.run(&["-C", "ws", "sync", "--format", "json"]).code(0).json();
    let warning = &answer["warnings"][0];
    assert_eq!(
        (&warning["file"], &warning["entry"]),
        (&".mcp.json".into(), &"mcpServers/mine".into())
    );
    assert!(
        warning["origin"].as_str().is_some_and(|origin| origin.ends_with("user/layer.toml:3:14"))
    );
    assert_eq!(answer["exclude"]["file"], ".git/info/exclude");
    assert_eq!(answer["exclude"]["added"][1], "/.claude/settings.local.json");
    assert!(env.json("ws/.claude/settings.json")["env"].get("MINE").is_none());
    assert!(!env.join("ws/.mcp.json").exists());
    let answer = env.run(&["-C", "ws", "sync", "--format", "json"]).code(0).json();
    assert!(answer["exclude"].is_null());
}
