//! `info/exclude`, the local list of files that git ignores in one repository.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::GitDirs;
use crate::edge::fs::{FsError, Wait, lock_folder, rewrite};
use crate::edge::regular_file::{self, LARGE};
use claude_env_core::git::exclude::{ExcludeError, Section, edit, patterns};

/// How long to wait for another process that edits the file.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why the exclude file cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum ExcludeFileError {
    /// Reading, writing or locking failed.
    #[error(transparent)]
    Fs(#[from] FsError),
    /// The begin and end markers of a section do not match.
    #[error("`{}`, {source}", path.display())]
    Markers {
        /// The exclude file.
        path: PathBuf,
        /// What is wrong with the markers.
        source: ExcludeError,
    },
}

/// A change of the exclude file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExcludeChange {
    /// The file, as shown to people.
    pub path: PathBuf,
    /// The patterns that are added to the section.
    pub added: Vec<String>,
    /// The patterns that are removed from the section.
    pub removed: Vec<String>,
    /// The patterns that the section has before the change.
    pub listed: Vec<String>,
    /// The whole file before the change.
    pub before: Vec<u8>,
    /// The whole file after the change.
    pub after: Vec<u8>,
}

/// The exclude file of the repository around one workspace.
#[derive(Clone, Debug)]
pub struct Exclude {
    common_dir: PathBuf,
    work_tree: Option<PathBuf>,
    section: Section,
}

impl Exclude {
    /// Returns the exclude file of a workspace; `None` without a work tree.
    pub fn of(dirs: &GitDirs) -> Option<Self> {
        dirs.work_tree.as_ref()?;
        let prefix: Vec<_> =
            dirs.prefix.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        // Compared as paths: the `commondir` of a linked work tree is `../..`.
        let linked = dirs.git_dir != dirs.common_dir;
        let worktree = dirs.git_dir.file_name().filter(|_| linked);
        let section = Section {
            prefix: prefix.join("/"),
            worktree: worktree.map(|name| name.to_string_lossy().into_owned()),
        };
        let (common_dir, work_tree) = (dirs.common_dir.clone(), dirs.work_tree.clone());
        Some(Self { common_dir, work_tree, section })
    }

    /// Returns the section of the workspace in the file.
    pub fn section(&self) -> &Section {
        &self.section
    }

    /// Plans the change after which the section holds exactly these patterns; `None` when it does already.
    ///
    /// Fails when the file cannot be read, or its markers do not match.
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

    /// Writes the section with exactly these patterns.
    ///
    /// Fails when the file cannot be read, locked or written, or its markers do not match.
    pub fn apply(&self, wanted: &[String]) -> Result<(), ExcludeFileError> {
        // Another work tree of the repository may be synced at the same time: read the file under the lock.
        let alone = lock_folder(&self.common_dir, Wait(PATIENCE))?;
        let text = read(&self.path())?;
        let edited = self.edited(&text, wanted)?;
        if edited != text {
            let (base, folder, name) = self.destination()?;
            rewrite(&base, &folder, &name, &edited)?;
        }
        drop(alone);
        Ok(())
    }

    /// Returns the paths that decide what the section holds: the file, and the folder of the linked work trees.
    pub fn depends_on(&self) -> [PathBuf; 2] {
        [self.common_dir.join("info").join("exclude"), self.common_dir.join("worktrees")]
    }

    /// Returns the path of the file; its target, when `info/exclude` is a symbolic link.
    fn path(&self) -> PathBuf {
        let path = self.common_dir.join("info").join("exclude");
        fs::canonicalize(&path).unwrap_or(path)
    }

    /// Returns where the file is written: a folder, another one below it, and the name there. `info/exclude` may be a link.
    ///
    /// Fails when a link leads out of the git directory and the work tree.
    fn destination(&self) -> Result<(PathBuf, String, String), FsError> {
        let usual = self.common_dir.join("info").join("exclude");
        let Ok(real) = fs::canonicalize(&usual) else {
            return Ok((self.common_dir.clone(), "info".to_owned(), "exclude".to_owned()));
        };
        for base in [Some(&self.common_dir), self.work_tree.as_ref()].into_iter().flatten() {
            let Ok(base) = fs::canonicalize(base) else { continue };
            let inside = real.strip_prefix(&base).ok().and_then(Path::to_str);
            if let Some(inside) = inside {
                let (folder, name) = inside.rsplit_once('/').unwrap_or(("", inside));
                return Ok((base, folder.to_owned(), name.to_owned()));
            }
        }
        let reason = format!("it is a link to `{}`, outside of the repository", real.display());
        Err(FsError::refused("write", &usual, reason))
    }

    fn edited(&self, text: &[u8], wanted: &[String]) -> Result<Vec<u8>, ExcludeFileError> {
        let exists = |name: &str| self.common_dir.join("worktrees").join(name).is_dir();
        edit(text, &self.section, wanted, exists)
            .map_err(|source| ExcludeFileError::Markers { path: self.path(), source })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, FsError> {
    match regular_file::read(path, LARGE) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        read => read.map_err(|source| FsError::new("read", path, source)),
    }
}
