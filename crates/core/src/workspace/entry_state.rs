//! The state of one entry: configured, last written, in the workspace.

use std::sync::Arc;

use serde_json::Value as Json;

use super::class::Class;
use super::digest::Digest;
use super::entry::EntryKey;
use crate::render::{JsonEntry, RenderedFile};
use crate::source::RepoPath;

/// The state of one entry.
#[derive(Clone, Debug)]
pub struct EntryState<'r> {
    /// The file, relative to the root of the workspace.
    pub path: RepoPath,
    /// The entry within the file.
    pub key: EntryKey,
    /// The class that follows from the three digests.
    pub class: Class,
    /// The digest of the rendered content; `None` when the entry is not configured.
    pub desired: Option<Digest>,
    /// The digest in the lock; `None` when the entry was never written.
    pub base: Option<Digest>,
    /// The digest of the content in the workspace; `None` when the entry does not exist.
    pub actual: Option<Digest>,
    /// The rendered file; `None` when the entry is not configured.
    pub file: Option<&'r RenderedFile>,
    /// The rendered value with its origin; `None` unless the entry is configured and in a JSON file.
    pub json: Option<&'r JsonEntry>,
    /// The value in the workspace; `None` unless it differs and is in a JSON file.
    pub found: Option<Json>,
    /// The text that is written instead of the rendered one; `None` unless the class is `Merged`.
    pub merged: Option<MergedText>,
}

/// A text that combines the changes of both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedText {
    /// The content of the file, or the text between the markers of a block.
    pub bytes: Arc<[u8]>,
    /// Whether the owner may execute the file.
    pub executable: bool,
    /// Whether the workspace already has this content.
    pub there: bool,
}

impl EntryState<'_> {
    /// Returns the digest of the entry after the plan is applied; `None` when it will not exist.
    pub fn written(&self) -> Option<Digest> {
        let Some(merged) = &self.merged else { return self.desired };
        Some(match (&self.key, str::from_utf8(&merged.bytes)) {
            (EntryKey::Block, Ok(text)) => Digest::of_text(text),
            _ => Digest::of_file(&merged.bytes, merged.executable),
        })
    }
}

impl EntryState<'_> {
    /// Returns true if both sides changed a text that both still have.
    pub(super) fn is_text_in_conflict(&self) -> bool {
        self.class == Class::Conflict
            && self.actual.is_some()
            && matches!(self.key, EntryKey::File | EntryKey::Block)
    }
}
