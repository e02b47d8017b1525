//! A config repository as it is read: from a folder, from a commit, or from what is staged. Nothing is ever checked out.
//!
//! The three agree: the same files give the same entries and the same bytes. Bytes are what is stored; no filter and no
//! line-end conversion that the repository asks for is applied, because such a filter is a program.

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

/// The largest file that is read. What people configure is text; something larger got in by mistake.
pub const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// A config repository, open for reading. May be read by several threads at once.
///
/// A folder is looked at once: what was seen of it is remembered, so make a new source to see later changes.
#[derive(Debug)]
pub enum ConfigSource {
    /// The files as they lie in a folder.
    Folder(folder::FolderSource),
    /// The files of a commit.
    Revision(revision::RevisionSource),
    /// The files as they are staged.
    Index(staged::IndexSource),
    /// One of these, with edits over it that nobody has written yet.
    Edited(edited::EditedSource),
}

/// Something that a config repository holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Path from the root of the config repository, with forward slashes. Where the name is not UTF-8, what is not is
    /// replaced, and the path serves to be shown only.
    pub path: String,
    pub kind: EntryKind,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    File {
        executable: bool,
    },
    /// Only in [`ConfigSource::list`].
    Folder,
    /// Never followed.
    Symlink {
        target: String,
    },
    /// A submodule or another repository inside of this one, a socket, a pipe.
    Other,
    /// Anything whose name is not UTF-8.
    NotUtf8Name,
}

/// What lies at a path. The id is that of the blob, where there is one.
enum Lookup {
    Missing,
    Folder,
    /// Not a folder; or, when something on the way to the path is a symlink or another repository, that.
    Leaf(Entry, Option<gix::ObjectId>),
}

impl ConfigSource {
    /// The repository as it stands in a folder, which need not be a git repository.
    pub fn folder(path: &Path) -> Result<Self, SourceError> {
        folder::FolderSource::open(path).map(Self::Folder)
    }

    /// The repository at a revision: a branch, a tag, `HEAD~1`, an id or the beginning of one.
    ///
    /// The path is a clone, a linked work tree, a bare repository, a git directory, or a folder in one of them; in a folder
    /// below the root of a work tree, the config repository is that folder.
    pub fn revision(path: &Path, rev: &str) -> Result<Self, SourceError> {
        revision::RevisionSource::open(path, rev).map(Self::Revision)
    }

    /// The same, of a mirror that people know by another name.
    pub fn mirror(path: &Path, rev: &str, name: &str) -> Result<Self, SourceError> {
        revision::RevisionSource::open_as(path, rev, name.to_owned()).map(Self::Revision)
    }

    /// The repository as it is staged.
    ///
    /// `index_file` is what git calls `GIT_INDEX_FILE`: while `git commit -a` or `git commit PATH` runs its hooks, the commit
    /// to be is in an index of its own. It counts only when it lies in the git directory of this repository.
    pub fn staged(path: &Path, index_file: Option<&Path>) -> Result<Self, SourceError> {
        staged::IndexSource::open(path, index_file).map(Self::Index)
    }

    /// The same with these files in place of those at their paths; `None` for a file that is gone.
    pub fn edited(self, files: BTreeMap<String, Option<EditedFile>>) -> Self {
        let name = self.display();
        Self::Edited(edited::EditedSource::new(Some(self), name, files))
    }

    /// A folder that is not there yet, and what will be in it.
    pub fn planned(path: &Path, files: BTreeMap<String, Option<EditedFile>>) -> Self {
        Self::Edited(edited::EditedSource::new(None, path.display().to_string(), files))
    }

    /// The same repository at another commit, by its id; `None` where there is no telling which that is.
    pub fn at(&self, id: &str) -> Option<Result<Self, SourceError>> {
        let is_id = matches!(id.len(), 40 | 64) && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_id {
            return None;
        }
        match self {
            Self::Folder(folder) => Some(Self::revision(folder.path(), id)),
            Self::Revision(revision) => Some(revision.at(id).map(Self::Revision)),
            Self::Index(_) | Self::Edited(_) => None,
        }
    }

    /// The id of the commit that is read, if one is.
    pub fn commit(&self) -> Option<&str> {
        match self {
            Self::Revision(revision) => Some(revision.commit()),
            Self::Edited(edited) => edited.base()?.commit(),
            Self::Folder(_) | Self::Index(_) => None,
        }
    }

    /// The git directories that say which commit is read; none for a folder as it stands.
    pub fn git_dirs(&self) -> Vec<PathBuf> {
        match self {
            Self::Revision(revision) => revision.git_dirs(),
            Self::Edited(edited) => edited.base().map(Self::git_dirs).unwrap_or_default(),
            Self::Folder(_) | Self::Index(_) => Vec::new(),
        }
    }

    /// Every path of a folder that was looked at so far; `None` where the files are those of a commit or an index.
    pub fn accessed_paths(&self) -> Option<Vec<AccessedPath>> {
        match self {
            Self::Folder(folder) => Some(folder.accessed_paths()),
            Self::Edited(edited) => edited.base()?.accessed_paths(),
            Self::Revision(_) | Self::Index(_) => None,
        }
    }

    /// How many commits the one that is read has that an older one has not; `None` if that is not known.
    pub fn ahead_of(&self, older: &str) -> Option<usize> {
        match self {
            Self::Revision(revision) => revision.ahead_of(older),
            Self::Edited(edited) => edited.base()?.ahead_of(older),
            Self::Folder(_) | Self::Index(_) => None,
        }
    }

    /// How people know it.
    pub fn display(&self) -> String {
        match self {
            Self::Folder(folder) => folder.display(),
            Self::Revision(revision) => revision.display(),
            Self::Index(staged) => staged.display(),
            Self::Edited(edited) => edited.display(),
        }
    }

    /// What lies directly in a folder (`""` is the root), sorted by name; nothing for a folder that is not there.
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

    /// Every file below a folder, sorted by path; nothing for a folder that is not there.
    ///
    /// Symlinks are reported and never followed. When the folder itself, or one above it, is a symlink or another
    /// repository, that is the only entry.
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

    /// The bytes of one file; `None` if nothing is there.
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

    /// How many bytes a file has, without reading it; `None` if that cannot be told.
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

    /// What of the repository cannot be read because it is damaged, if anything. Reads every file.
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

    /// What lies in a folder that is there, in any order; `None` when the folder is another repository.
    fn children(&self, folder: &str) -> Result<Option<Vec<Entry>>, SourceError> {
        match self {
            Self::Folder(source) => source.children(folder),
            Self::Revision(revision) => revision.children(folder).map(Some),
            Self::Index(staged) => Ok(Some(staged.children(folder))),
            Self::Edited(edited) => edited.children(folder),
        }
    }
}

/// The branches and tags of a repository, sorted; none where they cannot be read.
pub fn branches_and_tags(path: &Path) -> Vec<String> {
    revision::names(path).unwrap_or_default()
}

/// Refuses a path that could lead out of the repository.
fn check_path(path: &str) -> Result<(), SourceError> {
    let inside = path.split('/').all(|part| !matches!(part, "" | "." | ".."))
        && Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)));
    if inside { Ok(()) } else { Err(SourceError::Escapes { path: path.to_owned() }) }
}

/// The path of something in a folder.
fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// A path, as folder and last part; the folder of a top-level name is the root, `""`.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
