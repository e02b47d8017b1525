//! What an entry is in a JSON file that others write too: the targets, read backwards.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::{Slot, personal, target};
use crate::source::RepoPath;

/// One value of a JSON document, as a target would own it.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// Keys from the document's root to the value, or to the array that holds the item.
    pub pointer: Vec<String>,
    pub slot: Slot,
    pub value: Json,
}

/// The JSON files of a workspace that can hold entries of ours.
pub fn json_files() -> impl Iterator<Item = RepoPath> {
    let paths = [target::mcp_servers::PATH, target::settings::PATH];
    paths.into_iter().filter_map(|path| RepoPath::parse(path).ok())
}

/// A value of an entry without what says nothing to the client: two that mean the same are the same.
pub fn meaning<'v>(path: &RepoPath, value: &'v Json) -> Cow<'v, Json> {
    match path.as_str() {
        target::mcp_servers::PATH => target::mcp_servers::meaning(value),
        _ => Cow::Borrowed(value),
    }
}

/// All entries of a document at a path, whoever wrote them; `None` where no target renders JSON.
pub fn split(path: &RepoPath, document: &Json) -> Option<Vec<Piece>> {
    match path.as_str() {
        target::mcp_servers::PATH => Some(target::mcp_servers::split(document)),
        target::settings::PATH | personal::LOCAL_SETTINGS => {
            Some(target::settings::split(document))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(path: &str, document: &Json, expect: &[&str]) {
        let path = RepoPath::parse(path).expect("a path");
        let shown = |piece: Piece| {
            let mark = if piece.slot == Slot::Item { "[]" } else { "" };
            format!("{}{mark} {}", piece.pointer.join("/"), piece.value)
        };
        let pieces = split(&path, document).expect("a path of a target");
        assert_eq!(pieces.into_iter().map(shown).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn a_document_is_split_as_targets_own_it() {
        check(
            ".mcp.json",
            &json!({"mcpServers": {"a": {"env": {"A": "1"}}}, "other": 1}),
            &[r#"mcpServers/a {"env":{"A":"1"}}"#],
        );
        check(".mcp.json", &json!([1]), &[]);
        check(
            ".claude/settings.json",
            &json!({
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
        check(".claude/settings.local.json", &json!({"model": "x"}), &[r#"model "x""#]);
        assert_eq!(split(&RepoPath::parse("x.json").expect("a path"), &json!({})), None);
    }

    #[test]
    fn a_server_means_the_same_with_what_the_client_adds() {
        let check = |path: &str, value: Json, expect: Json| {
            let path = RepoPath::parse(path).expect("a path");
            assert_eq!(*meaning(&path, &value), expect);
        };
        let bare = json!({"type": "stdio", "command": "x"});
        check(".mcp.json", json!({"command": "x", "args": [], "env": {}}), bare.clone());
        check(".mcp.json", bare.clone(), bare);
        let remote = json!({"type": "http", "url": "x"});
        check(".mcp.json", json!({"type": "http", "url": "x", "headers": {}}), remote);
        check(".mcp.json", json!({"url": "x"}), json!({"url": "x"}));
        check(".claude/settings.json", json!({"env": {}}), json!({"env": {}}));
    }
}
