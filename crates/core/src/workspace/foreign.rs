//! Foreign entries: in the workspace, but neither configured nor ever written by claude-env.
//!
//! They are looked for on request only. Everywhere else they are ignored.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::actual::{Actual, ActualFile};
use super::digest::Digest;
use super::entry::{Desired, EntryKey};
use super::lock_state::LockState;
use super::problem::{Problem, ProblemKind};
use super::text::json_text::Document;
use crate::agent::{EntryKind, normalize, split};
use crate::source::{Pointer, RepoPath};

/// An entry that claude-env does not manage.
#[derive(Clone, Debug, PartialEq)]
pub struct Foreign {
    /// The file, relative to the root of the workspace.
    pub path: RepoPath,
    /// The entry within the file.
    pub key: EntryKey,
    /// The digest of its content.
    pub digest: Digest,
    /// The value; `None` unless the file is JSON.
    pub value: Option<Json>,
}

/// Returns the foreign entries at some paths, and a problem for each file that cannot be read or parsed.
pub fn foreign(
    desired: &Desired<'_>,
    lock: &LockState,
    actual: &Actual,
    paths: &[RepoPath],
) -> Vec<Result<Foreign, Problem>> {
    let mut found = Vec::new();
    for path in paths {
        let (bytes, executable) = match actual.get(path) {
            ActualFile::Missing => continue,
            ActualFile::Unusable { kind, reason, help, .. } => {
                let (message, help) = (reason.clone(), help.clone());
                let path = path.clone();
                found.push(Err(Problem { path, line: None, message, help, kind: *kind }));
                continue;
            }
            ActualFile::Bytes { bytes, executable } => (bytes.as_slice(), *executable),
        };
        let known = Known::new(desired, lock, path);
        if split(path, &Json::Null).is_none() {
            if !known.is_any() {
                let digest = Digest::of_file(bytes, executable);
                let key = EntryKey::File;
                found.push(Ok(Foreign { path: path.clone(), key, digest, value: None }));
            }
            continue;
        }
        match document(bytes) {
            Ok(document) => found.extend(entries(path, &document, &known).map(Ok)),
            Err((line, message)) => {
                let help = "fix it: none of its entries can be compared".to_owned();
                let (path, kind) = (path.clone(), ProblemKind::Unreadable);
                found.push(Err(Problem { path, line, message, help, kind }));
            }
        }
    }
    found
}

fn document(bytes: &[u8]) -> Result<Json, (Option<usize>, String)> {
    let text = str::from_utf8(bytes).map_err(|_| (None, "is not UTF-8".to_owned()))?;
    match Document::parse(text) {
        Ok(document) => Ok(document.to_json()),
        Err(error) => Err((Some(error.line), format!("cannot be read: {}", error.message))),
    }
}

/// Returns the entries of a document that neither the rendering nor a lock knows, each once.
fn entries<'p>(
    path: &'p RepoPath,
    document: &Json,
    known: &'p Known,
) -> impl Iterator<Item = Foreign> + use<'p> {
    let mut seen = HashSet::new();
    split(path, document).unwrap_or_default().into_iter().filter_map(move |entry| {
        let digest = Digest::of_json(&normalize(path, &entry.value));
        let key = match entry.kind {
            EntryKind::Value => EntryKey::Value(entry.pointer),
            EntryKind::Item => EntryKey::Item(entry.pointer, digest),
        };
        let fresh = !known.has(&key) && seen.insert(key.clone());
        fresh.then(|| Foreign { path: path.clone(), key, digest, value: Some(entry.value) })
    })
}

/// The entries of one file that the rendering or a lock knows.
struct Known {
    keys: HashSet<EntryKey>,
    /// The pointers of values. What is inside such a value is part of it.
    values: HashSet<Pointer>,
}

impl Known {
    fn new(desired: &Desired<'_>, lock: &LockState, path: &RepoPath) -> Self {
        let wanted = desired.get(path).into_iter().flat_map(|file| &file.entries);
        let locks = [Some(&lock.applied), lock.pending.as_ref()];
        let written = locks.into_iter().flatten().filter_map(|lock| lock.entries(path));
        let keys: HashSet<EntryKey> = wanted
            .map(|entry| &entry.key)
            .chain(written.flat_map(|entries| entries.keys()))
            .cloned()
            .collect();
        let values = keys.iter().filter_map(|key| match key {
            EntryKey::Value(pointer) => Some(pointer.clone()),
            _ => None,
        });
        Self { values: values.collect(), keys }
    }

    fn is_any(&self) -> bool {
        !self.keys.is_empty()
    }

    fn has(&self, key: &EntryKey) -> bool {
        let pointer = key.pointer();
        // An item is not a part of the empty list that may be configured in its place.
        let end = match key {
            EntryKey::Item(..) => pointer.segments().len(),
            _ => pointer.segments().len() + 1,
        };
        let mut around = (1..end).map(|length| pointer.prefix(length));
        self.keys.contains(key) || around.any(|outer| self.values.contains(&outer))
    }
}
