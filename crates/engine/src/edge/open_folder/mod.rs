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
