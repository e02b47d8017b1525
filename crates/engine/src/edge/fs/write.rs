//! Writes single files: to a temporary file in the same folder, which is then renamed.

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

/// Writes or replaces a file atomically: a reader sees the old bytes or the new ones.
///
/// For files of claude-env's own, and paths that the user named: creates no folders, and replaces a symbolic link. Fails when
/// the file cannot be written.
pub fn write_atomic(path: &Path, bytes: &[u8], executable: bool) -> Result<(), FsError> {
    let temp = write_temp(path.to_owned(), None, bytes, FileMode::New { executable })?;
    temp.rename()
}

/// Replaces the content of a file atomically and durably, and keeps its permissions; creates it when it does not exist.
///
/// For files outside of any workspace that other programs write too. Fails when the file cannot be written.
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

/// Creates a file, and the folders above it. Fails when there is one already.
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

/// The permissions of a file that is written.
#[derive(Clone, Debug)]
pub(super) enum FileMode {
    /// Those of a new file, by the umask.
    New {
        /// Whether the file may be run.
        executable: bool,
    },
    /// Exactly these; `None` when the system has none.
    Like(Option<Permissions>),
}

/// A temporary file with the new content of a file.
#[derive(Debug)]
pub(super) struct TempFile {
    file: File,
    /// The name of the temporary file.
    name: String,
    /// The file to be replaced.
    place: PathBuf,
    /// The folder of both files, when it is kept open, and the name of the file to be replaced.
    folder: Option<(Arc<OpenFolder>, String)>,
}

/// Returns a name for a temporary file or folder; never the same one twice.
pub(super) fn temporary_name() -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    format!("{TEMPORARY}{}-{number}", std::process::id())
}

/// Writes a temporary file in the folder of `place`. `folder` is that folder, when it is kept open.
///
/// Fails when it cannot be written; then it is removed again.
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
            // Left behind by a killed process with our process id.
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
    /// Flushes the bytes to the disk.
    pub(super) fn sync(&self) -> Result<(), FsError> {
        self.file.sync_data().map_err(|source| FsError::new("flush", &self.place, source))
    }

    /// Renames the temporary file over the file to be replaced. Removes it when that fails.
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

    /// Removes the temporary file.
    pub(super) fn discard(self) {
        drop(self.file);
        let _ = fs::remove_file(self.place.with_file_name(&self.name));
    }
}

/// Removes a file. Succeeds when there is none.
pub(super) fn remove_file(path: &Path) -> Result<(), FsError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(FsError::new("remove", path, error))
        }
        _ => Ok(()),
    }
}

/// Creates a file with the permissions of the umask. Fails when there is one.
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

/// Returns the permissions of an existing file with the executable bit set, cleared, or kept (`None`).
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
            // Everyone who may read the file may run it.
            Some(true) => mode | ((mode & 0o444) >> 2),
            Some(false) => mode & !0o111,
            None => mode,
        });
    }
    #[cfg(not(unix))]
    let _ = (executable, &mut permissions);
    Some(permissions)
}

/// Returns these permission bits as permissions.
#[cfg(unix)]
pub(super) fn permissions_from_mode(mode: u32) -> Option<Permissions> {
    Some(std::os::unix::fs::PermissionsExt::from_mode(mode & 0o7777))
}

/// Returns `None`: this system has no such bits.
#[cfg(not(unix))]
pub(super) fn permissions_from_mode(_mode: u32) -> Option<Permissions> {
    None
}
