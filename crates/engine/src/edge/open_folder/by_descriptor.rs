//! Access with the system calls that take a file descriptor of a folder and a name (`openat` and others).

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat};

use super::{EntryType, FolderEntry, OpenFile};
use claude_env_core::fingerprint::{self, Timestamp};

/// A folder that is kept open.
#[derive(Debug)]
pub struct OpenFolder(OwnedFd);

impl OpenFolder {
    /// Opens a folder. Fails when the last part of the path is a symbolic link, or not a folder.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(rustix::fs::openat(CWD, path, FOLDER | OFlags::NOFOLLOW, Mode::empty())?))
    }

    /// Opens a folder that the user named; follows symbolic links in the path. Fails when it is not a folder.
    pub fn root(path: &Path) -> io::Result<Self> {
        Ok(Self(rustix::fs::openat(CWD, path, FOLDER, Mode::empty())?))
    }

    /// Opens a folder as a file that can be locked. Fails when it is not a folder.
    pub fn lockable(path: &Path) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(File::from(rustix::fs::openat(CWD, path, flags, Mode::empty())?))
    }

    /// Opens a folder below this one. `relative` has forward slashes.
    ///
    /// Fails when any part of the path is a symbolic link, or not a folder, also while somebody changes the path: the system
    /// looks at each part and opens it in one step.
    pub fn below(&self, relative: &str) -> io::Result<Self> {
        if relative.split('/').any(|name| matches!(name, "" | "." | "..")) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        #[cfg(target_os = "linux")]
        if let Some(opened) = self.below_in_one_call(relative) {
            return opened;
        }
        self.below_part_by_part(relative)
    }

    /// Opens a folder below this one with `openat2`; `None` when the kernel does not have it, or a sandbox forbids it.
    #[cfg(target_os = "linux")]
    fn below_in_one_call(&self, relative: &str) -> Option<io::Result<Self>> {
        use rustix::fs::ResolveFlags;
        use rustix::io::Errno;
        use std::sync::atomic::{AtomicBool, Ordering};
        static UNSUPPORTED: AtomicBool = AtomicBool::new(false);
        if UNSUPPORTED.load(Ordering::Relaxed) {
            return None;
        }
        let inside = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        match rustix::fs::openat2(&self.0, relative, FOLDER, Mode::empty(), inside) {
            Err(Errno::NOSYS | Errno::PERM | Errno::INVAL | Errno::TOOBIG) => {
                UNSUPPORTED.store(true, Ordering::Relaxed);
                None
            }
            opened => Some(opened.map(Self).map_err(io::Error::from)),
        }
    }

    /// Opens a folder below this one, one part of the path after the other.
    pub(super) fn below_part_by_part(&self, relative: &str) -> io::Result<Self> {
        let mut folder: Option<OwnedFd> = None;
        for name in relative.split('/') {
            let above = folder.as_ref().map_or(self.0.as_fd(), AsFd::as_fd);
            let flags = FOLDER | OFlags::NOFOLLOW;
            folder = Some(rustix::fs::openat(above, name, flags, Mode::empty())?);
        }
        folder.map(Self).ok_or_else(|| io::ErrorKind::InvalidInput.into())
    }

    /// Returns the names in this folder, unsorted, each with whether it is a folder. Skips entries that vanish meanwhile.
    pub fn entries(&self) -> io::Result<Vec<(OsString, bool)>> {
        // A descriptor that is open for reaching files cannot be read from.
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = Self(rustix::fs::openat(&self.0, ".", flags, Mode::empty())?);
        let mut all = Vec::new();
        folder.names(|name, kind| {
            if matches!(name, b"." | b"..") {
                return Ok(());
            }
            let name = OsStr::from_bytes(name);
            let is_folder = match kind {
                FileType::Unknown => match folder.what(name, kind)? {
                    Some(entry) => entry == EntryType::Folder,
                    None => return Ok(()),
                },
                kind => kind == FileType::Directory,
            };
            all.push((name.to_owned(), is_folder));
            Ok(())
        })?;
        Ok(all)
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

    /// Returns what an entry is; for a symbolic link, that it is one. Fails when there is none.
    pub fn entry_type(&self, name: &str) -> io::Result<EntryType> {
        let found = self.what(OsStr::new(name), FileType::Unknown)?;
        found.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Returns the target of a symbolic link, as it is written in the link.
    pub fn read_link(&self, name: &str) -> io::Result<PathBuf> {
        let target = rustix::fs::readlinkat(&self.0, name, Vec::new())?;
        Ok(PathBuf::from(OsString::from_vec(target.into_bytes())))
    }

    /// Returns true when an entry is a mount point; false when the system does not tell. Does not follow links.
    pub fn is_mount_point(&self, name: &str) -> bool {
        #[cfg(target_os = "linux")]
        {
            use rustix::fs::{StatxAttributes, StatxFlags};
            let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT;
            rustix::fs::statx(&self.0, name, flags, StatxFlags::TYPE)
                .is_ok_and(|found| found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = name;
            false
        }
    }

    /// Opens an existing regular file for writing, without changing it yet. Fails on anything else, and on a symbolic link.
    pub fn writable(&self, name: &str) -> io::Result<File> {
        let how = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.0, name, OFlags::WRONLY | how, Mode::empty())?;
        match type_of(&rustix::fs::fstat(&file)?) {
            FileType::RegularFile => Ok(File::from(file)),
            _ => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    /// Creates a file with the permissions `mode` less those of the umask. Fails when there is one.
    pub fn create(&self, name: &str, mode: u32) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        #[allow(clippy::useless_conversion, reason = "not on all systems")]
        let mode = Mode::from_raw_mode((mode & 0o7777).try_into().unwrap_or(0o600));
        Ok(File::from(rustix::fs::openat(&self.0, name, flags, mode)?))
    }

    /// Opens a file for writing, and empties or creates it. Fails on a symbolic link, and does not block on a pipe.
    pub fn truncated(&self, name: &str) -> io::Result<File> {
        let how = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | how;
        Ok(File::from(rustix::fs::openat(&self.0, name, flags, Mode::from_raw_mode(0o666))?))
    }

    /// Creates a folder. Fails when there is one.
    pub fn make_folder(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::mkdirat(&self.0, name, Mode::from_raw_mode(0o777))?)
    }

    /// Removes a file; of a symbolic link, the link. Fails on a folder.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// Removes an empty folder. Fails on a symbolic link.
    pub fn remove_folder(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR)?)
    }

    /// Renames a file in the folder; replaces a file that has the new name.
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.0, from, &self.0, to)?)
    }
}

/// How a folder is opened.
// Opening files in a folder needs fewer permissions than listing it.
#[cfg(target_os = "linux")]
const FOLDER: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
/// How a folder is opened.
#[cfg(not(target_os = "linux"))]
const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

fn type_of(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

fn len_of(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}

fn is_executable(stat: &Stat) -> bool {
    stat.st_mode & 0o100 != 0
}
