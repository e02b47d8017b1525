//! `show`: prints the merged configuration, or one value of it.

use std::sync::Arc;

use toml_edit::{DocumentMut, Item};

use super::Failure;
use claude_env_core::merge::{Merged, nearest_key};
use claude_env_core::source::{KeyPath, Node, Value};

/// Returns the value at a key, or everything, as JSON. Fails when nothing is set at the key.
pub fn json(merged: &Merged, key: Option<&str>) -> Result<String, Failure> {
    serde_json::to_string_pretty(&*value(merged, key)?)
        .map_err(|error| Failure::io(format!("cannot write this as JSON: {error}")))
}

/// Returns the value at a key, or everything, as TOML that is valid in a layer. Fails when nothing is set at the key.
pub fn toml(merged: &Merged, key: Option<&str>) -> Result<String, Failure> {
    let node = value(merged, key)?;
    let path = match key {
        Some(key) => parse_key(key)?,
        None => KeyPath::default(),
    };
    // TOML has no keys for indices, so an element is shown as an array of one.
    let mut item = toml_item(&node);
    for segment in path.segments().iter().rev() {
        item = if segment.parse::<usize>().is_ok() {
            Item::Value(toml_edit::Value::Array(item.into_value().into_iter().collect()))
        } else {
            let mut table = toml_edit::Table::new();
            table.set_implicit(item.is_table() || item.is_array_of_tables());
            table.insert(segment, item);
            Item::Table(table)
        };
    }
    match item {
        Item::Table(table) => Ok(DocumentMut::from(table).to_string()),
        _ => Err(Failure::usage("the key names no value of a table")),
    }
}

/// Converts a value to TOML: tables get headers, everything else is written on one line.
fn toml_item(node: &Node) -> Item {
    match &node.value {
        Value::Table(table) => {
            let mut out = toml_edit::Table::new();
            for (key, value) in table.iter() {
                out.insert(key, toml_item(value));
            }
            // A header is needed only when a value follows directly.
            out.set_implicit(!out.is_empty() && out.iter().all(|(_, item)| !item.is_value()));
            Item::Table(out)
        }
        Value::Array(items)
            if !items.is_empty() && items.iter().all(|item| item.as_table().is_some()) =>
        {
            let tables = items.iter().filter_map(|item| match toml_item(item) {
                Item::Table(table) => Some(table),
                _ => None,
            });
            Item::ArrayOfTables(tables.collect())
        }
        _ => Item::Value(toml_value(node)),
    }
}

fn toml_value(node: &Node) -> toml_edit::Value {
    match &node.value {
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Float(value) => (*value).into(),
        Value::Str(text) => text.as_ref().into(),
        // A date prints as a date.
        Value::Datetime(text) => match text.parse::<toml_edit::Datetime>() {
            Ok(date) => date.into(),
            Err(_) => text.as_ref().into(),
        },
        Value::Array(items) => {
            toml_edit::Value::Array(items.iter().map(|item| toml_value(item)).collect())
        }
        Value::Table(table) => toml_edit::Value::InlineTable(
            table.iter().map(|(key, value)| (key.as_ref(), toml_value(value))).collect(),
        ),
    }
}

fn value(merged: &Merged, key: Option<&str>) -> Result<Arc<Node>, Failure> {
    let Some(key) = key else { return Ok(Arc::clone(&merged.root)) };
    let path = parse_key(key)?;
    merged.at(&path).ok_or_else(|| unknown_key(merged, &path))
}

/// Parses a key as people write it. Fails when it is not valid.
pub fn parse_key(key: &str) -> Result<KeyPath, Failure> {
    KeyPath::parse(key).map_err(|problem| {
        Failure::usage(format!("`{key}` is not a key: {problem}"))
            .hint("write it like `mcp_servers.docs.headers` or `permissions.allow[0]`")
    })
}

/// Returns the failure for a key at which nothing is set.
pub fn unknown_key(merged: &Merged, path: &KeyPath) -> Failure {
    let failure = Failure::usage(format!("nothing is set at `{path}`"));
    match nearest_key(&merged.root, path) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint("`claude-env show` prints everything that is set"),
    }
}
