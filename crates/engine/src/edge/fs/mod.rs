//! Reads and writes the files of a workspace. After an interruption every file is old or new, never half written.
//!
//! Nothing here leaves the folder of a [`Root`]: symbolic links are not followed. The one
//! exception is `CLAUDE.md`, which may be a link to another file of the same folder, such as `AGENTS.md`.

mod apply;
mod error;
mod generations;
mod lock;
mod new_folder;
mod read;
mod write;

use std::cell::Cell;
use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use apply::{ApplyOutcome, SavedGeneration};
pub use error::FsError;
pub use generations::{Backup, Generations};
pub use lock::{Wait, lock_folder};
pub use write::{is_temporary, rewrite, write_atomic, write_new};

use super::open_folder::OpenFolder;
use claude_env_core::source::RepoPath;

/// How many folders are kept open: enough for a workspace, and fewer than any system allows.
const MOST_OPEN: usize = 32;

/// The folder that a run reads and writes, with a cache of the folders in it.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
    /// The known folders, by path relative to the root; without the root itself.
    folders: HashMap<String, FolderState>,
    /// The folders that are kept open, by path; the root itself is `""`.
    open: HashMap<String, Arc<OpenFolder>>,
    /// After how many more steps an apply fails as if the process had been killed; `None` means never. For fault injection.
    pub fail_after: Cell<Option<u32>>,
}

/// What is at the path of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
enum FolderState {
    /// A folder.
    Present,
    /// Nothing.
    Missing,
    /// Something that is not followed, such as a symbolic link.
    Refused {
        /// What it is, as the end of a sentence.
        reason: String,
        /// What to do about it.
        help: String,
    },
}

impl Root {
    /// Creates the root of a folder that exists.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            folders: HashMap::new(),
            open: HashMap::new(),
            fail_after: Cell::new(None),
        }
    }

    /// Creates the root of a folder, and the folder with its parents when it does not exist. Fails when that fails.
    #[expect(
        clippy::disallowed_methods,
        reason = "a folder that the user named, outside of any workspace"
    )]
    pub fn create(path: impl Into<PathBuf>) -> Result<Self, FsError> {
        let path = path.into();
        std::fs::create_dir_all(&path)
            .map_err(|source| FsError::new("make the folder", &path, source))?;
        Ok(Self::new(path))
    }

    /// Waits for the lock on this folder, and holds it until the result is dropped.
    ///
    /// `None` when the system has no such locks; files are then still checked before they are replaced. Fails when another
    /// process holds the lock for longer than `wait`.
    pub fn lock(&self, wait: Wait) -> Result<Option<std::fs::File>, FsError> {
        lock_folder(&self.path, wait)
    }

    fn join(&self, path: &RepoPath) -> PathBuf {
        self.path.join(path.as_str())
    }

    /// Returns what is at the path of a folder and of its parents. Reads each from the disk once.
    fn folder(&mut self, relative: &str) -> FolderState {
        if let Some(known) = self.folders.get(relative) {
            return known.clone();
        }
        let above =
            relative.rsplit_once('/').map_or(FolderState::Present, |(above, _)| self.folder(above));
        let found = match above {
            FolderState::Present => self.look(relative),
            other => other,
        };
        self.folders.insert(relative.to_owned(), found.clone());
        found
    }

    fn look(&mut self, relative: &str) -> FolderState {
        match self.open(relative) {
            Ok(_) => FolderState::Present,
            Err(error) if error.kind() == ErrorKind::NotFound => FolderState::Missing,
            Err(_) => look(&self.path, relative),
        }
    }

    /// Opens a folder whose parents were checked, and keeps it open.
    fn open(&mut self, relative: &str) -> io::Result<Arc<OpenFolder>> {
        let open = Arc::new(OpenFolder::open(&self.path.join(relative))?);
        if self.open.len() >= MOST_OPEN {
            self.open.clear();
        }
        self.open.insert(relative.to_owned(), Arc::clone(&open));
        Ok(open)
    }

    /// Returns an open folder of the root, `""` for the root; `None` when it cannot be opened, or must not be followed.
    fn near(&mut self, relative: &str) -> Option<Arc<OpenFolder>> {
        if let Some(open) = self.open.get(relative) {
            return Some(Arc::clone(open));
        }
        if !relative.is_empty() && self.folder(relative) != FolderState::Present {
            return None;
        }
        self.open.get(relative).map(Arc::clone).or_else(|| self.open(relative).ok())
    }

    /// Clears the cache of folders.
    fn forget_folders(&mut self) {
        self.folders.clear();
        self.open.clear();
    }

    /// Fails when `fail_after` is used up. Called before every change of the disk.
    fn step(&self, doing: &'static str, path: &Path) -> Result<(), FsError> {
        match self.fail_after.get() {
            Some(0) => Err(FsError::new(doing, path, ErrorKind::Interrupted.into())),
            Some(left) => {
                self.fail_after.set(Some(left - 1));
                Ok(())
            }
            None => Ok(()),
        }
    }
}

fn look(root: &Path, relative: &str) -> FolderState {
    let refused =
        |reason: String, help: &str| FolderState::Refused { reason, help: help.to_owned() };
    let path = root.join(relative);
    match std::fs::symlink_metadata(&path) {
        Ok(meta) if meta.is_dir() => FolderState::Present,
        Ok(meta) if meta.is_symlink() => {
            let to = std::fs::read_link(&path).unwrap_or_default();
            refused(
                format!("lies below `{relative}`, which is a symbolic link to `{}`", to.display()),
                "replace the link with a folder: claude-env does not write through links",
            )
        }
        Ok(_) => refused(
            format!("lies below `{relative}`, which is not a folder"),
            "move the file away, then run `claude-env sync`",
        ),
        Err(error) if error.kind() == ErrorKind::NotFound => FolderState::Missing,
        Err(error) => {
            let reason = format!("lies below `{relative}`, which cannot be looked into: {error}");
            refused(
                reason,
                error::hint(&error).unwrap_or("check the folder, then run `claude-env sync`"),
            )
        }
    }
}

#[cfg(test)]
mod tests;
