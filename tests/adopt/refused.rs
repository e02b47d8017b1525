//! What is not adopted, and why: nothing of it is written.

use serde_json::json;

use super::{SETTINGS, adopt, reasons, stage};
use crate::support::{TestEnv, tool};

/// Adopts with these arguments; all of it must be refused, for these reasons.
#[track_caller]
fn refuses(env: &TestEnv, arguments: &[&str], expect: &[&str]) {
    let arguments = [arguments, &["--yes", "--format", "json"]].concat();
    let answer = adopt(env, &arguments).code(1).json();
    assert_eq!((&answer["ok"], &answer["written"]), (&json!(false), &json!(false)));
    assert_eq!(reasons(&answer), expect);
    assert_eq!(env.git("config", &["status", "--porcelain"]), "", "nothing is written");
}

#[test]
fn what_the_policy_locks() {
    let env = stage(
        "[policy]\nlocked = [\"permissions.deny\", \"mcp_servers.*.url\"]\nappend_only = [\"hooks.PreToolUse\"]\n",
    );
    env.edit(SETTINGS, "\"Read(./.env)\",", "");
    env.edit("ws/.mcp.json", "com/docs\"", "com/v2\"");
    env.edit(SETTINGS, "\"timeout\": 5", "\"timeout\": 9");
    let hook = ".claude/settings.json /hooks/PreToolUse: the policy forbids removals from `hooks.PreToolUse`, claude-env.toml:4:16";
    refuses(
        &env,
        &[],
        &[
            ".mcp.json /mcpServers/docs: the policy locks `mcp_servers.*.url`, claude-env.toml:3:31",
            ".claude/settings.json /permissions/deny: the policy locks `permissions.deny`, claude-env.toml:3:11",
            hook,
            hook,
        ],
    );
    // What is not locked is adopted beside it.
    env.edit(SETTINGS, "\"one\"", "\"two\"");
    let answer = adopt(&env, &["--yes", "--format", "json"]).code(1).json();
    assert_eq!((&answer["ok"], &answer["written"]), (&json!(false), &json!(true)));
    assert!(env.read("config/base/layer.toml").contains("LEVEL = \"two\" # how much is said"));
}

#[test]
fn what_a_secrets_reference_stands_behind() {
    let env = stage("");
    env.edit("ws/.mcp.json", "Bearer ${DOCS_TOKEN}", "Bearer hunter2-hunter2-hunter2");
    let before = env.read("config/base/layer.toml");
    refuses(
        &env,
        &[],
        &[
            ".mcp.json /mcpServers/docs: `mcp_servers.docs.headers.Authorization` is a reference to a secret, base/layer.toml:18:29",
        ],
    );
    assert_eq!(env.read("config/base/layer.toml"), before);
}

#[test]
fn secrets() {
    let token = "ghp_q7Zk3R9vTx2LmN8bWc5Yd1Fh6Jp4Sa0GuEoI";
    let env = stage("");
    let mut servers = env.json("ws/.mcp.json");
    servers["mcpServers"]["a"] = json!({"command": "x", "env": {"API_KEY": "hunter2"}});
    servers["mcpServers"]["b"] =
        json!({"command": "x", "args": ["--header", format!("X: {token}")]});
    env.write("ws/.mcp.json", format!("{servers:#}\n"));
    env.edit(SETTINGS, "\"one\"", &format!("\"{token}\""));
    env.write(
        "ws/.claude/agents/a.md",
        format!("---\nname: a\ndescription: A\n---\nUse {token}.\n"),
    );
    let arguments = [".mcp.json", ".claude/settings.json", ".claude/agents/a.md"];
    let before = env.read("ws/.mcp.json");
    for format in ["human", "json"] {
        let outcome = adopt(&env, &[arguments.as_slice(), &["--yes", "--format", format]].concat());
        for secret in [token, "hunter2"] {
            assert!(!outcome.stdout.contains(secret) && !outcome.stderr.contains(secret));
        }
    }
    refuses(
        &env,
        &arguments,
        &[
            ".claude/settings.json /env/LEVEL: `environment.LEVEL` looks like a secret",
            ".mcp.json /mcpServers/a: `mcp_servers.a.env.API_KEY` looks like a secret",
            ".mcp.json /mcpServers/b: `mcp_servers.b.args.--header` looks like a secret",
            ".claude/agents/a.md : `agents/a.md` contains what looks like a secret",
        ],
    );
    assert_eq!(env.read("ws/.mcp.json"), before);
}

#[test]
fn what_check_would_find() {
    let env = stage("");
    env.edit(SETTINGS, "\"Bash(curl:*)\"", "\"bash(curl)\"");
    env.edit(SETTINGS, ": 14", ": \"two weeks\"");
    env.edit("ws/.mcp.json", "\"http\"", "\"streamable\"");
    let answer =
        adopt(&env, &["--format", "json", ".claude/settings.json", ".mcp.json"]).code(1).json();
    let reasons = reasons(&answer);
    for (at, expect) in [
        ".claude/settings.json /cleanupPeriodDays: `check` would find CE070 at base/layer.toml:21:",
        ".mcp.json /mcpServers/docs: `check` would find CE041 at base/layer.toml:16:",
        ".claude/settings.json /permissions/deny: `check` would find CE050 at base/layer.toml:11:",
    ]
    .into_iter()
    .enumerate()
    {
        assert!(reasons[at].starts_with(expect), "{reasons:#?}");
    }
    // What the layers cannot say.
    let env = stage("");
    env.edit(SETTINGS, "\"one\"", "null");
    let answer = adopt(&env, &["--format", "json"]).code(1).json();
    assert!(super::reasons(&answer)[0].contains("TOML has no null"), "{answer:#}");
}

#[test]
fn what_another_layer_hides() {
    let env = stage("");
    env.edit(SETTINGS, "\"checkout\"", "\"shop\"");
    refuses(
        &env,
        &["--layer", "base"],
        &[
            ".claude/settings.json /env/SERVICE: `projects/checkout/layer.toml` defines it too and takes precedence over the layer base",
        ],
    );
    env.edit(SETTINGS, "\"shop\"", "\"checkout\"");
    env.edit(SETTINGS, "\"Bash(curl:*)\"", "\"Bash(curl:*)\",\n      \"WebFetch\"");
    refuses(
        &env,
        &["permissions/deny", "--layer", "project"],
        &[
            ".claude/settings.json /permissions/deny: a layer's `permissions.deny` replaces that of the layers below, so a list in \
           the layer project checkout would hide the one in `base/layer.toml`",
        ],
    );
    refuses(
        &env,
        &["permissions/deny", "--layer", "user"],
        &[
            ".claude/settings.json /permissions/deny: the file is committed, and a user layer is never rendered into committed files",
        ],
    );
}

#[test]
fn what_comes_from_a_pack() {
    let env = stage("");
    let wheel = tool("CLAUDE_ENV_TEST_SUPERCLAUDE_WHEEL");
    let add = ["-C", "config", "pack", "add", "superclaude@4.3.0", "--from", wheel.as_str()];
    env.run(&add).code(0);
    let layer = env.read("config/teams/payments/layer.toml");
    env.write("config/teams/payments/layer.toml", format!("packs = [\"superclaude\"]\n{layer}"));
    env.commit_config();
    env.sync().code(0);
    let command = "ws/.claude/commands/sc/analyze.md";
    let text = env.read(command);
    env.write(command, format!("{text}More.\n"));
    refuses(
        &env,
        &[],
        &[
            ".claude/commands/sc/analyze.md : it comes from `packs/superclaude/commands/analyze.md`, which is vendored",
        ],
    );
    super::adopts(&env, &["--layer", "project"]);
    assert_eq!(
        env.read("config/projects/checkout/commands/sc/analyze.md"),
        format!("{text}More.\n")
    );
    // What a pack brings and nobody wants is unset in the layer that names the pack.
    std::fs::remove_file(env.join("ws/.claude/commands/sc/brainstorm.md")).expect("it was there");
    super::adopts(&env, &[]);
    let team = env.read("config/teams/payments/layer.toml");
    assert!(team.contains("unset = ['files.\"commands/sc/brainstorm.md\"']"), "{team}");
    // With a server goes the pack's document about it, which another word says.
    let mut servers = env.json("ws/.mcp.json");
    servers["mcpServers"].as_object_mut().expect("servers").remove("context7");
    env.write("ws/.mcp.json", format!("{servers:#}\n"));
    let outcome = adopt(&env, &["--yes"]).code(1);
    let help =
        "write `exclude = [\"superclaude/mcp/context7\"]` into the layer that names the pack";
    assert!(outcome.stderr.contains(help), "{}", outcome.stderr);
}

#[test]
fn a_file_that_cannot_be_read() {
    let env = stage("");
    env.write(SETTINGS, "{ not json");
    let outcome = adopt(&env, &["--yes"]).code(1);
    assert!(
        outcome.stderr.contains("not adopted: .claude/settings.json:1: cannot be read"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn words_that_name_no_entry() {
    let env = stage("");
    env.edit(SETTINGS, "\"one\"", "\"two\"");
    for (words, expect) in [
        (&["env/LEVL"][..], "did you mean `env/LEVEL`?"),
        (&[".claude/setings.json"], "did you mean `.claude/settings.json`?"),
        (&["nonsense"], "`claude-env status` lists the entries"),
    ] {
        let outcome = adopt(&env, words).code(2);
        assert!(outcome.stderr.contains(expect), "{}", outcome.stderr);
    }
    // An entry that is as configured is nothing to adopt.
    adopt(&env, &["env/MODE"]).code(0);
    for words in
        [["/env/LEVEL"].as_slice(), &["environment.LEVEL"], &[".claude/settings.json env/LEVEL"]]
    {
        let outcome = adopt(&env, &[words, &["--dry-run"]].concat()).code(1);
        assert!(outcome.stderr.contains("would adopt 1 entry"), "{}", outcome.stderr);
    }
}
