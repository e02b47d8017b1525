//! Reads git objects with gix.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use gix::ObjectId;
use gix::objs::tree::EntryKind as Mode;
use gix::objs::{Find, Kind, TreeRefIter};

use super::{MAX_FILE_BYTES, SourceError};
use crate::edge::git::{GitDirs, discover};
use crate::edge::regular_file::{LARGE, SMALL, is_readable};

/// How much memory gix may allocate for one object. More than [`MAX_FILE_BYTES`], because a file may be stored as a delta to a
/// larger one.
const ALLOCATION_LIMIT: &str = "gitoxide.objects.allocLimit=64m";

/// Ignores `git replace`, which is local to one machine: a commit id must mean the same everywhere.
const NO_REPLACEMENTS: &str = "core.useReplaceRefs=false";

/// The objects of one repository.
#[derive(Debug)]
pub(super) struct Objects {
    shared: gix::ThreadSafeRepository,
    /// Handles that no thread uses at the moment.
    idle: Mutex<Vec<ThreadHandle>>,
    /// The repository as the user named it.
    repository: String,
}

#[derive(Debug)]
struct ThreadHandle {
    handle: gix::Repository,
    buffer: Vec<u8>,
}

/// One entry of a tree object.
pub(super) struct TreeItem {
    /// `None` when the name is not UTF-8.
    pub(super) name: Option<String>,
    /// The name for messages.
    pub(super) shown: String,
    /// The mode of the entry.
    pub(super) mode: Mode,
    /// The id of the object.
    pub(super) id: ObjectId,
}

impl Objects {
    /// Opens the repository of a folder. Ignores environment variables and configuration outside of it, and runs no program that
    /// it configures.
    ///
    /// Fails when there is no repository, or it cannot be opened.
    pub(super) fn open(path: &Path) -> Result<(Self, GitDirs), SourceError> {
        Self::open_as(path, path.display().to_string())
    }

    /// Opens the repository of a folder; `repository` is its name in messages. Fails as [`open`](Self::open) does.
    pub(super) fn open_as(path: &Path, repository: String) -> Result<(Self, GitDirs), SourceError> {
        if !path.exists() {
            return Err(SourceError::NoFolder { repository });
        }
        let Some(dirs) = discover(path)? else {
            return Err(SourceError::NotARepository { repository });
        };
        if let Some(file) = not_regular(&dirs) {
            let message = format!("`{}` is not a regular file, or too large", file.display());
            return Err(SourceError::Open { repository, message });
        }
        // git refuses repositories of other owners because of the programs that they may configure. Reading objects runs no
        // program, so the owner does not matter here.
        let opened = gix::open::Options::isolated()
            .open_path_as_is(true)
            .with(gix::sec::Trust::Full)
            .filter_config_section(|_| true)
            .config_overrides([ALLOCATION_LIMIT, NO_REPLACEMENTS])
            .open(dirs.git_dir.clone());
        match opened {
            Ok(shared) => Ok((Self { shared, idle: Mutex::default(), repository }, dirs)),
            Err(_) if dirs.common_dir.join("reftable").is_dir() => {
                Err(SourceError::Reftable { repository })
            }
            Err(error) => Err(SourceError::Open { repository, message: message_of(&error) }),
        }
    }

    /// Returns the name of the repository for messages.
    pub(super) fn repository(&self) -> &str {
        &self.repository
    }

    /// Calls a function with a handle that only this thread uses.
    pub(super) fn with<T>(&self, run: impl FnOnce(&gix::Repository, &mut Vec<u8>) -> T) -> T {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut thread = idle.unwrap_or_else(|| ThreadHandle {
            handle: self.shared.to_thread_local(),
            buffer: Vec::new(),
        });
        let result = run(&thread.handle, &mut thread.buffer);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        result
    }

    /// Reads an object and passes its content to a function. Fails when the object is missing or damaged.
    pub(super) fn object<T>(
        &self,
        id: ObjectId,
        read: impl FnOnce(Kind, &[u8]) -> Result<T, SourceError>,
    ) -> Result<T, SourceError> {
        self.with(|handle, buffer| match handle.objects.try_find(&id, buffer) {
            Ok(Some(object)) => read(object.kind, object.data),
            Ok(None) => Err(self.missing(handle, id)),
            Err(error) => Err(self.damaged(id, &error)),
        })
    }

    /// Returns the bytes of a file. Fails when the object is missing, damaged, too large, or not a file.
    pub(super) fn blob(&self, id: ObjectId, path: &str) -> Result<Vec<u8>, SourceError> {
        let too_large = || SourceError::TooLarge { path: path.to_owned() };
        let read = self.object(id, |kind, data| {
            if kind != Kind::Blob {
                return Err(self.wrong_type(id, kind, Kind::Blob));
            }
            if data.len() as u64 > MAX_FILE_BYTES {
                return Err(too_large());
            }
            Ok(data.to_vec())
        });
        // Reading fails beyond the allocation limit; the size can still be read.
        if matches!(read, Err(SourceError::Damaged { .. })) {
            let header = self.with(|handle, _| handle.find_header(id));
            if header.is_ok_and(|header| header.size() > MAX_FILE_BYTES) {
                return Err(too_large());
            }
        }
        read
    }

    /// Returns the size of an object in bytes; `None` when it cannot be read.
    pub(super) fn size(&self, id: ObjectId) -> Option<u64> {
        self.with(|handle, _| handle.find_header(id)).ok().map(|header| header.size())
    }

    /// Returns the entries of a tree, in git's order. Fails when the object is missing, damaged, or not a tree.
    pub(super) fn tree(&self, id: ObjectId) -> Result<Vec<TreeItem>, SourceError> {
        if id.is_empty_tree() {
            return Ok(Vec::new());
        }
        self.object(id, |kind, data| {
            if kind != Kind::Tree {
                return Err(self.wrong_type(id, kind, Kind::Tree));
            }
            TreeRefIter::from_bytes(data, id.kind())
                .map(|entry| {
                    let entry = entry.map_err(|error| self.damaged(id, &error))?;
                    let name = std::str::from_utf8(entry.filename).ok().map(str::to_owned);
                    Ok(TreeItem {
                        shown: match &name {
                            Some(name) => name.clone(),
                            None => String::from_utf8_lossy(entry.filename).into_owned(),
                        },
                        name,
                        mode: entry.mode.kind(),
                        id: entry.oid.to_owned(),
                    })
                })
                .collect()
        })
    }

    /// Returns the target of a symbolic link. Fails when the object is missing or damaged.
    pub(super) fn symlink(&self, id: ObjectId) -> Result<String, SourceError> {
        self.object(id, |_, data| Ok(String::from_utf8_lossy(data).into_owned()))
    }

    /// Returns the error for a missing object, which in a partial clone is just not downloaded yet.
    fn missing(&self, handle: &gix::Repository, id: ObjectId) -> SourceError {
        let config = handle.config_snapshot();
        let partial = config.string("extensions.partialClone").is_some()
            || config
                .sections_by_name("remote")
                .into_iter()
                .flatten()
                .any(|remote| remote.value("promisor").is_some_and(|value| value != "false"));
        let (repository, id) = (self.repository.clone(), id.to_string());
        if partial {
            SourceError::NotDownloaded { repository, id }
        } else {
            SourceError::MissingObject { repository, id }
        }
    }

    /// Returns the error for an object that cannot be read.
    pub(super) fn damaged(&self, id: ObjectId, error: &gix::Error) -> SourceError {
        let (repository, id) = (self.repository.clone(), id.to_string());
        SourceError::Damaged { repository, id, message: message_of(error) }
    }

    fn wrong_type(&self, id: ObjectId, is: Kind, expected: Kind) -> SourceError {
        let (repository, id) = (self.repository.clone(), id.to_string());
        SourceError::Damaged { repository, id, message: format!("it is a {is}, not a {expected}") }
    }
}

/// The files that gix reads whole, whatever they are.
const WHOLE: [&str; 8] = [
    "HEAD",
    "config",
    "config.worktree",
    "index",
    "packed-refs",
    "shallow",
    "objects/info/alternates",
    "objects/info/commit-graph",
];

/// Returns a file of the repository that is read whole and is something else than a regular file, such as a link to a device;
/// `None` when all is well.
fn not_regular(dirs: &GitDirs) -> Option<PathBuf> {
    let mut folders = vec![&dirs.common_dir];
    if dirs.git_dir != dirs.common_dir {
        folders.push(&dirs.git_dir);
    }
    let mut files = folders.iter().flat_map(|folder| WHOLE.map(|name| folder.join(name)));
    files
        .find(|file| !is_readable(file, LARGE))
        .or_else(|| folders.iter().find_map(|folder| odd_reference(&folder.join("refs"))))
}

/// Returns a reference in a folder, or below it, that is something else than a short file or a link to one.
fn odd_reference(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    // Other files are as long as git wrote them; only links and what is no file at all have to be looked at.
    entries.into_iter().find_map(|entry| match entry.file_type() {
        Ok(kind) if kind.is_file() => None,
        Ok(kind) if kind.is_dir() => odd_reference(&entry.path()),
        _ => Some(entry.path()).filter(|path| !is_readable(path, SMALL)),
    })
}

/// Returns the message of an error of gix and its causes, on one line.
pub(super) fn message_of(error: &gix::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in error.iter_errors() {
        let text = cause.to_string();
        if !text.is_empty() && !parts.contains(&text) {
            parts.push(text);
        }
    }
    parts.join(": ")
}
