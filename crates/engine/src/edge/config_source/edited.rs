//! A config repository with edits on top, before anything is written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{ConfigSource, Entry, EntryKind, Lookup, SourceError, split};

/// A source with edits on top.
#[derive(Debug)]
pub struct EditedSource {
    /// The source below the edits; `None` for a folder that does not exist.
    base: Option<Box<ConfigSource>>,
    name: String,
    files: BTreeMap<String, Option<EditedFile>>,
}

/// The new content of a file.
#[derive(Clone, Debug)]
pub struct EditedFile {
    /// The bytes.
    pub bytes: Arc<[u8]>,
    /// Whether the owner may run the file; `None` keeps what it is.
    pub executable: Option<bool>,
}

impl EditedSource {
    /// Creates the source; `None` removes a file.
    pub(super) fn new(
        base: Option<ConfigSource>,
        name: String,
        files: BTreeMap<String, Option<EditedFile>>,
    ) -> Self {
        Self { base: base.map(Box::new), name, files }
    }

    /// Returns the source below the edits; `None` for a folder that does not exist.
    pub(super) fn base(&self) -> Option<&ConfigSource> {
        self.base.as_deref()
    }

    /// Returns the name of the source for messages.
    pub(super) fn display(&self) -> String {
        self.name.clone()
    }

    /// Implements [`ConfigSource::read`](super::ConfigSource::read).
    pub(super) fn read(&self, path: &str) -> Result<Option<Vec<u8>>, SourceError> {
        match (self.files.get(path), &self.base) {
            (Some(edited), _) => Ok(edited.as_ref().map(|file| file.bytes.to_vec())),
            (None, Some(base)) => base.read(path),
            (None, None) => Ok(None),
        }
    }

    /// Implements [`ConfigSource::size`](super::ConfigSource::size).
    pub(super) fn size(&self, path: &str) -> Option<u64> {
        match self.files.get(path) {
            Some(edited) => edited.as_ref().map(|file| file.bytes.len() as u64),
            None => self.base.as_ref()?.size(path),
        }
    }

    /// Returns what is at a path. Follows no symbolic links.
    pub(super) fn find(&self, path: &str) -> Result<Lookup, SourceError> {
        let below = match &self.base {
            Some(base) => base.find(path)?,
            None if path.is_empty() => Lookup::Folder,
            None => Lookup::Missing,
        };
        match self.files.get(path) {
            Some(None) => Ok(Lookup::Missing),
            Some(Some(file)) => Ok(Lookup::Leaf(entry(path, file, &below), None)),
            None => {
                let inside = format!("{path}/");
                let made = |(name, file): (&String, &Option<EditedFile>)| {
                    file.is_some() && name.starts_with(&inside)
                };
                let made = matches!(below, Lookup::Missing) && self.files.iter().any(made);
                Ok(if made { Lookup::Folder } else { below })
            }
        }
    }

    /// Returns the entries of a folder, unsorted.
    pub(super) fn children(&self, folder: &str) -> Result<Option<Vec<Entry>>, SourceError> {
        let mut entries = match &self.base {
            Some(base) if matches!(base.find(folder)?, Lookup::Folder) => {
                match base.children(folder)? {
                    Some(entries) => entries,
                    None => return Ok(None),
                }
            }
            _ => Vec::new(),
        };
        entries.retain(|entry| !matches!(self.files.get(&entry.path), Some(None)));
        let known: BTreeSet<String> = entries.iter().map(|entry| entry.path.clone()).collect();
        for path in self.files.iter().filter(|(_, file)| file.is_some()).map(|(path, _)| path) {
            let inside = match folder {
                "" => Some(path.as_str()),
                folder => path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')),
            };
            let Some(inside) = inside else { continue };
            let name = inside.split('/').next().unwrap_or_default();
            let child = super::join(folder, name);
            if let Lookup::Leaf(entry, _) = self.find(&child)?
                && split(path).0 == folder
            {
                entries.retain(|known| known.path != child);
                entries.push(entry);
            } else if !known.contains(&child) && !entries.iter().any(|entry| entry.path == child) {
                entries.push(Entry { path: child, kind: EntryKind::Folder });
            }
        }
        Ok(Some(entries))
    }
}

fn entry(path: &str, file: &EditedFile, below: &Lookup) -> Entry {
    let before = match below {
        Lookup::Leaf(Entry { kind: EntryKind::File { executable }, .. }, _) => *executable,
        _ => false,
    };
    let executable = file.executable.unwrap_or(before);
    Entry { path: path.to_owned(), kind: EntryKind::File { executable } }
}
