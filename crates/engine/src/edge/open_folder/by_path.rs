//! Access by paths, for systems without the calls of `by_descriptor`.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::{EntryType, FolderEntry, OpenFile};
use crate::edge::file_stamp;
use claude_env_core::fingerprint::Stat;

/// A folder that is remembered by its path.
#[derive(Debug)]
pub(crate) struct OpenFolder(PathBuf);

impl OpenFolder {
    /// Remembers the path of a folder. Fails when the last part of the path is a symbolic link, or not a folder.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        match fs::symlink_metadata(path)?.is_dir() {
            true => Ok(Self(path.to_owned())),
            false => Err(ErrorKind::NotADirectory.into()),
        }
    }

    /// Lists the entries of a folder, unsorted. Follows a link to a folder; skips entries that vanish meanwhile.
    pub(crate) fn list(path: &Path) -> io::Result<(Self, Vec<FolderEntry>)> {
        let mut all = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let what = match entry.metadata() {
                Ok(meta) if meta.is_dir() => EntryType::Folder,
                Ok(meta) if meta.is_symlink() => EntryType::Symlink,
                Ok(meta) if meta.is_file() => {
                    EntryType::File { len: meta.len(), executable: is_executable(&meta) }
                }
                Ok(_) => EntryType::Other,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            all.push(FolderEntry { name: entry.file_name(), kind: what });
        }
        Ok((Self(path.to_owned()), all))
    }

    /// Opens a regular file for reading. Fails on anything else.
    pub(crate) fn file(&self, name: &str) -> io::Result<File> {
        match self.regular(name)? {
            Some(open) => Ok(open.file),
            None => Err(ErrorKind::InvalidInput.into()),
        }
    }

    /// Opens a regular file for reading; `None` when it is something else. Fails on a symbolic link.
    pub(crate) fn regular(&self, name: &str) -> io::Result<Option<OpenFile>> {
        let path = self.0.join(name);
        let meta = fs::symlink_metadata(&path)?;
        if meta.is_symlink() {
            return Err(io::Error::other("a symbolic link"));
        }
        if !meta.is_file() {
            return Ok(None);
        }
        let file = File::open(&path)?;
        Ok(Some(OpenFile { file, len: meta.len(), executable: is_executable(&meta) }))
    }

    /// Returns the metadata of an entry; for a symbolic link, that of the link.
    pub(crate) fn stat(&self, name: &str) -> io::Result<Stat> {
        fs::symlink_metadata(self.0.join(name)).map(|found| file_stamp::stat(&found))
    }

    /// Creates a file. Fails when there is one.
    pub(crate) fn create(&self, name: &str, executable: bool) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(
            &mut options,
            if executable { 0o777 } else { 0o666 },
        );
        #[cfg(not(unix))]
        let _ = executable;
        options.open(self.0.join(name))
    }

    /// Renames a file in the folder; replaces a file that has the new name.
    pub(crate) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.0.join(from), self.0.join(to))
    }
}

#[cfg(unix)]
fn is_executable(meta: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    meta.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_meta: &Metadata) -> bool {
    false
}
