//! Access with the system calls that take a file descriptor of a folder and a name (`openat` and others).

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat};

use super::{EntryType, FolderEntry, OpenFile};
use claude_env_core::fingerprint::{self, Timestamp};

/// A folder that is kept open.
#[derive(Debug)]
pub struct OpenFolder(OwnedFd);

impl OpenFolder {
    /// Opens a folder. Fails when the last part of the path is a symbolic link, or not a folder.
    pub fn open(path: &Path) -> io::Result<Self> {
        // Opening files in a folder needs fewer permissions than listing it.
        #[cfg(target_os = "linux")]
        let access = OFlags::PATH;
        #[cfg(not(target_os = "linux"))]
        let access = OFlags::RDONLY;
        let flags = access | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Self(rustix::fs::openat(CWD, path, flags, Mode::empty())?))
    }

    /// Opens a folder and lists its entries, unsorted. Follows a link to a folder; skips entries that vanish meanwhile.
    pub fn list(path: &Path) -> io::Result<(Self, Vec<FolderEntry>)> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = Self(rustix::fs::openat(CWD, path, flags, Mode::empty())?);
        let mut all = Vec::new();
        folder.names(|name, kind| {
            if !matches!(name, b"." | b"..") {
                let name = OsStr::from_bytes(name);
                if let Some(what) = folder.what(name, kind)? {
                    all.push(FolderEntry { name: name.to_owned(), kind: what });
                }
            }
            Ok(())
        })?;
        Ok((folder, all))
    }

    #[cfg(target_os = "linux")]
    fn names(&self, mut each: impl FnMut(&[u8], FileType) -> io::Result<()>) -> io::Result<()> {
        // A name has at most 255 bytes, so every entry fits.
        let mut buffer = [const { MaybeUninit::uninit() }; 8192];
        let mut entries = rustix::fs::RawDir::new(&self.0, &mut buffer);
        while let Some(entry) = entries.next() {
            let entry = entry?;
            each(entry.file_name().to_bytes(), entry.file_type())?;
        }
        Ok(())
    }

    #[cfg(not(target_os = "linux"))]
    fn names(&self, mut each: impl FnMut(&[u8], FileType) -> io::Result<()>) -> io::Result<()> {
        for entry in rustix::fs::Dir::read_from(&self.0)? {
            let entry = entry?;
            each(entry.file_name().to_bytes(), entry.file_type())?;
        }
        Ok(())
    }

    /// Returns what an entry is; `None` when it is gone. Not all file systems tell the type when they list a folder.
    fn what(&self, name: &OsStr, kind: FileType) -> io::Result<Option<EntryType>> {
        let stat = match kind {
            FileType::RegularFile | FileType::Unknown => {
                match rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
                    Ok(stat) => Some(stat),
                    Err(rustix::io::Errno::NOENT) => return Ok(None),
                    Err(error) => return Err(error.into()),
                }
            }
            _ => None,
        };
        let kind = stat.as_ref().map_or(kind, type_of);
        Ok(Some(match (kind, stat) {
            (FileType::Directory, _) => EntryType::Folder,
            (FileType::Symlink, _) => EntryType::Symlink,
            (FileType::RegularFile, Some(stat)) => {
                EntryType::File { len: len_of(&stat), executable: is_executable(&stat) }
            }
            _ => EntryType::Other,
        }))
    }

    /// Opens a file of any kind for reading. Does not block on a pipe, and fails on a symbolic link.
    pub fn file(&self, name: &str) -> io::Result<File> {
        let how = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.0, name, OFlags::RDONLY | how, Mode::empty())?;
        Ok(File::from(file))
    }

    /// Opens a regular file for reading; `None` when it is something else. Fails on a symbolic link.
    pub fn regular(&self, name: &str) -> io::Result<Option<OpenFile>> {
        let file = self.file(name)?;
        let stat = rustix::fs::fstat(&file)?;
        Ok((type_of(&stat) == FileType::RegularFile).then(|| OpenFile {
            file,
            len: len_of(&stat),
            executable: is_executable(&stat),
        }))
    }

    /// Returns the metadata of an entry; for a symbolic link, that of the link.
    pub fn stat(&self, name: &str) -> io::Result<fingerprint::Stat> {
        let stat = rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?;
        // What types these fields have depends on the system.
        #[allow(clippy::unnecessary_cast, reason = "not on all")]
        let moment = |seconds, nanos| Timestamp { seconds: seconds as i64, nanos: nanos as i64 };
        #[allow(clippy::unnecessary_cast, reason = "not on all")]
        let mode = stat.st_mode as u32;
        Ok(fingerprint::Stat {
            mode,
            size: len_of(&stat),
            modified: moment(stat.st_mtime, stat.st_mtime_nsec),
            changed: moment(stat.st_ctime, stat.st_ctime_nsec),
            inode: stat.st_ino,
        })
    }

    /// Creates a file with the permissions of the umask. Fails when there is one.
    pub fn create(&self, name: &str, executable: bool) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(if executable { 0o777 } else { 0o666 });
        Ok(File::from(rustix::fs::openat(&self.0, name, flags, mode)?))
    }

    /// Renames a file in the folder; replaces a file that has the new name.
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.0, from, &self.0, to)?)
    }
}

fn type_of(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

fn len_of(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}

fn is_executable(stat: &Stat) -> bool {
    stat.st_mode & 0o100 != 0
}
