//! What a plan does with the lock.

use crate::source::RepoPath;

/// What a plan does with the lock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockChange {
    /// The name of the lock file in the root of the workspace; empty when no lock is written.
    pub file: String,
    /// The current text; `None` if the file does not exist.
    pub before: Option<String>,
    /// The text after the apply.
    pub next: String,
    /// The files that the lock names after the apply, sorted.
    pub files: Vec<RepoPath>,
    /// The text that must be written before this apply starts, because an earlier apply was interrupted; `None` if none was.
    pub recovered: Option<String>,
    /// Whether an interrupted apply left its pending lock.
    pub leftover: bool,
    /// Whether the lock file is deleted after the apply, because no entry is left for it.
    pub remove_when_empty: bool,
    /// The folders in which an interrupted apply may have left temporary files, relative to the root of the workspace.
    pub sweep: Vec<String>,
}

impl LockChange {
    /// Returns true if the apply does not touch the lock.
    pub fn is_noop(&self) -> bool {
        self.file.is_empty() || (!self.leftover && self.is_next())
    }

    /// Returns true if the lock file already has its final content.
    pub fn is_next(&self) -> bool {
        self.before.as_ref() == Some(&self.next).filter(|_| !self.remove_when_empty)
    }
}
