//! `info/exclude`, the repository's own list of files that git does not show.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::GitDirs;
use crate::edge::fs::{FsError, Wait, lock_folder, rewrite};
use claude_env_core::git::exclude::{ExcludeError, Section, edit, patterns};

/// How long to wait for others who edit the list: far more than that takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why the list cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum ExcludeFileError {
    #[error(transparent)]
    Fs(#[from] FsError),
    #[error("`{}`, {source}", path.display())]
    Markers { path: PathBuf, source: ExcludeError },
}

/// What happens to the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExcludeChange {
    /// The file, as shown to people.
    pub path: PathBuf,
    pub added: Vec<String>,
    pub removed: Vec<String>,
    /// The patterns of the section before.
    pub listed: Vec<String>,
    /// The whole file.
    pub before: Vec<u8>,
    pub after: Vec<u8>,
}

/// The list of the repository around one workspace.
#[derive(Clone, Debug)]
pub struct Exclude {
    common_dir: PathBuf,
    section: Section,
}

impl Exclude {
    /// The list that counts for a workspace; `None` if nothing of it is in a work tree.
    pub fn of(dirs: &GitDirs) -> Option<Self> {
        dirs.work_tree.as_ref()?;
        let prefix: Vec<_> =
            dirs.prefix.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        // The names need not be equal texts: a linked work tree's `commondir` is `../..`.
        let linked = dirs.git_dir != dirs.common_dir;
        let worktree = dirs.git_dir.file_name().filter(|_| linked);
        let section = Section {
            prefix: prefix.join("/"),
            worktree: worktree.map(|name| name.to_string_lossy().into_owned()),
        };
        Some(Self { common_dir: dirs.common_dir.clone(), section })
    }

    /// The workspace's section.
    pub fn section(&self) -> &Section {
        &self.section
    }

    /// What would change for the section to hold these patterns; `None` if it does.
    pub fn plan(&self, wanted: &[String]) -> Result<Option<ExcludeChange>, ExcludeFileError> {
        let path = self.path();
        let text = read(&path)?;
        let edited = self.edited(&text, wanted)?;
        if edited == text {
            return Ok(None);
        }
        let marked = |source| ExcludeFileError::Markers { path: path.clone(), source };
        let before = patterns(&text, &self.section).map_err(marked)?;
        let without = |all: &[String], those: &[String]| {
            all.iter().filter(|one| !those.contains(one)).cloned().collect()
        };
        Ok(Some(ExcludeChange {
            added: without(wanted, &before),
            removed: without(&before, wanted),
            listed: before,
            path: path.clone(),
            before: text,
            after: edited,
        }))
    }

    /// Makes the section hold these patterns.
    pub fn apply(&self, wanted: &[String]) -> Result<(), ExcludeFileError> {
        let path = self.path();
        if let Some(info) = path.parent()
            && let Err(source) = fs::create_dir(info)
            && source.kind() != ErrorKind::AlreadyExists
        {
            return Err(FsError::new("make the folder", info, source).into());
        }
        // Other work trees of the repository may be synced now: each edits what the last one left.
        let alone = lock_folder(&self.common_dir, Wait(PATIENCE))?;
        let text = read(&path)?;
        let edited = self.edited(&text, wanted)?;
        if edited != text {
            rewrite(&path, &edited)?;
        }
        drop(alone);
        Ok(())
    }

    /// What the section depends on beside what is wanted of it: the file, and the folder of the linked work trees.
    pub fn depends_on(&self) -> [PathBuf; 2] {
        [self.common_dir.join("info").join("exclude"), self.common_dir.join("worktrees")]
    }

    /// The file itself, where `info/exclude` is a link to it.
    fn path(&self) -> PathBuf {
        let path = self.common_dir.join("info").join("exclude");
        fs::canonicalize(&path).unwrap_or(path)
    }

    fn edited(&self, text: &[u8], wanted: &[String]) -> Result<Vec<u8>, ExcludeFileError> {
        let exists = |name: &str| self.common_dir.join("worktrees").join(name).is_dir();
        edit(text, &self.section, wanted, exists)
            .map_err(|source| ExcludeFileError::Markers { path: self.path(), source })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, FsError> {
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        read => read.map_err(|source| FsError::new("read", path, source)),
    }
}
