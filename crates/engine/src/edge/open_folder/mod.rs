//! A folder that is kept open, so that its files are reached without resolving the whole path again.
//!
//! This is faster and safer: a symbolic link that somebody puts into the path later is not followed. Links in the folder
//! are not followed either.

// Other systems than Unix resolve the path each time. Tests compare both implementations.
#[cfg(unix)]
mod by_descriptor;
#[cfg(any(not(unix), test))]
mod by_path;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, ErrorKind};

#[cfg(unix)]
pub use by_descriptor::OpenFolder;
#[cfg(not(unix))]
pub use by_path::OpenFolder;

/// A regular file that was opened for reading.
#[derive(Debug)]
pub struct OpenFile {
    /// The open file.
    pub file: File,
    /// Its size in bytes.
    pub len: u64,
    /// Whether its owner may run it.
    pub executable: bool,
}

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FolderEntry {
    /// The name, without the folder.
    pub name: OsString,
    /// What it is.
    pub kind: EntryType,
}

/// What an entry of a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryType {
    /// A folder.
    Folder,
    /// A regular file.
    File {
        /// Its size in bytes.
        len: u64,
        /// Whether its owner may run it.
        executable: bool,
    },
    /// A symbolic link, whatever it leads to.
    Symlink,
    /// A socket, a pipe or a device.
    Other,
}

impl OpenFolder {
    /// Creates a folder below this one where it is missing, with those above it, and opens it. Fails as [`OpenFolder::below`].
    pub fn make_below(&self, relative: &str) -> io::Result<Self> {
        match self.below(relative) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            opened => return opened,
        }
        let mut folder: Option<Self> = None;
        for name in relative.split('/') {
            let above = folder.as_ref().unwrap_or(self);
            match above.make_folder(name) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
                _ => folder = Some(above.below(name)?),
            }
        }
        folder.ok_or_else(|| ErrorKind::InvalidInput.into())
    }

    /// Removes a folder with all that is in it. Follows no links; fails on a symbolic link.
    pub fn remove_all(&self, name: &str) -> io::Result<()> {
        let folder = self.below(name)?;
        for (inside, is_folder) in folder.entries()? {
            let Some(inside) = inside.to_str() else { return Err(ErrorKind::InvalidData.into()) };
            match is_folder {
                true => folder.remove_all(inside)?,
                false => folder.remove(inside)?,
            }
        }
        self.remove_folder(name)
    }
}
