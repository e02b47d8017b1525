//! Where a file of a workspace is read and written: an open folder, and a name in it.

use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::{FsError, Root};
use crate::edge::open_folder::{EntryType, OpenFolder};
use claude_env_core::agent;
use claude_env_core::source::RepoPath;
use claude_env_core::workspace::{Action, FileChange, Problem, ProblemKind, is_forbidden};

/// How many links to links are followed.
const MAX_HOPS: usize = 5;

/// A file in a folder that is kept open. The file may not exist.
#[derive(Clone, Debug)]
pub(super) struct Destination {
    /// The folder.
    pub(super) folder: Arc<OpenFolder>,
    /// The name in the folder.
    pub(super) name: String,
    /// The whole path, for messages only.
    pub(super) place: PathBuf,
}

impl Destination {
    /// Returns the destination of a path outside of any workspace, such as one that the user named. Follows links to its folder.
    ///
    /// Fails when the folder does not exist, or the path has no file name in UTF-8.
    pub(super) fn of_path(place: &Path) -> io::Result<Self> {
        let name = place.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| io::Error::from(ErrorKind::InvalidFilename))?.to_owned();
        let folder = place.parent().filter(|parent| !parent.as_os_str().is_empty());
        let folder = Arc::new(OpenFolder::root(folder.unwrap_or(Path::new(".")))?);
        Ok(Self { folder, name, place: place.to_owned() })
    }

    /// Removes the file; of a symbolic link, the link. Succeeds when there is none.
    pub(super) fn remove(&self) -> Result<(), FsError> {
        match self.folder.remove(&self.name) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(FsError::new("remove", &self.place, error))
            }
            _ => Ok(()),
        }
    }
}

impl Root {
    /// Returns the destination of a path, whose folder exists. Does not follow a link at the path.
    pub(super) fn at(&mut self, path: &RepoPath) -> io::Result<Destination> {
        let folder = self.near(path.parent().unwrap_or(""))?;
        Ok(Destination { folder, name: path.file_name().to_owned(), place: self.join(path) })
    }

    /// Returns the destination of a file of claude-env's own in the root, such as the lock.
    pub(super) fn own(&self, name: &str) -> io::Result<Destination> {
        Ok(Destination { folder: self.root()?, name: name.to_owned(), place: self.path.join(name) })
    }

    /// Returns the file to read and write for a path: the path, or the target of a symbolic link that may be followed.
    ///
    /// Fails with the reason, as the end of a sentence, for other links.
    pub(super) fn followed(&mut self, path: &RepoPath) -> Result<RepoPath, String> {
        let mut at = path.clone();
        let mut first: Option<String> = None;
        for _ in 0..=MAX_HOPS {
            let folder = self.near(at.parent().unwrap_or(""));
            let found = folder.and_then(|folder| Ok((folder.entry_type(at.file_name())?, folder)));
            let folder = match (found, &first) {
                (Ok((EntryType::Symlink, folder)), _) => folder,
                (Ok(_), _) | (Err(_), None) => return Ok(at),
                (Err(error), Some(link)) if error.kind() == ErrorKind::NotFound => {
                    return Err(format!("{link}, which is not there"));
                }
                (Err(error), Some(link)) => return Err(format!("{link}: {error}")),
            };
            let to = folder.read_link(at.file_name()).unwrap_or_default();
            let said = first
                .get_or_insert_with(|| format!("is a symbolic link to `{}`", to.display()))
                .clone();
            if !agent::target(path).is_some_and(|target| target.may_be_link) {
                return Err(said);
            }
            at = match self.inside(&at, &to) {
                Some(inside) if !is_forbidden(&inside) => inside,
                _ => return Err(format!("{said}, outside of the workspace")),
            };
        }
        let said = first.unwrap_or_default();
        Err(format!("{said}, which leads to more than {MAX_HOPS} other links"))
    }

    /// Returns why a change of a file would fail because it is a mount point; `None` for all other files.
    ///
    /// A mount point can be written in place, unless it is read-only, and cannot be removed.
    pub fn mount_problem(&mut self, change: &FileChange) -> Option<Problem> {
        let path = self.followed(&change.path).ok()?;
        let to = self.at(&path).ok()?;
        let deleted = matches!(change.action, Action::Delete { .. });
        if !to.folder.is_mount_point(&to.name) || (!deleted && to.folder.writable(&to.name).is_ok())
        {
            return None;
        }
        let what = if deleted { "cannot be removed" } else { "is read-only" };
        Some(Problem {
            path: change.path.clone(),
            line: None,
            message: format!("is a mount point, and {what}"),
            help: "unmount it (`docker run -v` mounts single files), or mount its folder instead"
                .to_owned(),
            kind: ProblemKind::Unwritable,
        })
    }

    /// Returns where the link at a path leads to in the root; `None` when it leads out of it, or is not UTF-8.
    ///
    /// Looks at the text of the link alone. Whoever opens the result follows no other link on the way.
    fn inside(&self, link: &RepoPath, to: &Path) -> Option<RepoPath> {
        let mut parts: Vec<&str> = match to.is_absolute() {
            true => Vec::new(),
            false => link.parent().map(|above| above.split('/').collect()).unwrap_or_default(),
        };
        let to = match to.is_absolute() {
            true => {
                let real = std::fs::canonicalize(&self.path).ok()?;
                to.strip_prefix(real).or_else(|_| to.strip_prefix(&self.path)).ok()?
            }
            false => to,
        };
        for part in to.components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir => {
                    parts.pop()?;
                }
                Component::Normal(name) => parts.push(name.to_str()?),
                Component::Prefix(_) | Component::RootDir => return None,
            }
        }
        RepoPath::parse(&parts.join("/")).ok()
    }
}
