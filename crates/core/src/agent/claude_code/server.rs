//! An MCP server as Claude Code reads it.

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::agent::target::Advice;

/// What a person can do about servers: Claude Code has no file for them beside the committed one.
pub(super) const ADVICE: Advice = Advice {
    changed: |name| format!("`claude mcp add -s local {name} …` beats it"),
    added: |name| format!("add it for yourself with `claude mcp add -s user {name} …`"),
    removed: |name| {
        format!("write `disabledMcpjsonServers = [\"{name}\"]` into the user layer's `[settings]`")
    },
};

/// Returns a server without what says nothing to Claude Code: it writes an empty `env` itself, and a server with a command needs
/// no `type`.
pub(super) fn normalize(server: &Json) -> Cow<'_, Json> {
    let Json::Object(map) = server else { return Cow::Borrowed(server) };
    let hollow = |key: &str| match map.get(key) {
        Some(Json::Array(items)) => items.is_empty(),
        Some(Json::Object(pairs)) => pairs.is_empty(),
        _ => false,
    };
    let empty: Vec<&str> =
        ["args", "env", "headers"].into_iter().filter(|key| hollow(key)).collect();
    let untyped = map.contains_key("command") && !map.contains_key("type");
    if empty.is_empty() && !untyped {
        return Cow::Borrowed(server);
    }
    let mut map = map.clone();
    map.retain(|key, _| !empty.contains(&key.as_str()));
    if untyped {
        map.insert("type".to_owned(), Json::from("stdio"));
    }
    Cow::Owned(Json::Object(map))
}
