//! Why a file is left alone as a whole.

use crate::source::RepoPath;

/// Why a file is left unchanged as a whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, relative to the root of the workspace.
    pub path: RepoPath,
    /// The line of the file to blame, 1-based; `None` when the whole file is.
    pub line: Option<usize>,
    /// What is wrong, as the end of a sentence that starts with the path.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// The cause, for programs.
    pub kind: ProblemKind,
}

/// The cause of a [`Problem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// Git tracks the file, and it must stay out of git.
    Tracked,
    /// claude-env never writes this path: it belongs to git or to claude-env itself.
    Forbidden,
    /// Something other than a regular file of a usable size is at the path: a folder, a link, a device.
    NotAFile,
    /// The file is a mount point that cannot be changed.
    Unwritable,
    /// The file cannot be read or parsed: an I/O error, not UTF-8, invalid JSON, or unclear markers.
    Unreadable,
    /// The file is valid, but a value in it has the wrong type for an entry to be written there.
    WrongType,
    /// The configured text cannot be written: it contains a claude-env marker.
    InvalidContent,
    /// The backup of the file cannot be restored entry by entry.
    NotRestorable,
    /// The edit failed although the file is valid: a bug.
    Internal,
}
