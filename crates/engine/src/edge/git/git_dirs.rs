//! Where the repository of a folder lies.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::edge::file_stamp::is_absent;

const DOT_GIT: &str = ".git";

/// A repository, as seen from one folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitDirs {
    /// The root of the work tree; `None` when the folder is a bare repository, or a git directory itself.
    pub work_tree: Option<PathBuf>,
    /// The git directory that holds `HEAD` and the index: of a linked work tree, its own one.
    pub git_dir: PathBuf,
    /// The git directory that holds objects and branches; the same as `git_dir` but in a linked work tree.
    pub common_dir: PathBuf,
    /// The folder below the root of the work tree, empty at the root.
    pub prefix: PathBuf,
}

/// Why the repository of a folder cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    #[error("cannot look for a git repository in `{}`: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(
        "`{}` points at the git directory `{}`, which is not there; if the repository was moved, run `git worktree repair` or `git submodule update`",
        file.display(), target.display()
    )]
    BrokenLink { file: PathBuf, target: PathBuf },
    #[error("`{}` is no git link: it should say `gitdir: PATH`", file.display())]
    NotALink { file: PathBuf },
}

/// Finds the repository that holds a folder: the folder itself, or the nearest one above it. `None` when there is none.
///
/// Looks at the disk only. Variables such as `GIT_DIR`, which git sets while a hook runs, are about the repository of the
/// hook and never about the folder that is asked for. `core.worktree` is not looked at.
pub fn discover(start: &Path) -> Result<Option<GitDirs>, DiscoverError> {
    if let Some(dirs) = at_root(start)? {
        return Ok(Some(dirs));
    }
    // Only now the real path is worth its cost: `..` and symlinks have no parents to climb.
    let start = fs::canonicalize(start)
        .map_err(|source| DiscoverError::Io { path: start.to_path_buf(), source })?;
    for root in start.ancestors() {
        if let Some(mut dirs) = at_root(root)? {
            // Inside of a git directory there is no work tree, so nothing that a prefix would be relative to.
            if dirs.work_tree.is_some() {
                dirs.prefix = start.strip_prefix(root).map(Path::to_path_buf).unwrap_or_default();
            }
            return Ok(Some(dirs));
        }
    }
    Ok(None)
}

/// The repository whose work tree starts at a folder, or whose git directory the folder is.
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
    let text =
        fs::read(&file).map_err(|source| DiscoverError::Io { path: file.clone(), source })?;
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

/// The folder with the objects of a git directory; `None` when the folder is no git directory.
fn common_dir_of(git_dir: &Path) -> Result<Option<PathBuf>, DiscoverError> {
    // As git does: `HEAD`, `objects` and `refs` make a git directory. `HEAD` may be a link to a branch that is not born.
    if fs::symlink_metadata(git_dir.join("HEAD")).is_err() {
        return Ok(None);
    }
    let file = git_dir.join("commondir");
    let common_dir = match fs::read(&file) {
        Ok(text) => path_of_line(&text).map(|path| git_dir.join(path)),
        Err(error) if is_absent(&error) => Some(git_dir.to_path_buf()),
        Err(source) => return Err(DiscoverError::Io { path: file, source }),
    };
    Ok(common_dir.filter(|common| common.join("objects").is_dir() && common.join("refs").is_dir()))
}

/// The path that a one-line file of git holds.
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
