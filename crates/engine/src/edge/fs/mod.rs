//! Reads and writes the files of a workspace. After an interruption every file is old or new, never half written.
//!
//! Nothing here leaves the folder of a [`Root`], also while another process moves its folders or replaces them with links:
//! every file is reached by its name in a folder that was opened below the root without following symbolic links. The one
//! exception is `CLAUDE.md`, which may be a link to another file of the same folder, such as `AGENTS.md`: the link is read,
//! and its target is opened in the same way.

mod apply;
mod destination;
mod error;
mod generations;
mod lock;
mod metadata;
mod new_folder;
mod own_folder;
mod read;
mod sweep;
mod write;

use std::cell::{Cell, OnceCell};
use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use apply::{ApplyOutcome, SavedGeneration};
pub use error::FsError;
pub use generations::{Backup, Generations};
pub use lock::{Wait, lock_folder};
pub use own_folder::OwnFolder;
pub use write::{is_temporary, rewrite, write_atomic, write_new};

use super::open_folder::{EntryType, OpenFolder};
use claude_env_core::source::RepoPath;

/// How many folders are kept open: enough for a workspace, and fewer than any system allows.
const MOST_OPEN: usize = 32;

/// The folder that a run reads and writes, with a cache of the folders in it.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
    /// The root itself, once it was opened.
    root: OnceCell<Arc<OpenFolder>>,
    /// The known folders, by path relative to the root; without the root itself.
    folders: HashMap<String, FolderState>,
    /// The folders that are kept open, by path; without the root itself.
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
        /// The file that is there instead of a folder; `None` for anything else.
        file: Option<RepoPath>,
    },
}

impl Root {
    /// Creates the root of a folder that exists.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            root: OnceCell::new(),
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

    /// Returns the path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
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
            Err(error) => self.explain(relative, &error),
        }
    }

    /// Returns what is at the path of a folder that cannot be opened.
    fn explain(&mut self, relative: &str, error: &io::Error) -> FolderState {
        let (above, name) = relative.rsplit_once('/').unwrap_or(("", relative));
        let refused = |reason: String, help: &str, file| FolderState::Refused {
            reason,
            help: help.to_owned(),
            file,
        };
        let found = self.near(above).and_then(|above| Ok((above.entry_type(name)?, above)));
        match found {
            Ok((EntryType::Symlink, above)) => {
                let to = above.read_link(name).unwrap_or_default();
                let to = to.display();
                refused(
                    format!("lies below `{relative}`, which is a symbolic link to `{to}`"),
                    "replace the link with a folder: claude-env does not write through links",
                    None,
                )
            }
            Ok((EntryType::File { .. } | EntryType::Other, _)) => refused(
                format!("lies below `{relative}`, which is not a folder"),
                "move the file away, then run `claude-env sync`",
                RepoPath::parse(relative).ok(),
            ),
            Err(error) if error.kind() == ErrorKind::NotFound => FolderState::Missing,
            Ok((EntryType::Folder, _)) | Err(_) => refused(
                format!("lies below `{relative}`, which cannot be looked into: {error}"),
                error::hint(error).unwrap_or("check the folder, then run `claude-env sync`"),
                None,
            ),
        }
    }

    /// Opens a folder below the root, and keeps it open.
    fn open(&mut self, relative: &str) -> io::Result<Arc<OpenFolder>> {
        let open = Arc::new(self.root()?.below(relative)?);
        if self.open.len() >= MOST_OPEN {
            self.open.clear();
        }
        self.open.insert(relative.to_owned(), Arc::clone(&open));
        Ok(open)
    }

    /// Returns the root, which is opened the first time. Fails when that fails.
    fn root(&self) -> io::Result<Arc<OpenFolder>> {
        if let Some(root) = self.root.get() {
            return Ok(Arc::clone(root));
        }
        let root = Arc::new(OpenFolder::root(&self.path)?);
        Ok(Arc::clone(self.root.get_or_init(|| root)))
    }

    /// Returns an open folder of the root, `""` for the root. Fails when it cannot be opened without following a link.
    fn near(&mut self, relative: &str) -> io::Result<Arc<OpenFolder>> {
        if relative.is_empty() {
            return self.root();
        }
        match self.open.get(relative) {
            Some(open) => Ok(Arc::clone(open)),
            None => self.open(relative),
        }
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

#[cfg(test)]
mod tests;
