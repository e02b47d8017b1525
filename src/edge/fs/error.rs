//! What went wrong with a file, and what can be done about it.

use std::io;
use std::path::{Path, PathBuf};

/// A file operation that failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} `{path}`: {source}", path = path.display())]
pub(crate) struct FsError {
    doing: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl FsError {
    /// `doing` completes "cannot …", before the path.
    pub(crate) fn new(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self { doing, path: path.to_owned(), source }
    }

    /// A refusal of our own.
    pub(super) fn refused(doing: &'static str, path: &Path, reason: String) -> Self {
        Self::new(doing, path, io::Error::other(reason))
    }

    /// What to do next, where that is known.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        hint(&self.source)
    }
}

/// What to do about an error of the system.
pub(super) fn hint(error: &io::Error) -> Option<&'static str> {
    Some(match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "the disk is full: make room, then run again; what was not finished is put right"
        }
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only",
        io::ErrorKind::PermissionDenied => {
            "check who owns the file and its folder, and whether you may write there"
        }
        io::ErrorKind::Interrupted => "run again: what was not finished is put right",
        _ => return None,
    })
}
