//! A folder for claude-env's own files about a workspace, such as its generations.

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::edge::open_folder::OpenFolder;

/// The name of the folder in a git directory, or in the user's state.
const NAME: &str = "claude-env";

/// A folder named `claude-env` or below one, in a git directory or in the user's state. It may not exist.
///
/// It is opened without following symbolic links from that name on: a git directory comes with a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnFolder {
    path: PathBuf,
}

impl OwnFolder {
    /// Returns the folder at a path. Reads nothing.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Returns the path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the folder in which a user chose to have this one, and the path from there.
    fn parts(&self) -> Option<(&Path, String)> {
        let base = self.path.ancestors().find(|path| path.file_name().is_some_and(|it| it == NAME));
        let base = base.unwrap_or(&self.path).parent()?;
        let inside: Option<Vec<&str>> =
            self.path.strip_prefix(base).ok()?.iter().map(|part| part.to_str()).collect();
        Some((base, inside?.join("/")))
    }

    /// Opens the folder. Fails when it does not exist, or is a symbolic link.
    pub(super) fn open(&self) -> io::Result<OpenFolder> {
        let (base, inside) = self.parts().ok_or(ErrorKind::InvalidFilename)?;
        OpenFolder::root(base)?.below(&inside)
    }

    /// Opens the folder, and creates it first where it is missing. Fails when it is a symbolic link.
    #[expect(
        clippy::disallowed_methods,
        reason = "the user's state, or a git directory, outside of any workspace"
    )]
    pub(super) fn make(&self) -> io::Result<OpenFolder> {
        let (base, inside) = self.parts().ok_or(ErrorKind::InvalidFilename)?;
        let root = match OpenFolder::root(base) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                std::fs::create_dir_all(base)?;
                OpenFolder::root(base)?
            }
            root => root?,
        };
        root.make_below(&inside)
    }

    /// Writes or replaces a file in the folder, and creates the folder first where it is missing. Not atomic.
    ///
    /// Fails when the folder or the file is a symbolic link, or cannot be written.
    pub fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let folder = match self.open() {
            Err(error) if error.kind() == ErrorKind::NotFound => self.make()?,
            folder => folder?,
        };
        folder.truncated(name)?.write_all(bytes)
    }

    /// Removes a file in the folder, and returns whether there was one. Fails when that fails.
    pub fn remove(&self, name: &str) -> io::Result<bool> {
        match self.open().and_then(|folder| folder.remove(name)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}
