//! Each trap, and what is none.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::super::client_files::{ClientState, FileText};
use super::*;

fn file(shown: &str, json: Option<Json>) -> SettingsFile {
    let text = json.map_or(FileText::Missing, |json| FileText::Text(json.to_string()));
    SettingsFile { shown: shown.to_owned(), text }
}

/// A machine where all is well: two servers that are approved, hooks, rules, and a trusted folder.
fn well() -> (ClientFiles, Rendered) {
    let server = json!({"type": "http", "url": "https://x.example"});
    let files = ClientFiles {
        user: file("user", Some(json!({"enableAllProjectMcpServers": true}))),
        project: file("project", Some(json!({"model": "opus"}))),
        local: file("local", None),
        mcp: file("mcp", Some(json!({"mcpServers": {"docs": server, "other": server}}))),
        managed: Vec::new(),
        managed_mcp: file("managed-mcp", None),
        state: ClientState { trusted: true, ..ClientState::default() },
        state_shown: "state".to_owned(),
        unread_agents: false,
    };
    let rendered = Rendered {
        servers: ["docs", "other"].map(str::to_owned).into(),
        values: vec![
            (["model"].into_iter().collect(), json!("opus")),
            (["env", "A"].into_iter().collect(), json!("1")),
        ],
        personal: BTreeSet::new(),
        has_hooks: true,
        allows: true,
    };
    (files, rendered)
}

/// What is said after a change, as `STATE message`.
#[track_caller]
fn check(change: impl FnOnce(&mut ClientFiles, &mut Rendered), expect: &[&str]) {
    let (mut files, mut rendered) = well();
    change(&mut files, &mut rendered);
    let lines = traps(&files, &rendered, &|name| name == "SET");
    let shown: Vec<String> =
        lines.iter().map(|line| format!("{} {}", line.state.word(), line.message)).collect();
    assert_eq!(shown, expect);
    for line in &lines {
        assert!(!line.help.is_empty(), "{line:?}");
        assert_eq!(line.area, Area::ClaudeCode);
    }
}

#[test]
fn nothing_is_said_where_all_is_well() {
    check(|_, _| {}, &[]);
    check(
        |files, _| {
            files.user.text =
                FileText::Text("\u{feff}{\"enableAllProjectMcpServers\": true}".to_owned());
        },
        &[],
    );
    // An empty settings file is fine.
    check(|files, _| files.local.text = FileText::Text(String::new()), &[]);
    // A workspace without servers, hooks and rules is not concerned.
    check(
        |files, rendered| {
            *rendered = Rendered::default();
            files.state.trusted = false;
            files.managed_mcp = file("managed-mcp", Some(json!({"mcpServers": {}})));
            files.local = file("local", Some(json!({"disableAllHooks": true})));
        },
        &[],
    );
}

#[test]
fn files_that_claude_code_discards() {
    let end = "Claude Code discards the whole file, and only `claude doctor` reports it";
    let said = |what: &str| format!("fail local {what}: {end}");
    let discarded = |json: &str, what: &str| {
        let text = FileText::Text(json.to_owned());
        check(|files, _| files.local.text = text, &[&said(what)]);
    };
    discarded("{\"model\": 5}", "has a value of the wrong type at `model`");
    discarded(
        "{\"permissions\": {\"allow\": \"x\"}}",
        "has a value of the wrong type at `permissions.allow`",
    );
    discarded("{\"model\": null}", "has null at `model`");
    discarded("{ // a comment\n}", "is not valid JSON, line 1");
    discarded("[]", "holds no object");
    discarded(&format!("{{\"model\": \"{}\"}}", "x".repeat(3 << 20)), "is larger than 2 MiB");
    let unreadable = FileText::Unreadable("no".to_owned());
    check(
        |files, _| files.project.text = unreadable,
        &[&format!("fail project cannot be read: no: {end}")],
    );
}

#[test]
fn servers_that_claude_code_refuses_or_skips() {
    let refused = |text: &str, what: &str| {
        let text = FileText::Text(text.to_owned());
        let said = format!("fail mcp {what}: Claude Code rejects the whole file");
        check(|files, _| files.mcp.text = text, &[&said]);
    };
    refused("", "is not valid JSON, line 1");
    refused("{}", "has no object `mcpServers`");
    refused("{\"servers\": {}}", "has no object `mcpServers`");
    let skipped = |server: Json, why: &str| {
        let said = format!("fail mcp: Claude Code skips the server `x`: {why}");
        check(
            |files, _| files.mcp = file("mcp", Some(json!({"mcpServers": {"x": server}}))),
            &[&said],
        );
    };
    skipped(json!({"url": "https://x.example"}), "it has a `url` and no `type`");
    skipped(json!({"command": ""}), "it has no `command`");
    skipped(json!({"type": "http"}), "it has no `url`");
    skipped(json!({"type": "streamableHttp", "url": "x"}), "its `type` is unknown");
    skipped(json!("x"), "it is not an object");
    skipped(
        json!({"command": "x", "env": {"A": 1}}),
        "`args`, `env` or `headers` has a value that is not a string",
    );
}

#[test]
fn variables_without_a_value() {
    let server = json!({"type": "http", "url": "${URL:-x}", "headers": {"A": "${ONE}", "B": "${SET}", "C": "${ENV}"}});
    check(
        |files, _| {
            files.mcp = file("mcp", Some(json!({"mcpServers": {"x": server}})));
            files.project = file("project", Some(json!({"env": {"ENV": "1"}})));
        },
        &["note MCP servers name variables that are not set here: ONE"],
    );
}

#[test]
fn switches_that_turn_off_what_is_rendered() {
    let on = |key: &str| Some(json!({ key: true }));
    check(
        |files, _| files.local = file("local", on("disableAllHooks")),
        &["fail `disableAllHooks` in local disables the configured hooks"],
    );
    check(
        |files, _| {
            files.managed = vec![
                file("a", on("allowManagedHooksOnly")),
                file("b", on("allowManagedPermissionRulesOnly")),
            ];
        },
        &[
            "fail `allowManagedHooksOnly` in a disables the configured hooks",
            "fail `allowManagedPermissionRulesOnly` in b disables the configured permission rules",
        ],
    );
    check(
        |files, _| files.managed_mcp = file("managed-mcp", Some(json!({"mcpServers": {}}))),
        &["fail managed-mcp exists: Claude Code loads no other MCP servers"],
    );
}

#[test]
fn servers_that_may_not_run() {
    check(
        |files, _| files.local = file("local", Some(json!({"disabledMcpjsonServers": ["docs"]}))),
        &["fail `disabledMcpjsonServers` in local disables the MCP server `docs`"],
    );
    check(
        |files, _| {
            let denied = json!({"deniedMcpServers": [{"serverName": "docs"}], "allowedMcpServers": [{"serverName": "docs"}]});
            files.managed = vec![file("managed", Some(denied))];
        },
        &[
            "fail `deniedMcpServers` in managed disables the MCP server `docs`",
            "fail `allowedMcpServers` in managed does not list other",
        ],
    );
    // A list by command or address is Claude Code's to judge.
    check(
        |files, _| {
            let allowed = json!({"allowedMcpServers": [{"serverUrl": "https://*"}]});
            files.managed = vec![file("managed", Some(allowed))];
        },
        &[],
    );
    let approve = |files: &mut ClientFiles, trusted: bool| {
        files.user = file("user", None);
        files.local = file("local", Some(json!({"enabledMcpjsonServers": ["docs"]})));
        files.state.trusted = trusted;
    };
    check(|files, _| approve(files, true), &["note 1 MCP server waits for your approval: other"]);
    check(
        |files, _| approve(files, false),
        &[
            "note 2 MCP servers wait for your approval: docs, other; approvals in the workspace's settings have an effect only in a \
             trusted folder",
            "note the folder is not trusted yet: rules in `permissions.allow` and `additionalDirectories` of the workspace have \
             no effect",
        ],
    );
}

#[test]
fn what_comes_from_elsewhere() {
    check(
        |files, _| {
            files.state.servers.insert("other".to_owned());
            files.state.local_servers.insert("docs".to_owned());
        },
        &[
            "fail state has a server `docs` for this folder, which overrides the configured one",
            "note state also has a server `other`; the configured one overrides it here",
        ],
    );
    check(|files, _| files.unread_agents = true, &["note AGENTS.md is not read beside CLAUDE.md"]);
    let other = json!({"model": "haiku", "env": {"A": "1", "B": "2"}});
    check(
        |files, _| files.local = file("local", Some(other.clone())),
        &["note local overrides configured values: model"],
    );
    // What the user layer renders there is no surprise.
    check(
        |files, rendered| {
            files.local = file("local", Some(other.clone()));
            rendered.personal.insert(["model"].into_iter().collect());
        },
        &[],
    );
    check(
        |files, _| files.managed = vec![file("managed", Some(other.clone()))],
        &["note managed overrides configured values: model"],
    );
}
