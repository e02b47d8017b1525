//! Adopting: what somebody changed in a workspace, as an edit of the layer that it belongs to.
//!
//! Pure. A [`LocalChange`] is an entry that the workspace has otherwise, a [`LayerContext`] is the layers of the scope, and [`propose`] turns
//! the one into an edit of the others' texts, or says why not. Whether an edit does what it should is not judged here: the
//! edited layers are rendered, and the result is compared with what was wanted.

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

/// An entry that the workspace has otherwise than the configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalChange {
    pub path: RepoPath,
    pub entry: EntryKey,
    /// The key of a layer that it is about.
    pub key: KeyPath,
    pub audience: Audience,
    /// The rendered value, for an entry of a JSON file.
    pub expected: Option<Json>,
    /// The rendered text, for a block.
    pub expected_text: Option<String>,
    pub actual: EntryContent,
}

/// Why an entry is not adopted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// A sentence without a full stop.
    pub reason: String,
    /// What to do instead; may be empty.
    pub help: String,
}

impl Refusal {
    /// A refusal without advice.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), help: String::new() }
    }

    /// Adds what to do instead.
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: help.into(), ..self }
    }
}

/// Adds to a draft what makes the layers say what the workspace has. Returns the layers that are edited, as people call them.
///
/// A refusal leaves the draft as it was.
pub fn propose(
    context: &LayerContext<'_>,
    unit: &Unit,
    draft: &mut Draft,
) -> Result<Vec<String>, Refusal> {
    let mut next = draft.clone();
    let targets = match &unit.became {
        Some(new) => {
            let (Some(old), Some(new)) = (&unit.change.expected, value(&new.actual)) else {
                return Err(Refusal::new("it is no item of a list"));
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
                return Err(Refusal::new("no key of a layer says it")
                    .help("layers hold the keys of settings"));
            }
            values::set(context, key, (expected.as_ref(), actual), None, draft)
        }
        (EntryKey::Value(_), _, None) => values::remove(context, key, draft),
        (EntryKey::Item(..), Some(expected), None) => {
            values::remove_item(context, key, expected, draft)
        }
        (EntryKey::Item(..), _, Some(actual)) => values::add_item(context, key, actual, draft),
        (EntryKey::Item(..), None, None) => Err(Refusal::new("nobody has it")),
    }
}

fn value(held: &EntryContent) -> Option<&Json> {
    match held {
        EntryContent::Value(value) => Some(value),
        EntryContent::Missing | EntryContent::Text(_) | EntryContent::File { .. } => None,
    }
}
