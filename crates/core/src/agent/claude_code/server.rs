//! MCP servers in `.mcp.json`.

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::agent::target::Advice;

/// The alternatives to changing a server in the committed file: Claude Code reads project servers from no other file.
pub(super) const ADVICE: Advice = Advice {
    changed: |name| format!("`claude mcp add -s local {name} …` beats it"),
    added: |name| format!("add it for yourself with `claude mcp add -s user {name} …`"),
    removed: |name| {
        format!("write `disabledMcpjsonServers = [\"{name}\"]` into the user layer's `[settings]`")
    },
};

/// Returns a server in a normal form. Claude Code itself writes an empty `env`, and a server with a command needs no `type`.
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
