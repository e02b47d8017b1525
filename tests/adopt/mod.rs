//! `adopt`: what somebody changed in a workspace becomes an edit of the layer that it belongs to.

mod ask;
mod entries;
mod refused;
mod texts;
mod where_to;

use serde_json::Value as Json;

use crate::support::{Outcome, TestEnv};

const SETTINGS: &str = "ws/.claude/settings.json";

/// The base layer of most tests, with a comment everywhere.
const BASE: &str = r#"# For everyone.

[environment]
LEVEL = "one" # how much is said
MODE = "dev"

# What may run.
[permissions]
deny = [
    "Read(./.env)",   # secrets
    "Bash(curl:*)",   # the network
]

# A server with a token.
[mcp_servers.docs]
type = "http"
url = "https://mcp.example.com/docs" # the docs
headers = { Authorization = "Bearer ${env:DOCS_TOKEN}" }

[settings]
cleanupPeriodDays = 14 # two weeks

# Before each command.
[[hooks.PreToolUse]]
matcher = "Bash" # commands only
hooks = [{ type = "command", command = "true", timeout = 5 }]
"#;

const TEAM: &str = "# The team.\n[environment]\nTEAM = \"payments\" # ours\n";
const PROJECT: &str = "# The project.\n[environment]\nSERVICE = \"checkout\"\n";
const AGENT: &str = "---\nname: helper\ndescription: Helps\n---\nHelp.\n";

/// A synced workspace; `manifest` is the rest of the manifest after `version`.
fn stage(manifest: &str) -> TestEnv {
    let env = TestEnv::new();
    let manifest = format!("version = 1\n{manifest}");
    env.config(&[
        ("claude-env.toml", &manifest),
        ("base/layer.toml", BASE),
        ("base/memory/10-house.md", "# House\n\nBe kind.\nBe brief.\n"),
        ("base/agents/helper.md", AGENT),
        ("base/hooks/guard.sh", "#!/bin/sh\n"),
        ("teams/payments/layer.toml", TEAM),
        ("teams/payments/memory/20-team.md", "# Payments\n\nCount twice.\n"),
        ("projects/checkout/layer.toml", PROJECT),
    ]);
    env.workspace();
    env.bind(&["--team", "payments", "--project", "checkout"]).code(0);
    env
}

fn adopt(env: &TestEnv, arguments: &[&str]) -> Outcome {
    env.run(&[["-C", "ws", "adopt"].as_slice(), arguments].concat())
}

/// Adopts, and makes sure that what was adopted is no drift any more, and that the workspace was left alone.
#[track_caller]
fn adopts(env: &TestEnv, arguments: &[&str]) -> Json {
    let before = crate::support::tree(&env.join("ws"));
    let answer = adopt(env, &[arguments, &["--yes", "--format", "json"]].concat()).code(0).json();
    assert_eq!((&answer["ok"], &answer["written"]), (&true.into(), &true.into()));
    assert_eq!(crate::support::tree(&env.join("ws")), before, "the workspace is left alone");
    env.run(&["-C", "config", "check"]).code(0);
    env.commit_config();
    env.run(&["-C", "ws", "drift"]).code(0);
    // What was adopted is taken into the lock, and is ours from then on.
    let synced = env.run(&["-C", "ws", "sync", "--format", "json"]).code(0).json();
    let actions = synced["changes"].as_array().expect("changes").iter();
    let others: Vec<&Json> = actions.filter(|change| change["action"] != "record").collect();
    assert_eq!(others, [] as [&Json; 0]);
    answer
}

/// The lines of a layer that are not as in this text, as `-old` and `+new`.
fn changed(env: &TestEnv, path: &str, before: &str) -> Vec<String> {
    let after = env.read(&format!("config/{path}"));
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - start;
    let end = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let gone = old[start..old.len() - end].iter().map(|line| format!("-{line}"));
    gone.chain(new[start..new.len() - end].iter().map(|line| format!("+{line}"))).collect()
}

/// The reasons of an answer, as `FILE POINTER: reason`.
fn reasons(answer: &Json) -> Vec<String> {
    let refused = answer["refused"].as_array().expect("refused").iter();
    let text = |json: &Json| json.as_str().expect("text").to_owned();
    refused
        .map(|one| {
            format!("{} {}: {}", text(&one["file"]), text(&one["pointer"]), text(&one["reason"]))
        })
        .collect()
}
