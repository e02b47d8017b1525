//! What a plan does with each file.

use std::sync::Arc;

use crate::source::RepoPath;

/// One file that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    pub path: RepoPath,
    pub action: Action,
    /// The exact permission bits that the file gets; `None` leaves them to the action.
    pub mode: Option<u32>,
}

/// What happens to a file. `shared` says that the file may hold a person's bytes too: it is made durable before it is
/// renamed over the old one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing was there.
    Create { bytes: Arc<[u8]>, executable: bool },
    /// `executable` is `None` where the file's mode is not ours.
    Update { before: Vec<u8>, bytes: Arc<[u8]>, executable: Option<bool>, shared: bool },
    /// Nothing is left in it, or it was ours as a whole.
    Delete { before: Vec<u8> },
}

impl Action {
    /// The word for it in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Action::Create { .. } => "create",
            Action::Update { .. } => "update",
            Action::Delete { .. } => "delete",
        }
    }
}
