//! A config repository in the index of git.

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
    /// Sorted by path; at equal paths, one that is not UTF-8 comes last.
    items: Vec<IndexEntry>,
}

#[derive(Debug)]
struct IndexEntry {
    path: String,
    kind: EntryKind,
    id: ObjectId,
}

impl IndexSource {
    /// Reads the index. Fails when it has merge conflicts, or cannot be read.
    pub(super) fn open(path: &Path, index_file: Option<&Path>) -> Result<Self, SourceError> {
        let (objects, dirs) = Objects::open(path)?;
        let prefix = prefix_of(&dirs, objects.repository())?;
        let file = index_of(&dirs, index_file);
        if dirs.work_tree.is_none() && !file.exists() {
            return Err(SourceError::Bare { repository: objects.repository().to_owned() });
        }
        let hash = objects.with(|handle, _| handle.object_hash());
        // Decoding an index of this size takes less time than starting threads.
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
            // A file after `git add --intent-to-add` is not part of the next commit.
            if entry.flags.contains(Flags::INTENT_TO_ADD) {
                continue;
            }
            match entry.mode.to_tree_entry_mode().map(|mode| mode.kind()) {
                // A sparse index has a single entry for a folder that is not checked out.
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

    /// Returns the name of the source for messages.
    pub(super) fn display(&self) -> String {
        format!("{} as staged", self.objects.repository())
    }

    /// Returns the objects of the repository.
    pub(super) fn objects(&self) -> &Objects {
        &self.objects
    }

    /// Returns what is at a path. Follows no symbolic links.
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
        // Nothing is there, unless a parent is a symbolic link or a submodule.
        match split(path).0 {
            "" => Lookup::Missing,
            parent => match self.find(parent) {
                Lookup::Leaf(entry, _) => ancestor_lookup(entry),
                Lookup::Missing | Lookup::Folder => Lookup::Missing,
            },
        }
    }

    /// Returns the entries of a folder, unsorted.
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
                    // Skip everything in that folder: `0` is the character after `/`.
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

/// Returns the index to read: the named one, if it is in the git directory of this repository.
fn index_of(dirs: &GitDirs, named: Option<&Path>) -> PathBuf {
    let usual = dirs.git_dir.join("index");
    let Some(named) = named else { return usual };
    // git starts hooks at the root of the work tree, and the name may be relative to it.
    let named = match &dirs.work_tree {
        Some(work_tree) => work_tree.join(named),
        None => named.to_path_buf(),
    };
    // A hook of another repository may have started us: then the name belongs to that one.
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let own =
        named.parent().and_then(real).is_some_and(|parent| Some(parent) == real(&dirs.git_dir));
    if own { named } else { usual }
}

/// Returns the part of a path below a folder; `None` when it is not below it.
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
        // The path up to the first name that is not UTF-8.
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
