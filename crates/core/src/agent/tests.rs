use serde_json::json;

use super::claude_code::{MCP_SERVERS, SETTINGS};
use super::*;

fn path(text: &str) -> RepoPath {
    RepoPath::parse(text).expect("a path")
}

#[test]
fn each_path_is_a_valid_path_of_one_target() {
    let mut seen = std::collections::BTreeSet::new();
    for target in AGENTS.iter().flat_map(|agent| agent.targets) {
        for text in [target.path].into_iter().chain(target.personal) {
            assert!(seen.insert(text), "{text} is a path of two targets");
            assert_eq!(super::target(&path(text)).map(|found| found.path), Some(target.path));
        }
        let servers = target.content == Content::Servers;
        match target.json().map(|format| &format.layout) {
            None => assert_eq!(target.content, Content::Instructions),
            Some(Layout::Members(_)) => assert!(servers),
            Some(Layout::Leaves { .. }) => assert_eq!(target.content, Content::Settings),
        }
        assert_eq!(
            target.advice.is_some(),
            servers && target.personal.is_none(),
            "{}",
            target.path
        );
    }
}

#[test]
fn a_document_is_split_as_targets_own_it() {
    let check = |text: &str, document: Json, expect: &[&str]| {
        let shown = |entry: SplitEntry| {
            let mark = if entry.kind == EntryKind::Item { "[]" } else { "" };
            format!("{}{mark} {}", entry.pointer.plain(), entry.value)
        };
        let entries = split(&path(text), &document).expect("a path of a target");
        assert_eq!(entries.into_iter().map(shown).collect::<Vec<_>>(), expect);
    };
    check(
        ".mcp.json",
        json!({"mcpServers": {"a": {"env": {"A": "1"}}}, "other": 1}),
        &[r#"mcpServers/a {"env":{"A":"1"}}"#],
    );
    check(".mcp.json", json!([1]), &[]);
    check(
        ".claude/settings.json",
        json!({
            "env": {"A": "1"}, "permissions": {"deny": ["x", "y"], "defaultMode": "plan"},
            "companyAnnouncements": ["hi"], "sandbox": {}
        }),
        &[
            r#"env/A "1""#,
            r#"permissions/deny[] "x""#,
            r#"permissions/deny[] "y""#,
            r#"permissions/defaultMode "plan""#,
            r#"companyAnnouncements ["hi"]"#,
        ],
    );
    check(".claude/settings.local.json", json!({"model": "x"}), &[r#"model "x""#]);
    assert_eq!(split(&path("x.json"), &json!({})), None);
    assert_eq!(split(&path("CLAUDE.md"), &json!({})), None);
}

#[test]
fn a_server_means_the_same_with_what_the_client_adds() {
    let check = |text: &str, value: Json, expect: Json| {
        assert_eq!(*normalize(&path(text), &value), expect);
    };
    let bare = json!({"type": "stdio", "command": "x"});
    check(MCP_SERVERS, json!({"command": "x", "args": [], "env": {}}), bare.clone());
    check(MCP_SERVERS, bare.clone(), bare);
    let remote = json!({"type": "http", "url": "x"});
    check(MCP_SERVERS, json!({"type": "http", "url": "x", "headers": {}}), remote);
    check(MCP_SERVERS, json!({"url": "x"}), json!({"url": "x"}));
    check(SETTINGS, json!({"env": {}}), json!({"env": {}}));
}

#[test]
fn lists_that_the_client_unites_are_sets() {
    let layout = &json_format(&path(SETTINGS)).expect("JSON").layout;
    assert!(layout.is_set_like(&["permissions", "deny"]));
    assert!(layout.is_set_like(&["hooks", "PreToolUse"]));
    assert!(layout.is_set_like(&["enabledMcpjsonServers"]));
    assert!(!layout.is_set_like(&["hooks"]));
    assert!(!layout.is_set_like(&["companyAnnouncements"]));
    assert!(!layout.is_set_like(&["permissions", "allow", "0"]));
}

#[test]
fn a_file_of_servers_starts_with_the_key_that_the_client_demands() {
    assert_eq!(skeleton(&path(MCP_SERVERS)), json!({"mcpServers": {}}));
    assert_eq!(skeleton(&path(SETTINGS)), json!({}));
}

#[test]
fn each_content_folder_has_one_row() {
    for kind in ContentKind::ALL.into_iter().chain([ContentKind::Documents]) {
        let rows = content_folders().filter(|folder| folder.kind == kind).count();
        assert_eq!(rows, 1, "{}", kind.folder());
    }
    let check = |text: &str, expect: Option<(&str, &str)>| {
        let path = path(text);
        let found = content_of(&path).map(|(folder, inside)| (folder.kind.folder(), inside));
        assert_eq!(found, expect, "{text}");
    };
    check(".claude/agents/git/a.md", Some(("agents", "git/a.md")));
    check(".claude/superclaude/RULES.md", Some(("superclaude", "RULES.md")));
    check(".claude/agents.md", None);
    check(".claude/memory/a.md", None);
    check("agents/a.md", None);
}

#[test]
fn a_name_is_an_alias_of_one_folder_and_no_folder_itself() {
    let mut seen = std::collections::BTreeSet::new();
    for alias in content_folders().flat_map(|folder| folder.aliases) {
        assert!(seen.insert(alias), "{alias} is an alias of two folders");
        assert_eq!(ContentKind::of_folder(alias), None);
    }
}
