//! Verifying that a shared file holds what was written into it.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::actual::ActualFile;
use super::class::{Decision, Policy};
use super::digest::Digest;
use super::document_view::{DocumentView, EntryLookup, is_there};
use super::entry::EntryKey;
use super::entry_state::EntryState;
use super::text::block;
use super::text::json_text::Document;
use crate::agent::split;
use crate::source::RepoPath;

/// One entry as it must be found after an apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The file, relative to the root of the workspace.
    pub path: RepoPath,
    /// The entry within the file.
    pub key: EntryKey,
    /// The digest of its content; `None` if it must not exist.
    pub digest: Option<Digest>,
}

impl Expected {
    /// Returns what is expected of the entries of one shared file.
    pub(super) fn of<'s>(
        states: &'s [EntryState<'_>],
        policy: Policy,
    ) -> impl Iterator<Item = Self> + 's {
        states.iter().filter(|state| state.key != EntryKey::File).filter_map(move |state| {
            let digest = match state.class.decision(policy) {
                Decision::Keep => return None,
                _ => state.written(),
            };
            Some(Self { path: state.path.clone(), key: state.key.clone(), digest })
        })
    }
}

/// Checks that the program that reads a file accepts a document. Fails with the reason, as the end of a sentence.
pub type Accepts<'a> = &'a dyn Fn(&RepoPath, &Json) -> Result<(), String>;

/// Checks that a new file has the bytes that were written and is accepted. Fails with the reason, as the end of a sentence.
///
/// Nobody else wrote into it, so comparing bytes is enough.
pub fn verify_new(
    path: &RepoPath,
    written: &[u8],
    actual: &ActualFile,
    accepts: Accepts<'_>,
) -> Result<(), String> {
    match actual {
        ActualFile::Bytes { bytes, .. } if *bytes == *written => {}
        ActualFile::Bytes { .. } => return Err("is not as it was written".to_owned()),
        ActualFile::Missing => return Err("does not exist".to_owned()),
        ActualFile::Unusable { reason, .. } => return Err(reason.clone()),
    }
    if split(path, &Json::Null).is_none() {
        return Ok(());
    }
    let document =
        serde_json::from_slice(written).map_err(|error| format!("is broken: {error}"))?;
    accepts(path, &document)
}

/// Checks that a file holds the expected entries. Fails with the reason, as the end of a sentence.
///
/// An entry that must not exist is not looked for, since another entry may be in its place. A document that was accepted
/// `before` must still be accepted; one that never was is not claude-env's to fix.
pub fn verify(
    expected: &[Expected],
    before: Option<&[u8]>,
    actual: &ActualFile,
    accepts: Accepts<'_>,
) -> Result<(), String> {
    let Some(first) = expected.first() else { return Ok(()) };
    let wanted: BTreeMap<&EntryKey, Digest> =
        expected.iter().filter_map(|one| Some((&one.key, one.digest?))).collect();
    let bytes = match actual {
        ActualFile::Bytes { bytes, .. } => bytes,
        ActualFile::Missing if wanted.is_empty() => return Ok(()),
        ActualFile::Missing => return Err("does not exist".to_owned()),
        ActualFile::Unusable { reason, .. } => return Err(reason.clone()),
    };
    let text = str::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())?;
    if expected.iter().any(|one| one.key == EntryKey::Block) {
        let found = block::read(text).map_err(|error| error.message)?;
        let same = found.map(Digest::of_text) == wanted.get(&EntryKey::Block).copied();
        return if same { Ok(()) } else { Err("does not hold the block".to_owned()) };
    }
    let document =
        Document::parse(text).map_err(|error| format!("is broken: {}", error.message))?;
    let mut view = DocumentView::new(&first.path, &document);
    for (key, digest) in wanted {
        let found = view.entry(key).map_err(|error| format!("is broken: {}", error.message))?;
        let same = match &found {
            EntryLookup::Value(there, value) => {
                *there == digest || is_there(&first.path, key, digest, value)
            }
            _ => false,
        };
        if !same {
            return Err(format!("does not hold `{key}` as written"));
        }
    }
    let accepted = accepts(&first.path, &document.to_json());
    let before = before.and_then(|bytes| str::from_utf8(bytes).ok());
    let before = before.and_then(|text| Document::parse(text).ok());
    match before {
        Some(before) if accepted.is_err() && accepts(&first.path, &before.to_json()).is_err() => {
            Ok(())
        }
        _ => accepted,
    }
}
