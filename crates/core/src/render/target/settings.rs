//! `.claude/settings.json`: JSON leaves, and the items of set-like arrays one by one.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::model::Model;
use crate::model::claude_settings::is_set_like;
use crate::render::split::Piece;
use crate::render::{JsonEntry, JsonPart, Part, RenderedFile, Slot};
use crate::source::{Node, RepoPath, Value};

/// The settings of a project.
pub const PATH: &str = ".claude/settings.json";

/// The settings, unless there are none.
pub(in crate::render) fn render(model: &Model) -> Option<RenderedFile> {
    let entries = entries(model);
    if entries.is_empty() {
        return None;
    }
    let part = Part::Json(JsonPart { entries, skeleton: json!({}) });
    Some(RenderedFile { path: RepoPath::parse(PATH).ok()?, part, origins: Arc::default() })
}

/// Every leaf, and every item of a set, of the settings.
pub(in crate::render) fn entries(model: &Model) -> Vec<JsonEntry> {
    let mut entries = Vec::new();
    for setting in model.settings() {
        let mut pointer = vec![Arc::clone(&setting.name)];
        collect(&setting.value, &mut pointer, &mut entries);
    }
    entries
}

/// Adds an entry for every leaf below a node.
fn collect(node: &Node, pointer: &mut Vec<Arc<str>>, entries: &mut Vec<JsonEntry>) {
    match &node.value {
        Value::Table(table) => {
            for (key, value) in table.iter() {
                pointer.push(Arc::clone(key));
                collect(value, pointer, entries);
                pointer.pop();
            }
        }
        Value::Array(items) if is_set_like(pointer) => {
            entries.extend(items.iter().map(|item| JsonEntry {
                pointer: pointer.clone(),
                slot: Slot::Item,
                value: item.to_json(),
                origin: item.span,
            }));
        }
        _ => entries.push(JsonEntry {
            pointer: pointer.clone(),
            slot: Slot::Value,
            value: node.to_json(),
            origin: node.span,
        }),
    }
}

/// The entries of a document.
pub(in crate::render) fn split(document: &Json) -> Vec<Piece> {
    let mut pieces = Vec::new();
    if let Json::Object(map) = document {
        for (key, value) in map {
            collect_pieces(value, &mut vec![key.clone()], &mut pieces);
        }
    }
    pieces
}

/// Adds a piece for every leaf below a value; the same walk as that of [`collect`].
fn collect_pieces(value: &Json, pointer: &mut Vec<String>, pieces: &mut Vec<Piece>) {
    let mut push = |slot, value: &Json| {
        pieces.push(Piece { pointer: pointer.clone(), slot, value: value.clone() });
    };
    match value {
        Json::Object(map) => {
            for (key, value) in map {
                pointer.push(key.clone());
                collect_pieces(value, pointer, pieces);
                pointer.pop();
            }
        }
        Json::Array(items) if is_set_like(pointer) => {
            items.iter().for_each(|item| push(Slot::Item, item));
        }
        _ => push(Slot::Value, value),
    }
}
