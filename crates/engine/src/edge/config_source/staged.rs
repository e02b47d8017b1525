//! A config repository as it is staged.

use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::bstr::{BStr, ByteSlice};
use gix::index::entry::{Flags, Stage};
use gix::objs::tree::EntryKind as Mode;

use super::objects::{Objects, message_of};
use super::revision::{ancestor_lookup, kind_of, prefix_of};
use super::{Entry, EntryKind, Lookup, SourceError, join, split};
use crate::edge::git::GitDirs;

/// The index, read once.
#[derive(Debug)]
pub struct IndexSource {
    objects: Objects,
    /// Ordered by path; at equal paths, one that is not UTF-8 comes last.
    items: Vec<IndexEntry>,
}

#[derive(Debug)]
struct IndexEntry {
    path: String,
    kind: EntryKind,
    id: ObjectId,
}

impl IndexSource {
    pub(super) fn open(path: &Path, index_file: Option<&Path>) -> Result<Self, SourceError> {
        let (objects, dirs) = Objects::open(path)?;
        let prefix = prefix_of(&dirs, objects.repository())?;
        let file = index_of(&dirs, index_file);
        if dirs.work_tree.is_none() && !file.exists() {
            return Err(SourceError::Bare { repository: objects.repository().to_owned() });
        }
        let hash = objects.with(|handle, _| handle.object_hash());
        // Starting threads would cost more than an index of this size takes to decode.
        let options = gix::index::decode::Options { thread_limit: Some(1), ..Default::default() };
        let index =
            gix::index::File::at_or_default(file, hash, false, options).map_err(|error| {
                SourceError::Index {
                    repository: objects.repository().to_owned(),
                    message: message_of(&error),
                }
            })?;
        let mut items = Vec::new();
        let mut conflicts: Vec<String> = Vec::new();
        for entry in index.entries() {
            let path = entry.path(&index);
            let Some(path) = below(path, &prefix) else { continue };
            if entry.stage() != Stage::Unconflicted {
                let path = path.to_string();
                if conflicts.last() != Some(&path) {
                    conflicts.push(path);
                }
                continue;
            }
            // `git add --intent-to-add` only announces a file: a commit would not hold it.
            if entry.flags.contains(Flags::INTENT_TO_ADD) {
                continue;
            }
            match entry.mode.to_tree_entry_mode().map(|mode| mode.kind()) {
                // A sparse index holds a folder where nothing in it is checked out.
                Some(Mode::Tree) => match path.strip_suffix(b"/").unwrap_or(path).to_str() {
                    Ok(folder) => expand(&objects, folder, entry.id, &mut items)?,
                    Err(_) => push(&objects, path, Mode::Tree, entry.id, &mut items)?,
                },
                Some(mode) => push(&objects, path, mode, entry.id, &mut items)?,
                None => {}
            }
        }
        if !conflicts.is_empty() {
            let repository = objects.repository().to_owned();
            return Err(SourceError::Conflicted { repository, paths: conflicts });
        }
        items.sort_by(|a, b| {
            let not_utf8 = |item: &IndexEntry| item.kind == EntryKind::NotUtf8Name;
            a.path.cmp(&b.path).then_with(|| not_utf8(a).cmp(&not_utf8(b)))
        });
        // Files of one folder whose name is not UTF-8 are one entry.
        items.dedup_by(|a, b| {
            a.kind == EntryKind::NotUtf8Name && a.path == b.path && a.kind == b.kind
        });
        Ok(Self { objects, items })
    }

    pub(super) fn display(&self) -> String {
        format!("{} as staged", self.objects.repository())
    }

    pub(super) fn objects(&self) -> &Objects {
        &self.objects
    }

    pub(super) fn find(&self, path: &str) -> Lookup {
        if path.is_empty() {
            return Lookup::Folder;
        }
        if let Some(item) = self.item(path) {
            let entry = Entry { path: path.to_owned(), kind: item.kind.clone() };
            return Lookup::Leaf(entry, Some(item.id));
        }
        let below = format!("{path}/");
        let at = self.items.partition_point(|item| item.path < below);
        if self.items.get(at).is_some_and(|item| item.path.starts_with(&below)) {
            return Lookup::Folder;
        }
        // Nothing is there; unless something on the way is not what it should be.
        match split(path).0 {
            "" => Lookup::Missing,
            parent => match self.find(parent) {
                Lookup::Leaf(entry, _) => ancestor_lookup(entry),
                Lookup::Missing | Lookup::Folder => Lookup::Missing,
            },
        }
    }

    pub(super) fn children(&self, folder: &str) -> Vec<Entry> {
        let below = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let mut entries = Vec::new();
        let mut at = self.items.partition_point(|item| item.path < below);
        while let Some(item) = self.items.get(at) {
            let Some(rest) = item.path.strip_prefix(&below) else { break };
            match rest.split_once('/') {
                None => {
                    entries.push(Entry { path: item.path.clone(), kind: item.kind.clone() });
                    at += 1;
                }
                Some((name, _)) => {
                    let path = join(folder, name);
                    // Past everything in that folder: `0` is what follows `/`.
                    let end = format!("{path}0");
                    at += self.items[at..].partition_point(|item| item.path < end);
                    entries.push(Entry { path, kind: EntryKind::Folder });
                }
            }
        }
        entries
    }

    fn item(&self, path: &str) -> Option<&IndexEntry> {
        let at = self.items.partition_point(|item| item.path.as_str() < path);
        self.items.get(at).filter(|item| item.path == path && item.kind != EntryKind::NotUtf8Name)
    }
}

/// The index to read: the one that was named, if it is one of this repository's own.
fn index_of(dirs: &GitDirs, named: Option<&Path>) -> PathBuf {
    let usual = dirs.git_dir.join("index");
    let Some(named) = named else { return usual };
    // Git starts hooks at the root of the work tree, and the name may be relative to that.
    let named = match &dirs.work_tree {
        Some(work_tree) => work_tree.join(named),
        None => named.to_path_buf(),
    };
    // A hook of another repository may have started us: then the name is about that one.
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let own =
        named.parent().and_then(real).is_some_and(|parent| Some(parent) == real(&dirs.git_dir));
    if own { named } else { usual }
}

/// The part of a path below a folder.
fn below<'a>(path: &'a BStr, folder: &str) -> Option<&'a BStr> {
    if folder.is_empty() {
        return Some(path);
    }
    path.strip_prefix(folder.as_bytes())?.strip_prefix(b"/").map(BStr::new)
}

fn push(
    objects: &Objects,
    path: &BStr,
    mode: Mode,
    id: ObjectId,
    items: &mut Vec<IndexEntry>,
) -> Result<(), SourceError> {
    items.push(match path.to_str() {
        Ok(path) => IndexEntry { path: path.to_owned(), kind: kind_of(mode, id, objects)?, id },
        // The path up to the first name that is not UTF-8: what lies deeper cannot be told apart.
        Err(error) => {
            let wrong = error.valid_up_to();
            let end = path[wrong..].find_byte(b'/').map_or(path.len(), |slash| wrong + slash);
            let path = path[..end].to_str_lossy().into_owned();
            IndexEntry { path, kind: EntryKind::NotUtf8Name, id }
        }
    });
    Ok(())
}

/// Adds every file of a tree.
fn expand(
    objects: &Objects,
    folder: &str,
    id: ObjectId,
    items: &mut Vec<IndexEntry>,
) -> Result<(), SourceError> {
    for entry in objects.tree(id)? {
        let path = join(folder, &entry.shown);
        let kind = match (entry.name, entry.mode) {
            (None, _) => EntryKind::NotUtf8Name,
            (Some(_), Mode::Tree) => {
                expand(objects, &path, entry.id, items)?;
                continue;
            }
            (Some(_), mode) => kind_of(mode, entry.id, objects)?,
        };
        items.push(IndexEntry { path, kind, id: entry.id });
    }
    Ok(())
}
