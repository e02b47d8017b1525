//! By the system calls that take a folder and a name in it.

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

/// A folder that is held open.
#[derive(Debug)]
pub struct OpenFolder(OwnedFd);

impl OpenFolder {
    /// Opens a folder to reach what is in it. Fails on a symbolic link at the end of the path.
    pub fn open(path: &Path) -> io::Result<Self> {
        // Reaching into a folder takes less of a right than listing it.
        #[cfg(target_os = "linux")]
        let access = OFlags::PATH;
        #[cfg(not(target_os = "linux"))]
        let access = OFlags::RDONLY;
        let flags = access | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Self(rustix::fs::openat(CWD, path, flags, Mode::empty())?))
    }

    /// Opens a folder, or one that the path is a link to, and lists it in no order. What vanishes meanwhile is left out.
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

    /// What a name stands for; `None` if it is gone. A file system need not say so together with the name.
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

    /// Opens a file for reading, whatever kind of file it is; does not wait for one that nobody writes to.
    pub fn file(&self, name: &str) -> io::Result<File> {
        let how = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.0, name, OFlags::RDONLY | how, Mode::empty())?;
        Ok(File::from(file))
    }

    /// Opens a regular file for reading; `None` if it is something else.
    pub fn regular(&self, name: &str) -> io::Result<Option<OpenFile>> {
        let file = self.file(name)?;
        let stat = rustix::fs::fstat(&file)?;
        Ok((type_of(&stat) == FileType::RegularFile).then(|| OpenFile {
            file,
            len: len_of(&stat),
            executable: is_executable(&stat),
        }))
    }

    /// What the system says of a name; of a link itself.
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

    /// Makes a file that must not be there yet, as the umask has it.
    pub fn create(&self, name: &str, executable: bool) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(if executable { 0o777 } else { 0o666 });
        Ok(File::from(rustix::fs::openat(&self.0, name, flags, mode)?))
    }

    /// Gives a file another name in the folder, that of a file there is included.
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
