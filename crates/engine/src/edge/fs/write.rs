//! Writing one file: beside its place, then renamed into it.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::FsError;
use crate::edge::open_folder::OpenFolder;

/// The start of the name of every temporary file: this, the process id, `-` and a number.
pub(super) const TEMPORARY: &str = ".claude-env-tmp-";

/// Returns true when a file of this name is a temporary file of claude-env.
pub fn is_temporary(name: &str) -> bool {
    name.starts_with(TEMPORARY)
}

/// Writes a file anew, or replaces what is there, at once: whoever reads it sees the old bytes or the new ones.
///
/// Makes no folder, and looks at no symbolic link: for paths that are ours or that the user named.
pub fn write_atomic(path: &Path, bytes: &[u8], executable: bool) -> Result<(), FsError> {
    let temp = write_temp(path.to_owned(), None, bytes, FileMode::New { executable })?;
    temp.rename()
}

/// Replaces what is in a file at once and durably, with the mode that it has; writes it anew if it is not there.
///
/// For files that hold other people's bytes and lie outside of any workspace.
pub fn rewrite(path: &Path, bytes: &[u8]) -> Result<(), FsError> {
    let mode = match fs::metadata(path) {
        Ok(meta) => FileMode::Like(Some(meta.permissions())),
        Err(_) => FileMode::New { executable: false },
    };
    let temp = write_temp(path.to_owned(), None, bytes, mode)?;
    if let Err(error) = temp.sync() {
        temp.discard();
        return Err(error);
    }
    temp.rename()
}

/// Writes a file that is not there yet, and makes the folders above it.
#[expect(
    clippy::disallowed_methods,
    reason = "a path that the user named, outside of any workspace"
)]
pub fn write_new(path: &Path, bytes: &[u8], executable: bool) -> Result<(), FsError> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)
            .map_err(|source| FsError::new("make the folder", parent, source))?;
    }
    if fs::symlink_metadata(path).is_ok() {
        return Err(FsError::new("write", path, io::ErrorKind::AlreadyExists.into()));
    }
    write_atomic(path, bytes, executable)
}

/// The mode of a file that is written.
#[derive(Clone, Debug)]
pub(super) enum FileMode {
    /// As the umask has it.
    New { executable: bool },
    /// Exactly this; `None` where the system has no such bits.
    Like(Option<Permissions>),
}

/// A file that was written beside its place.
#[derive(Debug)]
pub(super) struct TempFile {
    file: File,
    /// The name of the temporary file.
    name: String,
    place: PathBuf,
    /// The folder of both, where it is held open, and the name of the place.
    folder: Option<(Arc<OpenFolder>, String)>,
}

/// A name for something that is not finished, which this process gives once.
pub(super) fn temporary_name() -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    format!("{TEMPORARY}{}-{number}", std::process::id())
}

/// Writes a temporary file in the folder of `place`; `folder` is that folder, where it is held open.
pub(super) fn write_temp(
    place: PathBuf,
    folder: Option<Arc<OpenFolder>>,
    bytes: &[u8],
    mode: FileMode,
) -> Result<TempFile, FsError> {
    let executable = matches!(mode, FileMode::New { executable: true });
    let to = place.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    let folder = folder.zip(to);
    let (file, name) = loop {
        let name = temporary_name();
        let created = match &folder {
            Some((folder, _)) => folder.create(&name, executable),
            None => create(&place.with_file_name(&name), executable),
        };
        match created {
            Ok(file) => break (file, name),
            // Left behind by a killed process that had our number.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(FsError::new("write", &place, error)),
        }
    };
    let mut temp = TempFile { file, name, place, folder };
    let written = temp.file.write_all(bytes).and_then(|()| match mode {
        FileMode::New { .. } => Ok(()),
        FileMode::Like(None) => Ok(()),
        FileMode::Like(Some(permissions)) => temp.file.set_permissions(permissions),
    });
    match written {
        Ok(()) => Ok(temp),
        Err(error) => {
            let error = FsError::new("write", &temp.place, error);
            temp.discard();
            Err(error)
        }
    }
}

impl TempFile {
    /// Brings the bytes to the disk.
    pub(super) fn sync(&self) -> Result<(), FsError> {
        self.file.sync_data().map_err(|source| FsError::new("flush", &self.place, source))
    }

    /// Puts the file in its place.
    pub(super) fn rename(self) -> Result<(), FsError> {
        // Windows renames no file that is open.
        drop(self.file);
        let temporary = || self.place.with_file_name(&self.name);
        let renamed = match &self.folder {
            Some((folder, to)) => folder.rename(&self.name, to),
            None => fs::rename(temporary(), &self.place),
        };
        renamed.map_err(|source| {
            let _ = fs::remove_file(temporary());
            FsError::new("replace", &self.place, source)
        })
    }

    /// Takes the file away again.
    pub(super) fn discard(self) {
        drop(self.file);
        let _ = fs::remove_file(self.place.with_file_name(&self.name));
    }
}

/// Removes a file that may be gone already.
pub(super) fn remove_file(path: &Path) -> Result<(), FsError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(FsError::new("remove", path, error))
        }
        _ => Ok(()),
    }
}

/// Makes a file that must not be there yet.
pub(super) fn create(path: &Path, executable: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(if executable { 0o777 } else { 0o666 });
    }
    #[cfg(not(unix))]
    let _ = executable;
    options.open(path)
}

/// The permissions of a file that is replaced, with the executable bit that is wanted now.
pub(super) fn permissions_like(
    meta: &fs::Metadata,
    executable: Option<bool>,
) -> Option<Permissions> {
    let mut permissions = meta.permissions();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = permissions.mode() & 0o7777;
        permissions.set_mode(match executable {
            // Whoever may read it may run it.
            Some(true) => mode | ((mode & 0o444) >> 2),
            Some(false) => mode & !0o111,
            None => mode,
        });
    }
    #[cfg(not(unix))]
    let _ = (executable, &mut permissions);
    Some(permissions)
}

/// These permission bits.
#[cfg(unix)]
pub(super) fn permissions_from_mode(mode: u32) -> Option<Permissions> {
    Some(std::os::unix::fs::PermissionsExt::from_mode(mode & 0o7777))
}

#[cfg(not(unix))]
pub(super) fn permissions_from_mode(_mode: u32) -> Option<Permissions> {
    None
}
