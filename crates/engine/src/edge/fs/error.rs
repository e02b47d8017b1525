//! Errors of file operations, and hints for them.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why a file operation failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} `{path}`: {source}", path = path.display())]
pub struct FsError {
    /// The operation: completes "cannot …".
    doing: &'static str,
    path: PathBuf,
    source: io::Error,
    /// Whether another process holds the lock on the folder.
    locked: bool,
}

impl FsError {
    /// Creates the error. `doing` is the operation: it completes "cannot …", before the path.
    pub fn new(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self { doing, path: path.to_owned(), source, locked: false }
    }

    /// Creates the error for an operation that claude-env refuses. `reason` is a clause about the file.
    pub fn refused(doing: &'static str, path: &Path, reason: String) -> Self {
        Self::new(doing, path, io::Error::other(reason))
    }

    /// Creates the error for a folder that another process has locked.
    pub(super) fn busy(folder: &Path, waited: Duration) -> Self {
        let reason = match waited.as_secs() {
            _ if waited.is_zero() => "another claude-env is running there".to_owned(),
            seconds => {
                format!(
                    "another claude-env is running there, and was not done after {seconds} seconds"
                )
            }
        };
        Self { locked: true, ..Self::refused("write below", folder, reason) }
    }

    /// Returns true when another process holds the lock.
    pub fn is_busy(&self) -> bool {
        self.locked
    }

    /// Returns true when the system forbids writing there, so that a retry does not help.
    pub(super) fn is_forbidden(&self) -> bool {
        let kinds = [io::ErrorKind::PermissionDenied, io::ErrorKind::ReadOnlyFilesystem];
        kinds.contains(&self.source.kind())
    }

    /// Returns what to do next; `None` when that is not known.
    pub fn hint(&self) -> Option<&'static str> {
        match self.locked {
            true => Some("wait until the other process is done, then run again"),
            false => hint(&self.source),
        }
    }
}

/// Returns what to do about an error of the system; `None` when that is not known.
pub(super) fn hint(error: &io::Error) -> Option<&'static str> {
    Some(match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "the disk is full: free some space, then run again; the next run completes this one"
        }
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only",
        io::ErrorKind::PermissionDenied => {
            "check the owner and the permissions of the file and its folder"
        }
        io::ErrorKind::ResourceBusy => {
            "it may be a mount point, as of `docker run -v`: unmount it, or mount the folder instead"
        }
        io::ErrorKind::Interrupted => "run again: the next run completes this one",
        _ => return None,
    })
}
