//! A JSON file: the MCP servers, each whole, or the leaves of the settings.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::agent::{Content, EntryKind, JsonFormat, Layout, Target};
use crate::model::Model;
use crate::render::{JsonEntry, JsonPart, Part, RenderedFile};
use crate::source::{Node, RepoPath, Value};

/// Renders a JSON target; `None` without entries.
pub(in crate::render) fn render(
    target: &Target,
    format: &JsonFormat,
    model: &Model,
) -> Option<RenderedFile> {
    file(target.path, format, entries(target, format, model))
}

/// Returns a JSON file with these entries; `None` when there are none.
pub(in crate::render) fn file(
    path: &str,
    format: &JsonFormat,
    entries: Vec<JsonEntry>,
) -> Option<RenderedFile> {
    if entries.is_empty() {
        return None;
    }
    let part = Part::Json(JsonPart { entries, skeleton: format.skeleton() });
    Some(RenderedFile { path: RepoPath::parse(path).ok()?, part, origins: Arc::default() })
}

/// Returns the entries of a target.
pub(in crate::render) fn entries(
    target: &Target,
    format: &JsonFormat,
    model: &Model,
) -> Vec<JsonEntry> {
    match target.content {
        Content::Instructions => Vec::new(),
        Content::Servers => servers(&format.layout, model),
        Content::Settings => settings(&format.layout, model),
    }
}

/// Returns an entry for each server.
fn servers(layout: &Layout, model: &Model) -> Vec<JsonEntry> {
    let root: Option<Arc<str>> = match layout {
        Layout::Members(key) => Some(Arc::from(*key)),
        Layout::Leaves { .. } => None,
    };
    let entry = |server: &crate::model::Server| JsonEntry {
        pointer: root.iter().chain([&server.name]).map(Arc::clone).collect(),
        kind: EntryKind::Value,
        value: server.to_json(),
        origin: server.origin,
    };
    model.servers().iter().map(entry).collect()
}

/// Returns an entry for every leaf, and for every item of a set, of the settings.
fn settings(layout: &Layout, model: &Model) -> Vec<JsonEntry> {
    let mut entries = Vec::new();
    for setting in model.settings() {
        // The heading of a layer's own table says nothing.
        let is_heading = setting.is_table_of_layer
            && setting.value.as_table().is_some_and(indexmap::IndexMap::is_empty);
        if is_heading {
            continue;
        }
        let mut pointer = vec![Arc::clone(&setting.name)];
        collect(layout, &setting.value, &mut pointer, &mut entries);
    }
    entries
}

/// Adds an entry for every leaf below a node; [`Layout::split`] walks documents in the same way.
fn collect(
    layout: &Layout,
    node: &Node,
    pointer: &mut Vec<Arc<str>>,
    entries: &mut Vec<JsonEntry>,
) {
    let mut push = |kind, value: Json, origin| {
        entries.push(JsonEntry { pointer: pointer.iter().cloned().collect(), kind, value, origin });
    };
    match &node.value {
        // An empty table or list is a value: `allowedMcpServers = []` allows nothing.
        Value::Table(table) if !table.is_empty() => {
            for (key, value) in table.iter() {
                pointer.push(Arc::clone(key));
                collect(layout, value, pointer, entries);
                pointer.pop();
            }
        }
        Value::Array(items) if !items.is_empty() && layout.is_set_like(pointer) => {
            items.iter().for_each(|item| push(EntryKind::Item, item.to_json(), item.span));
        }
        _ => push(EntryKind::Value, node.to_json(), node.span),
    }
}
