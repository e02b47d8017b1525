//! Reads the files of a workspace.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use super::{FolderState, FsError, Root};
use crate::edge::file_stamp;
use crate::edge::open_folder::OpenFile;
use claude_env_core::agent;
use claude_env_core::fingerprint::FileStamp;
use claude_env_core::source::RepoPath;
use claude_env_core::workspace::{Actual, ActualFile, MAX_FILE_SIZE, ProblemKind, is_forbidden};

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
            FolderState::Refused { reason, help } => {
                let kind = ProblemKind::NotAFile;
                return ActualFile::Unusable { kind, reason, help };
            }
        }
        if let Some(file) = self.read_near(path) {
            return file;
        }
        let full = self.join(path);
        let meta = match fs::symlink_metadata(&full) {
            Ok(meta) => meta,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return ActualFile::Missing,
            Err(error) => return unreadable(&error),
        };
        if !meta.is_symlink() {
            return file(&full, &meta);
        }
        match self.link_target(path) {
            Ok(target) => match fs::metadata(&target) {
                Ok(meta) => file(&target, &meta),
                Err(error) => unreadable(&error),
            },
            Err(reason) => {
                let help = "replace the link with a file: claude-env does not write through links";
                let kind = ProblemKind::NotAFile;
                ActualFile::Unusable { kind, reason, help: help.to_owned() }
            }
        }
    }

    /// Reads a path through its open folder; `None` for everything but a regular file of usual size, or nothing.
    fn read_near(&mut self, path: &RepoPath) -> Option<ActualFile> {
        let OpenFile { file, len, executable } =
            match self.near(path.parent().unwrap_or(""))?.regular(path.file_name()) {
                Ok(open) => open?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Some(ActualFile::Missing);
                }
                Err(_) => return None,
            };
        if len > MAX_FILE_SIZE {
            return None;
        }
        let bytes = contents(file, len).ok()?;
        Some(ActualFile::Bytes { bytes, executable })
    }

    /// Returns the stamp of a path for a fingerprint; `None` when the system does not tell. Does not follow a link at its end.
    ///
    /// With `identity`, the stamp of a folder holds only its inode.
    pub fn file_stamp(&mut self, path: &str, identity: bool) -> Option<FileStamp> {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        match self.near(parent).map(|folder| folder.stat(name)) {
            Some(Ok(found)) if identity && found.is_folder() => {
                Some(FileStamp::Folder(found.inode))
            }
            Some(Ok(found)) => Some(FileStamp::Full(found)),
            Some(Err(error)) if error.kind() == io::ErrorKind::NotFound => Some(FileStamp::Missing),
            // The open folder may have been removed and created again.
            Some(Err(_)) | None => file_stamp::file_stamp(&self.path.join(path), false, identity),
        }
    }

    /// Returns every file below a folder, sorted. Follows no links; skips names that are not UTF-8 and unreadable folders.
    pub fn files_below(&mut self, folder: &str) -> Vec<RepoPath> {
        let mut found = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            let FolderState::Present = self.folder(&folder) else { continue };
            let Ok(children) = fs::read_dir(self.path.join(&folder)) else { continue };
            for child in children.flatten() {
                let Ok(name) = child.file_name().into_string() else { continue };
                let path = format!("{folder}/{name}");
                match child.file_type() {
                    Ok(kind) if kind.is_dir() => folders.push(path),
                    Ok(_) => found.extend(RepoPath::parse(&path).ok()),
                    Err(_) => {}
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
        match fs::symlink_metadata(&path) {
            Ok(meta) if meta.is_file() && meta.len() <= MAX_FILE_SIZE => {
                let file = File::open(&path);
                file.and_then(|file| contents(file, meta.len())).map(Some).map_err(failed)
            }
            Ok(_) => {
                let reason = "it is not a regular file, or too large".to_owned();
                Err(FsError::refused("read", &path, reason))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// Returns the target of a symbolic link that may be followed. Fails with the reason, as the end of a sentence, if not.
    pub(super) fn link_target(&self, path: &RepoPath) -> Result<std::path::PathBuf, String> {
        let full = self.join(path);
        let to = fs::read_link(&full).unwrap_or_default();
        let link = format!("is a symbolic link to `{}`", to.display());
        if !agent::target(path).is_some_and(|target| target.may_be_link) {
            return Err(link);
        }
        let resolved =
            fs::canonicalize(&full).map_err(|_| format!("{link}, which is not there"))?;
        let root = fs::canonicalize(&self.path).map_err(|error| format!("{link}: {error}"))?;
        let inside = resolved.strip_prefix(&root).ok().and_then(|inside| inside.to_str());
        let inside = inside.and_then(|inside| RepoPath::parse(inside).ok());
        match inside {
            Some(inside) if !is_forbidden(&inside) => Ok(resolved),
            _ => Err(format!("{link}, outside of the workspace")),
        }
    }
}

fn file(path: &Path, meta: &Metadata) -> ActualFile {
    let unusable = |reason: String, help: &str| ActualFile::Unusable {
        kind: ProblemKind::NotAFile,
        reason,
        help: help.to_owned(),
    };
    if meta.is_dir() {
        return unusable(
            "is a folder".to_owned(),
            "move the folder away, then run `claude-env sync`",
        );
    }
    if !meta.is_file() {
        return unusable(
            "is not a regular file".to_owned(),
            "move it away, then run `claude-env sync`",
        );
    }
    if meta.len() > MAX_FILE_SIZE {
        let reason = format!("is too large: {} MiB", meta.len() / (1024 * 1024));
        return unusable(reason, "no file that Claude Code reads is this large; move it away");
    }
    match File::open(path).and_then(|file| contents(file, meta.len())) {
        Ok(bytes) => ActualFile::Bytes { bytes, executable: is_executable(meta) },
        Err(error) => unreadable(&error),
    }
}

fn unreadable(error: &io::Error) -> ActualFile {
    let help = super::error::hint(error).unwrap_or("check the file, then run `claude-env sync`");
    ActualFile::Unusable {
        kind: ProblemKind::Unreadable,
        reason: format!("cannot be read: {error}"),
        help: help.to_owned(),
    }
}

/// Reads a file of known size, with a single `read` when the size is right.
fn contents(mut file: File, size: u64) -> io::Result<Vec<u8>> {
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

/// Returns the permission bits of a file.
#[cfg(unix)]
pub(super) fn mode_of(meta: &Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    meta.permissions().mode() & 0o7777
}

/// Returns usual permission bits: this system has none.
#[cfg(not(unix))]
pub(super) fn mode_of(_meta: &Metadata) -> u32 {
    0o644
}

/// Returns true when the owner of a file may run it.
#[cfg(unix)]
pub(super) fn is_executable(meta: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    meta.permissions().mode() & 0o100 != 0
}

/// Returns false: this system has no such bit.
#[cfg(not(unix))]
pub(super) fn is_executable(_meta: &Metadata) -> bool {
    false
}
