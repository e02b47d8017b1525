//! `show`: the merged configuration, or one value of it.

use std::sync::Arc;

use super::Failure;
use crate::merge::{Merged, nearest_key};
use crate::source::{KeyPath, Node, Value};

/// The value at a key, or everything, as JSON.
pub(crate) fn json(merged: &Merged, key: Option<&str>) -> Result<String, Failure> {
    Ok(format!("{:#}", value(merged, key)?.to_json()))
}

/// The value at a key, or everything, as TOML that could stand in a layer.
pub(crate) fn toml(merged: &Merged, key: Option<&str>) -> Result<String, Failure> {
    let node = value(merged, key)?;
    let path = match key {
        Some(key) => parse_key(key)?,
        None => KeyPath::default(),
    };
    // An index is no key of TOML: an element is shown as an array of one.
    let wrapped = path.segments().iter().rev().fold(to_toml(&node), |value, segment| {
        if segment.parse::<usize>().is_ok() {
            ::toml::Value::Array(vec![value])
        } else {
            ::toml::Value::Table([(segment.to_string(), value)].into_iter().collect())
        }
    });
    let ::toml::Value::Table(table) = wrapped else {
        return Err(Failure::usage("the key names no value of a table"));
    };
    ::toml::to_string_pretty(&table)
        .map_err(|error| Failure::usage(format!("the value cannot be said in TOML: {error}")))
}

fn to_toml(node: &Node) -> ::toml::Value {
    use ::toml::Value as Toml;
    match &node.value {
        Value::Bool(value) => Toml::Boolean(*value),
        Value::Int(value) => Toml::Integer(*value),
        Value::Float(value) => Toml::Float(*value),
        Value::Str(text) => Toml::String(text.to_string()),
        // What was parsed as a date prints as one.
        Value::Datetime(text) => text
            .parse()
            .map_or_else(|_| Toml::String(text.to_string()), Toml::Datetime),
        Value::Array(items) => Toml::Array(items.iter().map(|item| to_toml(item)).collect()),
        Value::Table(table) => Toml::Table(
            table.iter().map(|(key, value)| (key.to_string(), to_toml(value))).collect(),
        ),
    }
}

fn value(merged: &Merged, key: Option<&str>) -> Result<Arc<Node>, Failure> {
    let Some(key) = key else { return Ok(Arc::clone(&merged.root)) };
    let path = parse_key(key)?;
    merged.at(&path).ok_or_else(|| unknown_key(merged, &path))
}

/// A key as people write it.
pub(crate) fn parse_key(key: &str) -> Result<KeyPath, Failure> {
    KeyPath::parse(key).map_err(|problem| {
        Failure::usage(format!("`{key}` is not a key: {problem}"))
            .hint("write it like `mcp_servers.docs.headers` or `permissions.allow[0]`")
    })
}

/// Nothing is set at this key.
pub(crate) fn unknown_key(merged: &Merged, path: &KeyPath) -> Failure {
    let failure = Failure::usage(format!("nothing is set at `{path}`"));
    match nearest_key(&merged.root, path) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint("`claude-env show` prints everything that is set"),
    }
}

