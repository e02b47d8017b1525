//! The generations of a workspace: backups before each apply, one file each, in a folder outside of it.
//!
//! The format of a file is that of [`Generation`].

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::write::remove_file;
use super::{FsError, Root};
use claude_env_core::workspace::Generation;

/// How many generations are kept.
const KEPT: usize = 10;

/// How an apply saves the old state.
#[derive(Clone, Debug)]
pub struct Backup<'a> {
    /// The folder of the generations; `None` when there is no place for them.
    pub folder: Option<PathBuf>,
    /// The command, such as `sync`.
    pub verb: &'a str,
    /// The number of the generation that a rollback goes back to; `None` for other commands.
    pub target: Option<u64>,
    /// Today, as `YYYY-MM-DD`.
    pub date: String,
    /// Whether the apply must not happen without a backup.
    pub required: bool,
}

/// The folder of a workspace's generations, which may not exist.
#[derive(Clone, Debug)]
pub struct Generations {
    folder: PathBuf,
}

impl Generations {
    /// Returns the generations in a folder. Reads nothing.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Reads all generations, sorted by number. Skips incomplete ones: their apply never began.
    ///
    /// Fails when a file cannot be read.
    pub fn all(&self) -> Result<Vec<Generation>, FsError> {
        let mut all = Vec::new();
        for (_, path) in self.files()? {
            let bytes = fs::read(&path).map_err(|source| FsError::new("read", &path, source))?;
            all.extend(Generation::parse(&bytes));
        }
        Ok(all)
    }

    /// Writes the next generation, and removes the oldest ones. Returns its number. Flushes it when it holds old bytes.
    ///
    /// `continued` says that an interrupted apply is completed: its generation belongs to this one. Fails when a file cannot be
    /// read, written or removed.
    pub(super) fn save(
        &self,
        root: &Root,
        generation: &Generation,
        continued: bool,
        backup: &Backup<'_>,
    ) -> Result<u64, FsError> {
        self.make_folder(root)?;
        let mut files = self.files()?;
        let mut last = None;
        while let Some((number, path)) = files.last() {
            let bytes = fs::read(path).map_err(|source| FsError::new("read", path, source))?;
            if Generation::parse(&bytes).is_some() {
                last = Some(*number);
                break;
            }
            root.step("remove", path)?;
            remove_file(path)?;
            files.pop();
        }
        let number = last.map_or(1, |last| last.saturating_add(1));
        let generation = Generation {
            number,
            date: backup.date.clone(),
            verb: backup.verb.to_owned(),
            target: backup.target,
            continues: last.filter(|_| continued && backup.target.is_none()),
            ..generation.clone()
        };
        let path = self.folder.join(number.to_string());
        let failed = |source| FsError::new("write", &path, source);
        root.step("create", &path)?;
        let mut file = create_private(&path).map_err(failed)?;
        root.step("write", &path)?;
        if let Err(error) = file.write_all(&generation.to_bytes()) {
            let _ = fs::remove_file(&path);
            return Err(failed(error));
        }
        if generation.holds_bytes() {
            root.step("flush", &path)?;
            file.sync_data().map_err(failed)?;
        }
        let many = (files.len() + 1).saturating_sub(KEPT);
        for (_, old) in files.iter().take(many) {
            root.step("remove", old)?;
            remove_file(old)?;
        }
        Ok(number)
    }

    /// Removes the generation of an apply that was rolled back. Fails when the file cannot be removed.
    pub fn forget(&self, number: u64) -> Result<(), FsError> {
        remove_file(&self.folder.join(number.to_string()))
    }

    /// Returns the files of the generations, sorted by number.
    fn files(&self) -> Result<Vec<(u64, PathBuf)>, FsError> {
        let failed = |source| FsError::new("look into", &self.folder, source);
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let number = entry.file_name().to_str().and_then(|name| name.parse::<u64>().ok());
            files.extend(number.map(|number| (number, entry.path())));
        }
        files.sort();
        Ok(files)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "below the git directory or the user's state, outside of any workspace"
    )]
    fn make_folder(&self, root: &Root) -> Result<(), FsError> {
        if self.folder.is_dir() {
            return Ok(());
        }
        root.step("make the folder", &self.folder)?;
        fs::create_dir_all(&self.folder)
            .map_err(|source| FsError::new("make the folder", &self.folder, source))
    }
}

/// Creates a file that only its owner may read, since the files of the workspace may be private.
fn create_private(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests;
