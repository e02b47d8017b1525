//! Access by paths, for systems without the calls of `by_descriptor`.

use std::ffi::OsString;
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

    /// Remembers the path of a folder that the user named; follows symbolic links in it. Fails when it is not a folder.
    pub(crate) fn root(path: &Path) -> io::Result<Self> {
        match fs::metadata(path)?.is_dir() {
            true => Ok(Self(path.to_owned())),
            false => Err(ErrorKind::NotADirectory.into()),
        }
    }

    /// Opens a folder as a file that can be locked.
    #[cfg(not(unix))]
    pub(crate) fn lockable(path: &Path) -> io::Result<File> {
        File::open(path)
    }

    /// Remembers a folder below this one. `relative` has forward slashes.
    ///
    /// Fails when any part of the path is a symbolic link, or not a folder.
    pub(crate) fn below(&self, relative: &str) -> io::Result<Self> {
        let mut folder = Self(self.0.clone());
        for name in relative.split('/') {
            if matches!(name, "" | "." | "..") {
                return Err(ErrorKind::InvalidInput.into());
            }
            folder = Self::open(&folder.0.join(name))?;
        }
        Ok(folder)
    }

    /// Returns the names in this folder, unsorted, each with whether it is a folder. Skips entries that vanish meanwhile.
    pub(crate) fn entries(&self) -> io::Result<Vec<(OsString, bool)>> {
        let mut all = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            match entry.file_type() {
                Ok(kind) => all.push((entry.file_name(), kind.is_dir())),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(all)
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

    /// Returns what an entry is; for a symbolic link, that it is one. Fails when there is none.
    pub(crate) fn entry_type(&self, name: &str) -> io::Result<EntryType> {
        let meta = fs::symlink_metadata(self.0.join(name))?;
        Ok(match &meta {
            meta if meta.is_dir() => EntryType::Folder,
            meta if meta.is_symlink() => EntryType::Symlink,
            meta if meta.is_file() => {
                EntryType::File { len: meta.len(), executable: is_executable(meta) }
            }
            _ => EntryType::Other,
        })
    }

    /// Returns the target of a symbolic link, as it is written in the link.
    pub(crate) fn read_link(&self, name: &str) -> io::Result<PathBuf> {
        fs::read_link(self.0.join(name))
    }

    /// Returns false: the system does not tell.
    pub(crate) fn is_mount_point(&self, _name: &str) -> bool {
        false
    }

    /// Opens an existing regular file for writing, without changing it yet. Fails on anything else, and on a symbolic link.
    pub(crate) fn writable(&self, name: &str) -> io::Result<File> {
        match self.entry_type(name)? {
            EntryType::File { .. } => OpenOptions::new().write(true).open(self.0.join(name)),
            _ => Err(ErrorKind::InvalidInput.into()),
        }
    }

    /// Creates a file with the permissions `mode` less those of the umask. Fails when there is one.
    pub(crate) fn create(&self, name: &str, mode: u32) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
        #[cfg(not(unix))]
        let _ = mode;
        options.open(self.0.join(name))
    }

    /// Opens a file for writing, and empties or creates it. Fails on a symbolic link.
    pub(crate) fn truncated(&self, name: &str) -> io::Result<File> {
        match self.entry_type(name) {
            Ok(EntryType::File { .. }) => File::create(self.0.join(name)),
            Ok(_) => Err(ErrorKind::InvalidInput.into()),
            Err(error) if error.kind() == ErrorKind::NotFound => self.create(name, 0o666),
            Err(error) => Err(error),
        }
    }

    /// Creates a folder. Fails when there is one.
    pub(crate) fn make_folder(&self, name: &str) -> io::Result<()> {
        fs::create_dir(self.0.join(name))
    }

    /// Removes a file; of a symbolic link, the link. Fails on a folder.
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.0.join(name))
    }

    /// Removes an empty folder. Fails on a symbolic link.
    pub(crate) fn remove_folder(&self, name: &str) -> io::Result<()> {
        match self.entry_type(name)? {
            EntryType::Folder => fs::remove_dir(self.0.join(name)),
            _ => Err(ErrorKind::NotADirectory.into()),
        }
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
