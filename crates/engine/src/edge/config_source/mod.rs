//! Reads a config repository from a folder, a commit, or the index. Never checks anything out.
//!
//! All three give the same entries and bytes for the same files. The bytes are those that git stores: filters and line-end
//! conversions are not applied, because a filter is a program.

mod edited;
mod error;
mod folder;
mod objects;
mod revision;
mod staged;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use edited::EditedFile;
pub use error::SourceError;
pub use folder::AccessedPath;

/// The largest file that is read, in bytes. Configuration is text; a larger file is there by mistake.
pub const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// A config repository, open for reading by several threads at once.
///
/// A folder is cached: create a new source to see later changes.
#[derive(Debug)]
pub enum ConfigSource {
    /// The files in a folder.
    Folder(folder::FolderSource),
    /// The files of a commit.
    Revision(revision::RevisionSource),
    /// The files in the index.
    Index(staged::IndexSource),
    /// One of the others, with edits that are not written yet.
    Edited(edited::EditedSource),
}

/// A file or folder in a config repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The path from the root of the config repository, with forward slashes. A name that is not UTF-8 is converted with
    /// replacement characters: then the path is only good for messages.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File {
        /// Whether its owner may run it.
        executable: bool,
    },
    /// A folder; only in [`ConfigSource::list`].
    Folder,
    /// A symbolic link, which is never followed.
    Symlink {
        /// Where it leads to.
        target: String,
    },
    /// A submodule or another repository inside this one, a socket, or a pipe.
    Other,
    /// Anything whose name is not UTF-8.
    NotUtf8Name,
}

/// What is at a path.
enum Lookup {
    /// Nothing.
    Missing,
    /// A folder.
    Folder,
    /// Anything but a folder, with the id of its blob if it has one. Or the symbolic link or repository above the path.
    Leaf(Entry, Option<gix::ObjectId>),
}

impl ConfigSource {
    /// Opens a folder, which may or may not be a git repository. Fails when there is no such folder.
    pub fn folder(path: &Path) -> Result<Self, SourceError> {
        folder::FolderSource::open(path).map(Self::Folder)
    }

    /// Opens a git repository at a revision: a branch, a tag, `HEAD~1`, an id or the beginning of one.
    ///
    /// The path is a clone, a linked work tree, a bare repository, a git directory, or a folder in one of them; in a folder
    /// below the root of a work tree, the config repository is that folder. Fails when there is no such revision.
    pub fn revision(path: &Path, rev: &str) -> Result<Self, SourceError> {
        revision::RevisionSource::open(path, rev).map(Self::Revision)
    }

    /// Opens a mirror at a revision; `name` is its name in messages. Fails when there is no such revision.
    pub fn mirror(path: &Path, rev: &str, name: &str) -> Result<Self, SourceError> {
        revision::RevisionSource::open_as(path, rev, name.to_owned()).map(Self::Revision)
    }

    /// Opens the files in the index of a git repository.
    ///
    /// `index_file` is the value of `GIT_INDEX_FILE`: `git commit -a` and `git commit PATH` run their hooks with a temporary
    /// index. It is ignored outside of the git directory of this repository. Fails when the index has merge conflicts, or cannot
    /// be read.
    pub fn staged(path: &Path, index_file: Option<&Path>) -> Result<Self, SourceError> {
        staged::IndexSource::open(path, index_file).map(Self::Index)
    }

    /// Returns this source with these files added or replaced; `None` removes a file.
    pub fn edited(self, files: BTreeMap<String, Option<EditedFile>>) -> Self {
        let name = self.display();
        Self::Edited(edited::EditedSource::new(Some(self), name, files))
    }

    /// Returns a source for a folder that does not exist yet, with the files that it will have.
    pub fn planned(path: &Path, files: BTreeMap<String, Option<EditedFile>>) -> Self {
        Self::Edited(edited::EditedSource::new(None, path.display().to_string(), files))
    }

    /// Opens the same repository at another commit; `None` when `id` is not a full id, or this source has no commits.
    pub fn at(&self, id: &str) -> Option<Result<Self, SourceError>> {
        if !crate::edge::git::is_object_id(id) {
            return None;
        }
        match self {
            Self::Folder(folder) => Some(Self::revision(folder.path(), id)),
            Self::Revision(revision) => Some(revision.at(id).map(Self::Revision)),
            Self::Index(_) | Self::Edited(_) => None,
        }
    }

    /// Returns the id of the commit that is read; `None` for a folder or an index.
    pub fn commit(&self) -> Option<&str> {
        match self {
            Self::Revision(revision) => Some(revision.commit()),
            Self::Edited(edited) => edited.base()?.commit(),
            Self::Folder(_) | Self::Index(_) => None,
        }
    }

    /// Returns the git directories that decide which commit is read; none for a folder or an index.
    pub fn git_dirs(&self) -> Vec<PathBuf> {
        match self {
            Self::Revision(revision) => revision.git_dirs(),
            Self::Edited(edited) => edited.base().map(Self::git_dirs).unwrap_or_default(),
            Self::Folder(_) | Self::Index(_) => Vec::new(),
        }
    }

    /// Returns every path of a folder that was accessed so far; `None` for a commit or an index.
    pub fn accessed_paths(&self) -> Option<Vec<AccessedPath>> {
        match self {
            Self::Folder(folder) => Some(folder.accessed_paths()),
            Self::Edited(edited) => edited.base()?.accessed_paths(),
            Self::Revision(_) | Self::Index(_) => None,
        }
    }

    /// Returns how many commits the current one is ahead of an older one; `None` when that is not known.
    pub fn ahead_of(&self, older: &str) -> Option<usize> {
        match self {
            Self::Revision(revision) => revision.ahead_of(older),
            Self::Edited(edited) => edited.base()?.ahead_of(older),
            Self::Folder(_) | Self::Index(_) => None,
        }
    }

    /// Returns the name of the source for messages.
    pub fn display(&self) -> String {
        match self {
            Self::Folder(folder) => folder.display(),
            Self::Revision(revision) => revision.display(),
            Self::Index(staged) => staged.display(),
            Self::Edited(edited) => edited.display(),
        }
    }

    /// Returns the entries of a folder (`""` is the root), sorted by name; none when it does not exist.
    ///
    /// Fails when the folder cannot be read, or the path leads out of the repository.
    pub fn list(&self, folder: &str) -> Result<Vec<Entry>, SourceError> {
        if !folder.is_empty() {
            check_path(folder)?;
        }
        let mut entries = match self.find(folder)? {
            Lookup::Folder => self.children(folder)?.unwrap_or_default(),
            Lookup::Missing | Lookup::Leaf(..) => Vec::new(),
        };
        entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(entries)
    }

    /// Returns every file below a folder, sorted by path; none when it does not exist.
    ///
    /// Symbolic links are entries and never followed. When the folder itself, or one above it, is a symbolic link or another
    /// repository, that is the only entry. Fails when a folder cannot be read, or the path leads out of the repository.
    pub fn walk(&self, folder: &str) -> Result<Vec<Entry>, SourceError> {
        if !folder.is_empty() {
            check_path(folder)?;
        }
        let mut entries = Vec::new();
        let mut folders = match self.find(folder)? {
            Lookup::Missing => Vec::new(),
            Lookup::Folder => vec![folder.to_owned()],
            Lookup::Leaf(entry, _) => return Ok(vec![entry]),
        };
        while let Some(folder) = folders.pop() {
            let Some(children) = self.children(&folder)? else {
                entries.push(Entry { path: folder, kind: EntryKind::Other });
                continue;
            };
            for entry in children {
                match entry.kind {
                    EntryKind::Folder => folders.push(entry.path),
                    _ => entries.push(entry),
                }
            }
        }
        entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(entries)
    }

    /// Reads a file; `None` when it does not exist.
    ///
    /// Fails when it cannot be read, is not a regular file, or is larger than [`MAX_FILE_BYTES`].
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, SourceError> {
        check_path(path)?;
        let objects = match self {
            Self::Folder(folder) => return folder.read(path),
            Self::Edited(edited) => return edited.read(path),
            Self::Revision(revision) => revision.objects(),
            Self::Index(staged) => staged.objects(),
        };
        match self.find(path)? {
            Lookup::Missing => Ok(None),
            Lookup::Folder => Err(SourceError::IsAFolder { path: path.to_owned() }),
            Lookup::Leaf(entry, id) => match (&entry.kind, id) {
                (EntryKind::File { .. }, Some(id)) => objects.blob(id, path).map(Some),
                _ => Err(SourceError::not_a_file(entry)),
            },
        }
    }

    /// Returns the size of a file in bytes, without reading it; `None` when it does not exist or cannot be read.
    pub fn size(&self, path: &str) -> Option<u64> {
        check_path(path).ok()?;
        let objects = match self {
            Self::Folder(folder) => return folder.size(path),
            Self::Edited(edited) => return edited.size(path),
            Self::Revision(revision) => revision.objects(),
            Self::Index(staged) => staged.objects(),
        };
        match self.find(path).ok()? {
            Lookup::Leaf(_, Some(id)) => objects.size(id),
            _ => None,
        }
    }

    /// Returns the first damage of the repository; `None` when there is none. Reads every file.
    pub fn damage(&self) -> Option<SourceError> {
        let read_all = || {
            for entry in self.walk("")? {
                if matches!(entry.kind, EntryKind::File { .. }) {
                    match self.read(&entry.path) {
                        Err(error) if error.is_damage() => return Err(error),
                        _ => {}
                    }
                }
            }
            Ok(())
        };
        read_all().err().filter(SourceError::is_damage)
    }

    fn find(&self, path: &str) -> Result<Lookup, SourceError> {
        match self {
            Self::Folder(folder) => folder.find(path),
            Self::Revision(revision) => revision.find(path),
            Self::Index(staged) => Ok(staged.find(path)),
            Self::Edited(edited) => edited.find(path),
        }
    }

    /// Returns the entries of an existing folder, unsorted; `None` when the folder is another repository.
    fn children(&self, folder: &str) -> Result<Option<Vec<Entry>>, SourceError> {
        match self {
            Self::Folder(source) => source.children(folder),
            Self::Revision(revision) => revision.children(folder).map(Some),
            Self::Index(staged) => Ok(Some(staged.children(folder))),
            Self::Edited(edited) => edited.children(folder),
        }
    }
}

/// Returns the branches and tags of a repository, sorted; none when they cannot be read.
pub fn branches_and_tags(path: &Path) -> Vec<String> {
    revision::names(path).unwrap_or_default()
}

/// Fails for a path that could lead out of the repository.
fn check_path(path: &str) -> Result<(), SourceError> {
    let inside = path.split('/').all(|part| !matches!(part, "" | "." | ".."))
        && Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)));
    if inside { Ok(()) } else { Err(SourceError::Escapes { path: path.to_owned() }) }
}

/// Joins a folder (`""` is the root) and a name.
fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Splits a path into its folder (`""` is the root) and its last part.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
