//! Files of a workspace: read as data, and written so that an interruption leaves every file old or new, never half.
//!
//! A [`Root`] is a folder that nothing here leads out of: no symbolic link is followed on the way to a file. The one
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

/// How many folders are held open: those of a workspace, and fewer than any system allows.
const MOST_OPEN: usize = 32;

/// A folder of a run, with what is known of the folders in it.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
    /// By path relative to the root, without a slash at the end; the root itself is not in it.
    folders: HashMap<String, FolderState>,
    /// Folders that are held open to reach into them, by path; the root itself is `""`.
    open: HashMap<String, Arc<OpenFolder>>,
    /// After how many more steps an apply stops as if the process had been killed; `None` is never. For fault injection.
    pub fail_after: Cell<Option<u32>>,
}

/// What stands where a folder is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum FolderState {
    Present,
    Missing,
    /// Something that is not to be written through; says what, as the end of a sentence.
    Refused {
        reason: String,
        help: String,
    },
}

impl Root {
    /// A folder that exists.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            folders: HashMap::new(),
            open: HashMap::new(),
            fail_after: Cell::new(None),
        }
    }

    /// A folder that is made, with those above it, if it does not exist.
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

    /// Waits until no other process writes to this folder, and keeps others waiting until the result is dropped.
    ///
    /// `None` where the system has no such locks; what is written is then still checked file by file.
    pub fn lock(&self, wait: Wait) -> Result<Option<std::fs::File>, FsError> {
        lock_folder(&self.path, wait)
    }

    fn join(&self, path: &RepoPath) -> PathBuf {
        self.path.join(path.as_str())
    }

    /// What stands at a folder of the root, and on the way to it. Asks the disk once for each folder.
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

    /// Opens a folder, the way to which was looked at, and holds it open.
    fn open(&mut self, relative: &str) -> io::Result<Arc<OpenFolder>> {
        let open = Arc::new(OpenFolder::open(&self.path.join(relative))?);
        if self.open.len() >= MOST_OPEN {
            self.open.clear();
        }
        self.open.insert(relative.to_owned(), Arc::clone(&open));
        Ok(open)
    }

    /// A folder of the root, `""` for itself, to reach into; `None` where that is not possible, or not allowed.
    fn near(&mut self, relative: &str) -> Option<Arc<OpenFolder>> {
        if let Some(open) = self.open.get(relative) {
            return Some(Arc::clone(open));
        }
        if !relative.is_empty() && self.folder(relative) != FolderState::Present {
            return None;
        }
        self.open.get(relative).map(Arc::clone).or_else(|| self.open(relative).ok())
    }

    /// Has all folders looked at again.
    fn forget_folders(&mut self) {
        self.folders.clear();
        self.open.clear();
    }

    /// A place where an apply may be made to stop.
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
                "replace the link by a folder: claude-env does not write through links",
            )
        }
        Ok(_) => refused(
            format!("lies below `{relative}`, which is not a folder"),
            "move that file away, then sync again",
        ),
        Err(error) if error.kind() == ErrorKind::NotFound => FolderState::Missing,
        Err(error) => {
            let reason = format!("lies below `{relative}`, which cannot be looked into: {error}");
            refused(reason, error::hint(&error).unwrap_or("check the folder, then sync again"))
        }
    }
}

#[cfg(test)]
mod tests;
