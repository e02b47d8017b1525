//! Reads the files of a workspace.

use std::fs::File;
use std::io::{self, ErrorKind, Read};

use super::destination::Destination;
use super::{FolderState, FsError, Root};
use crate::edge::file_stamp;
use crate::edge::open_folder::{EntryType, OpenFile};
use claude_env_core::fingerprint::FileStamp;
use claude_env_core::source::RepoPath;
use claude_env_core::workspace::{Actual, ActualFile, MAX_FILE_SIZE, Obstacle, ProblemKind};

/// How many files below a folder are named that stands in the way of a file.
const MAX_OBSTACLES: usize = 1000;

impl Root {
    /// Reads all these paths. Never fails: a file that cannot be read becomes [`ActualFile::Unusable`].
    pub fn read_all(&mut self, paths: impl IntoIterator<Item = RepoPath>) -> Actual {
        paths
            .into_iter()
            .map(|path| {
                let file = self.read(&path);
                (path, file)
            })
            .collect()
    }

    /// Reads a path. Never fails: a file that cannot be read becomes [`ActualFile::Unusable`].
    pub fn read(&mut self, path: &RepoPath) -> ActualFile {
        match path.parent().map_or(FolderState::Present, |parent| self.folder(parent)) {
            FolderState::Present => {}
            FolderState::Missing => return ActualFile::Missing,
            FolderState::Refused { reason, help, file } => {
                let obstacle = file.map(Obstacle::File);
                let kind = ProblemKind::NotAFile;
                return ActualFile::Unusable { kind, reason, help, obstacle };
            }
        }
        let at = match self.at(path) {
            Ok(at) => at,
            Err(error) if error.kind() == ErrorKind::NotFound => return ActualFile::Missing,
            Err(error) => return unreadable(&error),
        };
        match at.folder.regular(&at.name) {
            Ok(Some(open)) => file(open),
            Err(error) if error.kind() == ErrorKind::NotFound => ActualFile::Missing,
            Ok(None) => self.irregular(path, &at, &ErrorKind::InvalidInput.into()),
            Err(error) => self.irregular(path, &at, &error),
        }
    }

    /// Reads what is no regular file, or cannot be opened with this error.
    fn irregular(&mut self, path: &RepoPath, at: &Destination, error: &io::Error) -> ActualFile {
        let kind = ProblemKind::NotAFile;
        match at.folder.entry_type(&at.name) {
            Ok(EntryType::Symlink) => match self.followed(path) {
                // The link was replaced just now: what is there is read the next time.
                Ok(target) if target == *path => unreadable(&ErrorKind::Interrupted.into()),
                Ok(target) => match self.at(&target) {
                    Ok(to) => match to.folder.regular(&to.name) {
                        Ok(Some(open)) => file(open),
                        Ok(None) => not_a_file(to.folder.entry_type(&to.name).ok(), None),
                        Err(error) => unreadable(&error),
                    },
                    Err(error) => unreadable(&error),
                },
                Err(reason) => {
                    let help =
                        "replace the link with a file: claude-env does not write through links";
                    ActualFile::Unusable { kind, reason, help: help.to_owned(), obstacle: None }
                }
            },
            Ok(EntryType::Folder) => {
                let obstacle = self.obstacles_below(path.as_str()).map(Obstacle::Folder);
                not_a_file(Some(EntryType::Folder), obstacle)
            }
            Ok(EntryType::Other) => not_a_file(Some(EntryType::Other), None),
            Ok(EntryType::File { .. }) => unreadable(error),
            Err(gone) if gone.kind() == ErrorKind::NotFound => ActualFile::Missing,
            Err(error) => unreadable(&error),
        }
    }

    /// Returns the files below a folder; `None` when something else is there too, such as a link or an empty folder.
    fn obstacles_below(&mut self, folder: &str) -> Option<Vec<RepoPath>> {
        let mut files = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            let entries = self.near(&folder).ok()?.entries().ok()?;
            if entries.is_empty() {
                return None;
            }
            for (name, is_folder) in entries {
                let path = format!("{folder}/{}", name.to_str()?);
                match is_folder {
                    true => folders.push(path),
                    false => files.push(RepoPath::parse(&path).ok()?),
                }
                if files.len() + folders.len() > MAX_OBSTACLES {
                    return None;
                }
            }
        }
        files.sort();
        Some(files)
    }

    /// Returns the stamp of a path for a fingerprint; `None` when the system does not tell. Does not follow a link at its end.
    ///
    /// With `identity`, the stamp of a folder holds only its inode.
    pub fn file_stamp(&mut self, path: &str, identity: bool) -> Option<FileStamp> {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        match self.near(parent).map(|folder| folder.stat(name)) {
            Ok(Ok(found)) if identity && found.is_folder() => Some(FileStamp::Folder(found.inode)),
            Ok(Ok(found)) => Some(FileStamp::Full(found)),
            Ok(Err(error)) if error.kind() == ErrorKind::NotFound => Some(FileStamp::Missing),
            // The open folder may have been removed and created again.
            Ok(Err(_)) | Err(_) => file_stamp::file_stamp(&self.path.join(path), false, identity),
        }
    }

    /// Returns every file below a folder, sorted. Follows no links; skips names that are not UTF-8 and unreadable folders.
    pub fn files_below(&mut self, folder: &str) -> Vec<RepoPath> {
        let mut found = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            let FolderState::Present = self.folder(&folder) else { continue };
            let Ok(children) = self.near(&folder).and_then(|folder| folder.entries()) else {
                continue;
            };
            for (name, is_folder) in children {
                let Ok(name) = name.into_string() else { continue };
                let path = format!("{folder}/{name}");
                match is_folder {
                    true => folders.push(path),
                    false => found.extend(RepoPath::parse(&path).ok()),
                }
            }
        }
        found.sort();
        found
    }

    /// Reads a file of claude-env's own, such as the lock; `None` when there is none.
    ///
    /// Fails when it cannot be read, is not a regular file, or is too large.
    pub fn read_own(&self, name: &str) -> Result<Option<Vec<u8>>, FsError> {
        let path = self.path.join(name);
        let failed = |source| FsError::new("read", &path, source);
        let refused = || {
            let reason = "it is not a regular file, or too large".to_owned();
            FsError::refused("read", &path, reason)
        };
        let folder = match self.root() {
            Ok(folder) => folder,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        match folder.regular(name) {
            Ok(Some(OpenFile { file, len, .. })) if len <= MAX_FILE_SIZE => {
                contents(&file, len).map(Some).map_err(failed)
            }
            Ok(_) => Err(refused()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => match folder.entry_type(name) {
                Ok(EntryType::File { .. }) | Err(_) => Err(failed(error)),
                Ok(_) => Err(refused()),
            },
        }
    }
}

/// Returns the content of an open file.
fn file(open: OpenFile) -> ActualFile {
    let OpenFile { file, len, executable } = open;
    if len > MAX_FILE_SIZE {
        return ActualFile::Unusable {
            kind: ProblemKind::NotAFile,
            reason: format!("is too large: {} MiB", len / (1024 * 1024)),
            help: "no file that Claude Code reads is this large; move it away".to_owned(),
            obstacle: None,
        };
    }
    match contents(&file, len) {
        Ok(bytes) => ActualFile::Bytes { bytes, executable },
        Err(error) => unreadable(&error),
    }
}

/// Returns the answer for what is at the path of a file, and is none.
fn not_a_file(found: Option<EntryType>, obstacle: Option<Obstacle>) -> ActualFile {
    let (reason, help) = match found {
        Some(EntryType::Folder) => {
            ("is a folder", "move the folder away, then run `claude-env sync`")
        }
        _ => ("is not a regular file", "move it away, then run `claude-env sync`"),
    };
    ActualFile::Unusable {
        kind: ProblemKind::NotAFile,
        reason: reason.to_owned(),
        help: help.to_owned(),
        obstacle,
    }
}

fn unreadable(error: &io::Error) -> ActualFile {
    let help = super::error::hint(error).unwrap_or("check the file, then run `claude-env sync`");
    ActualFile::Unusable {
        kind: ProblemKind::Unreadable,
        reason: format!("cannot be read: {error}"),
        help: help.to_owned(),
        obstacle: None,
    }
}

/// Reads a file of known size, with a single `read` when the size is right.
pub(super) fn contents(mut file: &File, size: u64) -> io::Result<Vec<u8>> {
    let size = usize::try_from(size).unwrap_or(0);
    // One byte more than expected: when the buffer is full, the file has grown.
    let mut bytes = vec![0; size + 1];
    let count = file.read(&mut bytes)?;
    bytes.truncate(count);
    if count != size {
        file.take(MAX_FILE_SIZE).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}
