//! The key of a layer that an entry of a workspace is about.

use std::borrow::Cow;

use crate::agent::{Place, content_of, target};
use crate::source::{KeyPath, RepoPath};
use crate::workspace::EntryKey;

/// Returns the key of a layer that an entry is about, such as `permissions.deny`, `environment.X`, `mcp_servers.docs`,
/// `settings.model`, `instructions` or `files."agents/x.md"`. An item has the key of its list.
pub fn layer_key(path: &RepoPath, entry: &EntryKey) -> KeyPath {
    match target(path) {
        Some(target) => target.layer_key(&entry.pointer()),
        None => ["files", &file_name(path)].into_iter().collect(),
    }
}

/// Returns the name that `files` knows a rendered file by.
fn file_name(path: &RepoPath) -> Cow<'_, str> {
    match content_of(path) {
        Some((folder, inside)) if matches!(folder.place, Place::Folder(_)) => {
            format!("{}/{inside}", folder.kind.folder()).into()
        }
        _ => path.as_str().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Pointer;

    fn check(path: &str, pointer: &str, expect: &str) {
        let path = RepoPath::parse(path).expect("a path");
        let entry = match pointer {
            "" => EntryKey::File,
            pointer => EntryKey::Value(Pointer::parse(pointer).expect("a pointer")),
        };
        assert_eq!(layer_key(&path, &entry).to_string(), expect);
    }

    #[test]
    fn entries_belong_to_keys_of_layers() {
        check(".claude/settings.json", "/permissions/deny", "permissions.deny");
        check(".claude/settings.json", "/env/NODE_ENV", "environment.NODE_ENV");
        check(".claude/settings.json", "/hooks/PreToolUse", "hooks.PreToolUse");
        check(".claude/settings.json", "/model", "settings.model");
        check(".claude/settings.json", "/statusLine/command", "settings.statusLine.command");
        check(".claude/settings.local.json", "/env/A", "environment.A");
        check(".mcp.json", "/mcpServers/a~1b", "mcp_servers.\"a/b\"");
        check(".claude/agents/x.md", "", "files.\"agents/x.md\"");
        check(".claude/skills/a/SKILL.md", "", "files.\"skills/a/SKILL.md\"");
        check("CLAUDE.md", "", "instructions");
        check("other.txt", "", "files.\"other.txt\"");
    }
}
