//! The state of one entry: configured, last written, in the workspace.

use std::sync::Arc;

use serde_json::Value as Json;

use super::class::Class;
use super::digest::Digest;
use super::entry::EntryKey;
use crate::render::{JsonEntry, RenderedFile};
use crate::source::RepoPath;

/// How one entry stands.
#[derive(Clone, Debug)]
pub struct EntryState<'r> {
    pub path: RepoPath,
    pub key: EntryKey,
    pub class: Class,
    /// The digests behind the class: wanted, written last, there.
    pub desired: Option<Digest>,
    pub base: Option<Digest>,
    pub actual: Option<Digest>,
    /// The rendered file, if the entry is wanted.
    pub file: Option<&'r RenderedFile>,
    /// The rendered value with its origin, if the entry is wanted and lies in a JSON file.
    pub json: Option<&'r JsonEntry>,
    /// The value that is there, for an entry of a JSON file that is not as wanted.
    pub found: Option<Json>,
    /// What is written instead of what is wanted, for an entry that is merged.
    pub merged: Option<MergedText>,
}

/// A text with the changes of both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedText {
    /// The whole file, or what goes between the markers of a block.
    pub bytes: Arc<[u8]>,
    pub executable: bool,
    /// Whether the workspace has it already.
    pub there: bool,
}

impl EntryState<'_> {
    /// What the entry is once the plan is carried out.
    pub fn written(&self) -> Option<Digest> {
        let Some(merged) = &self.merged else { return self.desired };
        Some(match (&self.key, str::from_utf8(&merged.bytes)) {
            (EntryKey::Block, Ok(text)) => Digest::of_text(text),
            _ => Digest::of_file(&merged.bytes, merged.executable),
        })
    }
}

impl EntryState<'_> {
    pub(super) fn is_text_in_conflict(&self) -> bool {
        self.class == Class::Conflict
            && self.actual.is_some()
            && matches!(self.key, EntryKey::File | EntryKey::Block)
    }
}
