//! Entries: the units that claude-env manages in a file.

use std::borrow::Cow;
use std::fmt;

use super::actual::ActualFile;
use super::digest::{Digest, DigestCache};
use super::text::{block, json_edit};
use crate::agent::{EntryKind, normalize};
use crate::render::{JsonEntry, Part, RenderedFile, Rendering};
use crate::source::{Pointer, RepoPath};

/// The name of an entry within its file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKey {
    /// The whole file.
    File,
    /// The block between the markers.
    Block,
    /// The value at a JSON pointer.
    Value(Pointer),
    /// The item with this digest in the array at a JSON pointer, which is treated as a set. An item is identified by its
    /// value, so an edited item is one missing item and one unmanaged item.
    Item(Pointer, Digest),
}

impl EntryKey {
    /// Returns the place of the entry in a JSON document; empty for a file or a block.
    pub fn pointer(&self) -> Pointer {
        match self {
            EntryKey::File | EntryKey::Block => Pointer::default(),
            EntryKey::Value(pointer) | EntryKey::Item(pointer, _) => pointer.clone(),
        }
    }
}

impl fmt::Display for EntryKey {
    /// Writes the name for people: `mcpServers/docs`, `block`, or nothing for a whole file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EntryKey::File => Ok(()),
            EntryKey::Block => f.write_str("block"),
            EntryKey::Value(pointer) | EntryKey::Item(pointer, _) => f.write_str(&pointer.plain()),
        }
    }
}

/// A rendering, with the name and digest of each of its entries.
#[derive(Debug)]
pub struct Desired<'r> {
    files: Vec<DesiredFile<'r>>,
}

/// One file of a [`Desired`].
#[derive(Debug)]
pub struct DesiredFile<'r> {
    /// The rendered file.
    pub file: &'r RenderedFile,
    /// The entries, in the order of a new file; no name occurs twice.
    pub entries: Vec<DesiredEntry<'r>>,
}

/// One entry of a [`DesiredFile`].
#[derive(Clone, Debug)]
pub struct DesiredEntry<'r> {
    /// The name of the entry.
    pub key: EntryKey,
    /// The digest of the rendered content.
    pub digest: Digest,
    /// The rendered value; `None` unless the file is JSON.
    pub json: Option<&'r JsonEntry>,
}

impl<'r> Desired<'r> {
    /// Returns names and digests all entries of a rendering; `cache` keeps the digests of shared files for the next one.
    pub fn new(rendering: &'r Rendering, cache: &mut DigestCache) -> Self {
        let mut files: Vec<DesiredFile<'r>> =
            rendering.files.iter().map(|file| DesiredFile::new(file, cache)).collect();
        files.sort_by(|a, b| a.file.path.cmp(&b.file.path));
        Self { files }
    }

    /// Returns the files, sorted by path.
    pub fn files(&self) -> &[DesiredFile<'r>] {
        &self.files
    }

    /// Returns the file at a path; `None` when none is rendered there.
    pub fn get(&self, path: &RepoPath) -> Option<&DesiredFile<'r>> {
        let at = self.files.binary_search_by(|file| file.file.path.cmp(path)).ok()?;
        self.files.get(at)
    }
}

impl<'r> DesiredFile<'r> {
    fn new(file: &'r RenderedFile, cache: &mut DigestCache) -> Self {
        let entries = match &file.part {
            Part::Whole { bytes, executable } => vec![DesiredEntry {
                key: EntryKey::File,
                digest: cache.file(bytes, *executable),
                json: None,
            }],
            Part::Block { text, .. } => vec![DesiredEntry {
                key: EntryKey::Block,
                digest: Digest::of_text(text),
                json: None,
            }],
            Part::Json(part) => {
                let mut seen = std::collections::HashSet::new();
                let entries = part.entries.iter().map(|entry| {
                    let digest = Digest::of_json(&normalize(&file.path, &entry.value));
                    let pointer = entry.pointer.clone();
                    let key = match entry.kind {
                        EntryKind::Value => EntryKey::Value(pointer),
                        EntryKind::Item => EntryKey::Item(pointer, digest),
                    };
                    DesiredEntry { key, digest, json: Some(entry) }
                });
                entries.filter(|entry| seen.insert(entry.key.clone())).collect()
            }
        };
        Self { file, entries }
    }

    /// Returns the entry with this name; `None` when it is not rendered.
    pub fn get(&self, key: &EntryKey) -> Option<&DesiredEntry<'r>> {
        self.entries.iter().find(|entry| entry.key == *key)
    }

    /// Returns the content of the file where none existed; `None` when nothing would be written.
    pub fn pristine(&self) -> Option<Cow<'r, [u8]>> {
        match &self.file.part {
            Part::Whole { bytes, .. } => Some(Cow::Borrowed(bytes)),
            Part::Block { text, .. } => Some(Cow::Owned(block::new_file(text).into_bytes())),
            Part::Json(part) => {
                let entries = self.entries.iter().filter_map(|entry| entry.json);
                json_edit::new_file(&part.skeleton, entries)
                    .map(|text| Cow::Owned(text.into_bytes()))
            }
        }
    }

    /// Returns true if the file that was found equals what would be written where none existed.
    pub fn is_pristine(&self, found: &ActualFile) -> bool {
        let ActualFile::Bytes { bytes, executable } = found else { return false };
        let whole = matches!(self.file.part, Part::Whole { .. });
        (!whole || *executable == self.executable())
            && self.pristine().is_some_and(|pristine| *pristine == **bytes)
            && !super::is_forbidden(&self.file.path)
    }

    /// Returns true if a new file is executable.
    pub fn executable(&self) -> bool {
        matches!(self.file.part, Part::Whole { executable: true, .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_the_keys() {
        let check = |pointer: &str, expect: &str| {
            let pointer = Pointer::parse(pointer).expect("a pointer");
            assert_eq!(EntryKey::Value(pointer).to_string(), expect);
        };
        check("/env/A", "env/A");
        check("/mcpServers/a~1b~0c", "mcpServers/a/b~c");
    }
}
