//! Adoption: saving local changes of a workspace to the layers of its configuration.
//!
//! A [`LocalChange`] is an entry that differs in the workspace, a [`LayerContext`] describes the layers of the scope, and
//! [`propose`] turns the change into edits of the layers' texts, or says why it cannot. Whether the edits have the desired
//! effect is checked elsewhere, by rendering the edited layers.

mod comments;
mod content;
mod draft;
mod fragment;
mod layer_context;
mod layer_path;
mod layer_text;
mod secrets;
mod select;
mod server;

#[cfg(test)]
mod tests;
mod toml_array;
mod toml_update;
mod toml_value;
mod unit;
mod values;

use serde_json::Value as Json;

use crate::agent::normalize;
use crate::source::{KeyPath, RepoPath};
use crate::workspace::{EntryContent, EntryKey};

pub use draft::{Draft, FileContent};
pub use layer_context::{Audience, LayerContext};
pub use layer_path::{Home, LayerPath};
pub use select::{NamedEntry, SelectError, select};
pub use unit::{Unit, units};

/// An entry that differs between workspace and configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalChange {
    /// The file, relative to the root of the workspace.
    pub path: RepoPath,
    /// The entry within the file.
    pub entry: EntryKey,
    /// The key of a layer that defines the entry.
    pub key: KeyPath,
    /// The rendering that has the file.
    pub audience: Audience,
    /// The rendered value; `None` unless the entry is configured and in a JSON file.
    pub expected: Option<Json>,
    /// The rendered text; `None` unless the entry is a configured block.
    pub expected_text: Option<String>,
    /// The content in the workspace.
    pub actual: EntryContent,
}

/// Why an entry is not adopted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The reason, as a sentence without a full stop.
    pub reason: String,
    /// What to do instead; may be empty.
    pub help: String,
}

impl Refusal {
    /// Makes a refusal without advice.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), help: String::new() }
    }

    /// Adds what to do instead.
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: help.into(), ..self }
    }
}

/// Adds the edits to a draft that save a local change to the layers. Returns the display names of the edited layers.
///
/// Fails when the change cannot be adopted; the draft is then unchanged.
pub fn propose(
    context: &LayerContext<'_>,
    unit: &Unit,
    draft: &mut Draft,
) -> Result<Vec<String>, Refusal> {
    let mut next = draft.clone();
    let targets = match &unit.became {
        Some(new) => {
            let (Some(old), Some(new)) = (&unit.change.expected, value(&new.actual)) else {
                return Err(Refusal::new("it is not an item of a list"));
            };
            values::replace_item(context, &unit.change.key, (old, new), &mut next)?
        }
        None => one(context, &unit.change, &mut next)?,
    };
    *draft = next;
    let mut layers: Vec<String> = targets.into_iter().map(|target| target.layer).collect();
    layers.dedup();
    Ok(layers)
}

fn one(
    context: &LayerContext<'_>,
    change: &LocalChange,
    draft: &mut Draft,
) -> Result<Vec<layer_context::EditTarget>, Refusal> {
    let LocalChange { key, expected, actual, .. } = change;
    let server = matches!(key.segments(), [first, _] if &**first == "mcp_servers");
    match (&change.entry, expected, value(actual)) {
        (EntryKey::File, ..) => content::file(context, &change.path, actual, draft),
        (EntryKey::Block, ..) => {
            content::block(context, change.expected_text.as_deref(), actual, draft)
        }
        (EntryKey::Value(_), expected, actual) if server => {
            let actual = actual.map(|actual| normalize(&change.path, actual));
            server::adopt(context, key, (expected.as_ref(), actual.as_deref()), draft)
        }
        (EntryKey::Value(_), expected, Some(actual)) => {
            if key.segments().len() < 2 {
                return Err(Refusal::new("no key of a layer defines it")
                    .help("layers define the keys of settings"));
            }
            values::set(context, key, (expected.as_ref(), actual), None, draft)
        }
        (EntryKey::Value(_), _, None) => values::remove(context, key, draft),
        (EntryKey::Item(..), Some(expected), None) => {
            values::remove_item(context, key, expected, draft)
        }
        (EntryKey::Item(..), _, Some(actual)) => values::add_item(context, key, actual, draft),
        (EntryKey::Item(..), None, None) => {
            Err(Refusal::new("neither the workspace nor the configuration has it"))
        }
    }
}

fn value(held: &EntryContent) -> Option<&Json> {
    match held {
        EntryContent::Value(value) => Some(value),
        EntryContent::Missing | EntryContent::Text(_) | EntryContent::File { .. } => None,
    }
}
