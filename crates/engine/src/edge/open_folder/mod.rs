//! A folder that is held open: what is in it is reached without walking the whole way to it again.
//!
//! That way is also not trusted again: whoever puts a symbolic link into it meanwhile leads nobody anywhere. No link in the folder
//! is followed either.

// Elsewhere than on Unix the path is walked each time. Tests ask both for the same.
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
    pub file: File,
    pub len: u64,
    /// Whether its owner may run it.
    pub executable: bool,
}

/// A name in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FolderEntry {
    pub name: OsString,
    pub kind: EntryType,
}

/// What a name in a folder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryType {
    Folder,
    File { len: u64, executable: bool },
    Symlink,
    Other,
}
