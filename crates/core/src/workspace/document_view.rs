//! The entries of a JSON document, looked up by name.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::digest::Digest;
use super::entry::EntryKey;
use super::text::json_index::{DocumentIndex, Lookup};
use super::text::json_text::{Document, JsonError};
use crate::agent::{holds_entries, normalize};
use crate::source::{Pointer, RepoPath};

/// The result of looking up an entry in a document.
pub(super) enum EntryLookup {
    /// There is no value.
    Missing,
    /// The digest of the value, and the value.
    Value(Digest, Json),
    /// A value on the way to the entry has the wrong type.
    Blocked {
        /// The JSON pointer of that value.
        pointer: Pointer,
        /// Its line, 1-based.
        line: usize,
        /// The type that it must have, with an article.
        wanted: &'static str,
    },
}

/// Returns true if `value` is all that the empty table or list with this digest says: it is there. What is in it are entries
/// of their own.
pub(super) fn is_there(path: &RepoPath, key: &EntryKey, digest: Digest, value: &Json) -> bool {
    let empty = match value {
        Json::Object(_) => Json::Object(serde_json::Map::new()),
        Json::Array(_) => Json::Array(Vec::new()),
        _ => return false,
    };
    matches!(key, EntryKey::Value(pointer) if holds_entries(path, pointer, value))
        && digest == Digest::of_json(&empty)
}

/// A document, with the digests of the items of each array that was asked for.
pub(super) struct DocumentView<'d, 't> {
    path: &'d RepoPath,
    document: DocumentIndex<'d, 't>,
    arrays: HashMap<Pointer, HashMap<Digest, Json>>,
}

impl<'d, 't> DocumentView<'d, 't> {
    /// Makes a view of the document of the file at `path`.
    pub(super) fn new(path: &'d RepoPath, document: &'d Document<'t>) -> Self {
        Self { path, document: DocumentIndex::new(document), arrays: HashMap::new() }
    }

    /// Looks an entry up. Fails when a key on the way occurs twice in its object.
    pub(super) fn entry(&mut self, key: &EntryKey) -> Result<EntryLookup, JsonError> {
        let pointer = key.pointer();
        if let EntryKey::Item(_, digest) = key
            && let Some(items) = self.arrays.get(&pointer)
        {
            return Ok(items
                .get(digest)
                .map_or(EntryLookup::Missing, |item| EntryLookup::Value(*digest, item.clone())));
        }
        match (self.document.find(&pointer)?, key) {
            (Lookup::Missing, _) => Ok(EntryLookup::Missing),
            (Lookup::Blocked { depth, line }, _) => Ok(EntryLookup::Blocked {
                pointer: pointer.prefix(depth),
                line,
                wanted: "an object",
            }),
            (Lookup::Found(value), EntryKey::Item(pointer, _)) => match value.items() {
                Some(items) => {
                    let items = items.into_iter().map(|item| (Digest::of_json(&item), item));
                    self.arrays.insert(pointer.clone(), items.collect());
                    self.entry(key)
                }
                None => Ok(EntryLookup::Blocked {
                    pointer: pointer.clone(),
                    line: value.line,
                    wanted: "an array",
                }),
            },
            (Lookup::Found(value), _) => {
                let value = value.to_json();
                Ok(EntryLookup::Value(Digest::of_json(&normalize(self.path, &value)), value))
            }
        }
    }
}
