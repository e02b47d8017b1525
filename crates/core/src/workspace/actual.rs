//! The files of a workspace, as data.

use std::collections::BTreeMap;

use super::problem::{Problem, ProblemKind};
use crate::source::RepoPath;

/// The largest file that is read from a workspace, in bytes. No agent accepts files of this size.
pub const MAX_FILE_SIZE: u64 = 16 * 1024 * 1024;

/// What was found at one path of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActualFile {
    /// Nothing is there.
    Missing,
    /// A regular file.
    Bytes {
        /// The content.
        bytes: Vec<u8>,
        /// Whether the owner may execute it.
        executable: bool,
    },
    /// Something is there that is left unchanged.
    Unusable {
        /// The cause, for programs.
        kind: ProblemKind,
        /// What is there, as the end of a sentence that starts with the path.
        reason: String,
        /// What to do about it.
        help: String,
        /// The files that stand in the way, where others are all that does; `None` for anything else.
        obstacle: Option<Obstacle>,
    },
}

/// Files in the place of another file. When a plan removes them all, it can write the other one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// A file has the path of a folder above.
    File(RepoPath),
    /// A folder has the path of the file, with these files in it and nothing else.
    Folder(Vec<RepoPath>),
}

/// What was found at each path that was read. A path that was not read counts as missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actual {
    files: BTreeMap<RepoPath, ActualFile>,
}

impl Actual {
    /// Returns what was found at a path.
    pub fn get(&self, path: &RepoPath) -> &ActualFile {
        self.files.get(path).unwrap_or(&ActualFile::Missing)
    }

    /// Adds what was found at more paths.
    pub fn add(&mut self, more: Self) {
        self.files.extend(more.files);
    }

    /// Takes a file as executable if it is not, and the other way round.
    pub(super) fn toggle_mode(&mut self, path: &RepoPath) {
        if let Some(ActualFile::Bytes { executable, .. }) = self.files.get_mut(path) {
            *executable = !*executable;
        }
    }

    /// Marks a file as not to be changed, whatever is there, with the reason.
    pub fn refuse(&mut self, problem: Problem) {
        let Problem { path, message: reason, help, kind, .. } = problem;
        self.files.insert(path, ActualFile::Unusable { kind, reason, help, obstacle: None });
    }
}

impl FromIterator<(RepoPath, ActualFile)> for Actual {
    fn from_iter<I: IntoIterator<Item = (RepoPath, ActualFile)>>(files: I) -> Self {
        Self { files: files.into_iter().collect() }
    }
}
