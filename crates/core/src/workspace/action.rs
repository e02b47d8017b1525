//! What a plan does with each file.

use std::sync::Arc;

use crate::source::RepoPath;

/// One file that a plan changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The file, relative to the root of the workspace.
    pub path: RepoPath,
    /// What happens to it.
    pub action: Action,
    /// The permission bits that the file gets; `None` leaves them to the action.
    pub mode: Option<u32>,
}

/// What happens to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A file is created where nothing was.
    Create {
        /// The content.
        bytes: Arc<[u8]>,
        /// Whether the owner may execute it.
        executable: bool,
    },
    /// The content of a file is replaced.
    Update {
        /// The content that the plan was made for; the apply fails if the file has another one.
        before: Vec<u8>,
        /// The new content.
        bytes: Arc<[u8]>,
        /// Whether the owner may execute it; `None` keeps the file's mode.
        executable: Option<bool>,
        /// Whether the file may also hold a person's content. It is then synced to disk before it replaces the old file.
        shared: bool,
    },
    /// A file is deleted: it was managed as a whole, or nothing is left in it.
    Delete {
        /// The content that the plan was made for.
        before: Vec<u8>,
    },
}

impl Action {
    /// Returns the word for the action in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Action::Create { .. } => "create",
            Action::Update { .. } => "update",
            Action::Delete { .. } => "delete",
        }
    }
}
