//! `.mcp.json`: one entry per server, each owned whole, because Claude Code never merges two of one name.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::model::Model;
use crate::render::split::Piece;
use crate::render::{JsonEntry, JsonPart, Part, RenderedFile, Slot};
use crate::source::RepoPath;

/// The file of the project's servers.
pub(in crate::render) const PATH: &str = ".mcp.json";
const SERVERS: &str = "mcpServers";

/// The servers, unless there are none.
pub(in crate::render) fn render(model: &Model) -> Option<RenderedFile> {
    if model.servers().is_empty() {
        return None;
    }
    let root: Arc<str> = Arc::from(SERVERS);
    let entries = (model.servers().iter())
        .map(|server| JsonEntry {
            pointer: vec![Arc::clone(&root), Arc::clone(&server.name)],
            slot: Slot::Value,
            value: server.to_json(),
            origin: server.origin,
        })
        .collect();
    let skeleton = json!({ SERVERS: {} });
    Some(RenderedFile {
        path: RepoPath::parse(PATH).ok()?,
        part: Part::Json(JsonPart { entries, skeleton }),
        origins: Arc::default(),
    })
}

/// A server as the client reads it: it writes an empty `env` itself, and a server with a command needs no `type`.
pub fn meaning(server: &Json) -> Cow<'_, Json> {
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

/// The servers of a document.
pub(in crate::render) fn split(document: &Json) -> Vec<Piece> {
    let servers = document.get(SERVERS).and_then(Json::as_object);
    let pieces = servers.into_iter().flatten().map(|(name, server)| Piece {
        pointer: vec![SERVERS.to_owned(), name.clone()],
        slot: Slot::Value,
        value: server.clone(),
    });
    pieces.collect()
}
