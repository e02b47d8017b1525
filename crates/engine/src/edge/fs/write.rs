//! Writes single files: to a temporary file in the same folder, which is then renamed.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::destination::Destination;
use super::error::FsError;
use super::metadata;
use crate::edge::open_folder::{OpenFile, OpenFolder};

/// The start of the name of every temporary file: this, the process id, `-` and a number.
pub(super) const TEMPORARY: &str = ".claude-env-tmp-";

/// Returns true when a file of this name is a temporary file of claude-env.
pub fn is_temporary(name: &str) -> bool {
    name.starts_with(TEMPORARY)
}

/// Writes or replaces a file atomically: a reader sees the old bytes or the new ones. Keeps the metadata of a file.
///
/// For files of claude-env's own, and paths that the user named: creates no folders, and replaces a symbolic link. Fails when
/// the file cannot be written.
pub fn write_atomic(path: &Path, bytes: &[u8], executable: bool) -> Result<(), FsError> {
    let to = Destination::of_path(path).map_err(|source| FsError::new("write", path, source))?;
    let old = to.folder.regular(&to.name).ok().flatten();
    let attributes = match &old {
        Some(OpenFile { file, .. }) => Attributes::of(file, Some(executable)),
        None => Attributes::New { executable },
    };
    write_temp(to, bytes, attributes)?.rename()
}

/// Replaces the content of a file atomically and durably, and keeps its metadata; creates it when it does not exist.
///
/// `folder` is opened without following symbolic links below `base`; it is created when it is missing. For files of git's that
/// other programs write too. Fails when the file is a symbolic link, or cannot be written.
pub fn rewrite(base: &Path, folder: &str, name: &str, bytes: &[u8]) -> Result<(), FsError> {
    let place = base.join(folder).join(name);
    let failed = |source| FsError::new("write", &place, source);
    let folder = OpenFolder::root(base).and_then(|root| match folder {
        "" => Ok(root),
        folder => root.make_below(folder),
    });
    let folder = Arc::new(folder.map_err(failed)?);
    let old = match folder.regular(name) {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        old => old.map_err(failed)?,
    };
    let attributes = match &old {
        Some(OpenFile { file, .. }) => Attributes::of(file, None),
        None => Attributes::New { executable: false },
    };
    let to = Destination { folder, name: name.to_owned(), place };
    let temp = write_temp(to, bytes, attributes)?;
    if let Err(error) = temp.sync() {
        temp.discard();
        return Err(error);
    }
    temp.rename()
}

/// Creates a file, and the folders above it. Fails when there is one already.
#[expect(
    clippy::disallowed_methods,
    reason = "a path that the user named, outside of any workspace"
)]
pub fn write_new(path: &Path, bytes: &[u8], executable: bool) -> Result<(), FsError> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)
            .map_err(|source| FsError::new("make the folder", parent, source))?;
    }
    if std::fs::symlink_metadata(path).is_ok() {
        return Err(FsError::new("write", path, ErrorKind::AlreadyExists.into()));
    }
    write_atomic(path, bytes, executable)
}

/// The metadata that a written file gets.
#[derive(Clone, Copy, Debug)]
pub(super) enum Attributes<'f> {
    /// That of a new file, by the umask.
    New {
        /// Whether the file may be run.
        executable: bool,
    },
    /// That of a new file, with exactly these permission bits.
    Mode(u32),
    /// That of the file that it replaces.
    Of {
        /// The file, open for reading.
        file: &'f File,
        /// Sets or clears the executable bit; `None` keeps it.
        executable: Option<bool>,
        /// The permission bits instead of those of the file; `None` keeps them.
        mode: Option<u32>,
    },
}

impl<'f> Attributes<'f> {
    /// Returns the metadata of a file, with the executable bit set, cleared, or kept (`None`).
    pub(super) fn of(file: &'f File, executable: Option<bool>) -> Self {
        Self::Of { file, executable, mode: None }
    }

    /// Returns the permissions with which the file is created, before the umask. No one else may read what is copied later.
    fn first_mode(self) -> u32 {
        match self {
            Self::New { executable: true } => 0o777,
            Self::New { executable: false } => 0o666,
            Self::Mode(_) | Self::Of { .. } => 0o600,
        }
    }

    /// Gives a new file this metadata. Fails when the permissions cannot be set.
    pub(super) fn set(self, to: &File) -> io::Result<()> {
        match self {
            Self::New { .. } => Ok(()),
            Self::Mode(mode) => metadata::set_mode(to, mode),
            Self::Of { file, executable, mode } => {
                let mode = match mode {
                    Some(mode) => mode,
                    None => with_executable(mode_of(file)?, executable),
                };
                metadata::copy(file, to, mode)
            }
        }
    }
}

/// A temporary file with the new content of a file.
#[derive(Debug)]
pub(super) struct TempFile<'b> {
    file: File,
    /// The name of the temporary file.
    name: String,
    /// Its content.
    bytes: &'b [u8],
    /// The file to be replaced.
    to: Destination,
}

/// Returns a name for a temporary file or folder; never the same one twice.
pub(super) fn temporary_name() -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    format!("{TEMPORARY}{}-{number}", std::process::id())
}

/// Writes a temporary file beside `to`. Fails when it cannot be written; then it is removed again.
pub(super) fn write_temp<'b>(
    to: Destination,
    bytes: &'b [u8],
    attributes: Attributes<'_>,
) -> Result<TempFile<'b>, FsError> {
    let (file, name) = loop {
        let name = temporary_name();
        match to.folder.create(&name, attributes.first_mode()) {
            Ok(file) => break (file, name),
            // Left behind by a killed process with our process id.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(FsError::new("write", &to.place, error)),
        }
    };
    let mut temp = TempFile { file, name, bytes, to };
    match attributes.set(&temp.file).and_then(|()| temp.file.write_all(bytes)) {
        Ok(()) => Ok(temp),
        Err(error) => {
            let error = FsError::new("write", &temp.to.place, error);
            temp.discard();
            Err(error)
        }
    }
}

impl TempFile<'_> {
    /// Flushes the bytes to the disk.
    pub(super) fn sync(&self) -> Result<(), FsError> {
        self.file.sync_data().map_err(|source| FsError::new("flush", &self.to.place, source))
    }

    /// Renames the temporary file over the file to be replaced. Removes it when that fails.
    ///
    /// A mount point cannot be renamed over: its content is written in place.
    pub(super) fn rename(self) -> Result<(), FsError> {
        let Self { file, name, bytes, to } = self;
        let mode = mode_of(&file);
        // Windows renames no file that is open.
        drop(file);
        let replaced = match to.folder.rename(&name, &to.name) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::ResourceBusy => {
                overwrite(&to, bytes, mode.ok())
            }
            Err(error) => Err(error),
        };
        let _ = to.folder.remove(&name);
        replaced.map_err(|source| FsError::new("replace", &to.place, source))
    }

    /// Removes the temporary file.
    pub(super) fn discard(self) {
        drop(self.file);
        let _ = self.to.folder.remove(&self.name);
    }
}

/// Writes the content of a mount point in place, and flushes it. Other metadata than the executable bit is its own.
///
/// Asks for the space first, so that a full disk leaves the old content. Fails when the file cannot be written.
fn overwrite(to: &Destination, bytes: &[u8], mode: Option<u32>) -> io::Result<()> {
    let mut file = to.folder.writable(&to.name)?;
    let length = bytes.len() as u64;
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::FallocateFlags;
        use rustix::io::Errno;
        // Not all file systems can do it, so other errors do not count.
        let reserved = rustix::fs::fallocate(&file, FallocateFlags::KEEP_SIZE, 0, length.max(1));
        if let Err(error @ (Errno::NOSPC | Errno::DQUOT | Errno::FBIG)) = reserved {
            return Err(error.into());
        }
    }
    file.write_all(bytes)?;
    file.set_len(length)?;
    file.sync_data()?;
    let has = mode_of(&file)?;
    if let Some(mode) = mode.filter(|mode| (mode ^ has) & 0o111 != 0) {
        let _ = metadata::set_mode(&file, (has & !0o111) | (mode & 0o111));
    }
    Ok(())
}

/// Returns the permission bits of an open file.
#[cfg(unix)]
pub(super) fn mode_of(file: &File) -> io::Result<u32> {
    use std::os::unix::fs::PermissionsExt;
    Ok(file.metadata()?.permissions().mode() & 0o7777)
}

/// Returns usual permission bits: this system has none.
#[cfg(not(unix))]
pub(super) fn mode_of(_file: &File) -> io::Result<u32> {
    Ok(0o644)
}

/// Returns permission bits with the executable bits set, cleared, or kept (`None`).
fn with_executable(mode: u32, executable: Option<bool>) -> u32 {
    match executable {
        // Everyone who may read the file may run it.
        Some(true) => mode | ((mode & 0o444) >> 2),
        Some(false) => mode & !0o111,
        None => mode,
    }
}
