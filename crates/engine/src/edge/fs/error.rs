//! What went wrong with a file, and what can be done about it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A file operation that failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} `{path}`: {source}", path = path.display())]
pub struct FsError {
    doing: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl FsError {
    /// `doing` completes "cannot …", before the path.
    pub fn new(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self { doing, path: path.to_owned(), source }
    }

    /// A refusal of our own.
    pub(super) fn refused(doing: &'static str, path: &Path, reason: String) -> Self {
        Self::new(doing, path, io::Error::other(reason))
    }

    /// Another process is writing.
    pub(super) fn busy(folder: &Path, waited: Duration) -> Self {
        let reason = match waited.as_secs() {
            _ if waited.is_zero() => "another claude-env is at work there".to_owned(),
            seconds => {
                format!(
                    "another claude-env is at work there, and was not done after {seconds} seconds"
                )
            }
        };
        Self::new("write below", folder, io::Error::new(io::ErrorKind::ResourceBusy, reason))
    }

    /// Whether another process is in the way.
    pub fn is_busy(&self) -> bool {
        self.source.kind() == io::ErrorKind::ResourceBusy
    }

    /// Whether the system does not let us write there, however often it is tried.
    pub(super) fn is_forbidden(&self) -> bool {
        let kinds = [io::ErrorKind::PermissionDenied, io::ErrorKind::ReadOnlyFilesystem];
        kinds.contains(&self.source.kind())
    }

    /// What to do next, where that is known.
    pub fn hint(&self) -> Option<&'static str> {
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
        io::ErrorKind::ResourceBusy => "wait until nobody else is using it, then run again",
        io::ErrorKind::Interrupted => "run again: what was not finished is put right",
        _ => return None,
    })
}
