//! What a workspace has, as data.

use std::collections::BTreeMap;

use crate::source::RepoPath;

/// The largest file that is read from a workspace: far above what any client accepts.
pub const MAX_FILE_SIZE: u64 = 16 * 1024 * 1024;

/// One path of a workspace, as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActualFile {
    /// Nothing is there.
    Missing,
    /// A regular file.
    Bytes { bytes: Vec<u8>, executable: bool },
    /// Something is there that is left alone; says what, as the end of a sentence that starts with the path.
    Unusable { reason: String, help: String },
}

/// What was found at every path that concerns us. A path that was not looked at counts as missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actual {
    files: BTreeMap<RepoPath, ActualFile>,
}

impl Actual {
    /// What was found at a path.
    pub fn get(&self, path: &RepoPath) -> &ActualFile {
        self.files.get(path).unwrap_or(&ActualFile::Missing)
    }

    /// Adds what was found at more paths.
    pub fn add(&mut self, more: Self) {
        self.files.extend(more.files);
    }

    /// Has a path left alone, whatever is there. Says why, as the end of a sentence that starts with the path.
    pub fn refuse(&mut self, path: RepoPath, reason: String, help: String) {
        self.files.insert(path, ActualFile::Unusable { reason, help });
    }
}

impl FromIterator<(RepoPath, ActualFile)> for Actual {
    fn from_iter<I: IntoIterator<Item = (RepoPath, ActualFile)>>(files: I) -> Self {
        Self { files: files.into_iter().collect() }
    }
}
