//! Finds the git repository of a folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::edge::file_stamp::is_absent;
use crate::edge::regular_file::{self, SMALL};

const DOT_GIT: &str = ".git";

/// The directories of a repository, as seen from one folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitDirs {
    /// The root of the work tree; `None` when the folder is a bare repository, or a git directory itself.
    pub work_tree: Option<PathBuf>,
    /// The git directory that holds `HEAD` and the index: of a linked work tree, its own one.
    pub git_dir: PathBuf,
    /// The git directory that holds objects and branches; the same as `git_dir` but in a linked work tree.
    pub common_dir: PathBuf,
    /// The folder relative to the root of the work tree; empty at the root.
    pub prefix: PathBuf,
}

/// Why the repository of a folder cannot be found.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    /// The file system failed.
    #[error("cannot look for a git repository in `{}`: {source}", path.display())]
    Io {
        /// The path that could not be read.
        path: PathBuf,
        /// What the system reported.
        source: io::Error,
    },
    /// The `.git` file of a linked work tree or submodule names a directory that does not exist.
    #[error(
        "`{}` points at the git directory `{}`, which is not there; if the repository was moved, run `git worktree repair` or `git submodule update`",
        file.display(), target.display()
    )]
    BrokenLink {
        /// The `.git` file.
        file: PathBuf,
        /// The directory that it names.
        target: PathBuf,
    },
    /// The `.git` file has another content than `gitdir: PATH`.
    #[error("`{}` is not a git link: it should say `gitdir: PATH`", file.display())]
    NotALink {
        /// The `.git` file.
        file: PathBuf,
    },
}

/// Finds the repository that holds a folder: the folder itself, or the nearest one above it. `None` when there is none.
///
/// Ignores variables such as `GIT_DIR`: git sets them in hooks, and they name the repository of the hook instead of that of
/// the folder. Ignores `core.worktree` too.
///
/// Fails when the file system fails, and when a `.git` file is broken.
pub fn discover(start: &Path) -> Result<Option<GitDirs>, DiscoverError> {
    if let Some(dirs) = at_root(start)? {
        return Ok(Some(dirs));
    }
    // The real path costs time, but a path with `..` or symbolic links has no usable parents.
    let start = fs::canonicalize(start)
        .map_err(|source| DiscoverError::Io { path: start.to_path_buf(), source })?;
    for root in start.ancestors() {
        if let Some(mut dirs) = at_root(root)? {
            // Inside a git directory there is no work tree that a prefix could be relative to.
            if dirs.work_tree.is_some() {
                dirs.prefix = start.strip_prefix(root).map(Path::to_path_buf).unwrap_or_default();
            }
            return Ok(Some(dirs));
        }
    }
    Ok(None)
}

/// Returns the repository whose work tree or git directory is this folder; `None` when it is neither.
fn at_root(root: &Path) -> Result<Option<GitDirs>, DiscoverError> {
    let dot_git = root.join(DOT_GIT);
    match fs::metadata(&dot_git) {
        Ok(found) if found.is_dir() => {
            if let Some(common_dir) = common_dir_of(&dot_git)? {
                let work_tree = Some(root.to_path_buf());
                return Ok(Some(GitDirs {
                    work_tree,
                    git_dir: dot_git,
                    common_dir,
                    prefix: PathBuf::new(),
                }));
            }
        }
        Ok(_) => return follow(root, dot_git).map(Some),
        Err(error) if is_absent(&error) => {}
        Err(source) => return Err(DiscoverError::Io { path: dot_git, source }),
    }
    Ok(common_dir_of(root)?.map(|common_dir| GitDirs {
        work_tree: None,
        git_dir: root.to_path_buf(),
        common_dir,
        prefix: PathBuf::new(),
    }))
}

/// Follows the `.git` file of a linked work tree or a submodule.
fn follow(root: &Path, file: PathBuf) -> Result<GitDirs, DiscoverError> {
    let text = regular_file::read(&file, SMALL)
        .map_err(|source| DiscoverError::Io { path: file.clone(), source })?;
    let Some(target) = text.strip_prefix(b"gitdir:").and_then(path_of_line) else {
        return Err(DiscoverError::NotALink { file });
    };
    let git_dir = root.join(target);
    match common_dir_of(&git_dir)? {
        Some(common_dir) => Ok(GitDirs {
            work_tree: Some(root.to_path_buf()),
            git_dir,
            common_dir,
            prefix: PathBuf::new(),
        }),
        None => Err(DiscoverError::BrokenLink { file, target: git_dir }),
    }
}

/// Returns the directory with the objects of a git directory; `None` when the folder is not a git directory.
fn common_dir_of(git_dir: &Path) -> Result<Option<PathBuf>, DiscoverError> {
    // As in git: `HEAD`, `objects` and `refs` make a git directory. `HEAD` may be a dangling link before the first commit.
    if fs::symlink_metadata(git_dir.join("HEAD")).is_err() {
        return Ok(None);
    }
    let file = git_dir.join("commondir");
    let common_dir = match regular_file::read(&file, SMALL) {
        Ok(text) => path_of_line(&text).map(|path| git_dir.join(path)),
        Err(error) if is_absent(&error) => Some(git_dir.to_path_buf()),
        Err(source) => return Err(DiscoverError::Io { path: file, source }),
    };
    Ok(common_dir.filter(|common| common.join("objects").is_dir() && common.join("refs").is_dir()))
}

/// Returns the path in a one-line file of git; `None` when it is empty.
fn path_of_line(text: &[u8]) -> Option<PathBuf> {
    let line = text.trim_ascii();
    (!line.is_empty()).then(|| path_of_bytes(line))
}

#[cfg(unix)]
fn path_of_bytes(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path_of_bytes(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}
