//! The generations of a workspace: backups before each apply, one file each, in a folder outside of it.
//!
//! The format of a file is that of [`Generation`].

use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;

use super::own_folder::OwnFolder;
use super::read::contents;
use super::{FsError, Root};
use crate::edge::open_folder::{OpenFile, OpenFolder};
use claude_env_core::workspace::Generation;

/// The largest generation that is read, in bytes: more than a workspace can hold of files that are read.
const MAX_SIZE: u64 = 256 * 1024 * 1024;

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
    folder: OwnFolder,
}

impl Generations {
    /// Returns the generations in a folder. Reads nothing.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: OwnFolder::at(folder) }
    }

    /// Reads all generations, sorted by number. Skips incomplete ones: their apply never began.
    ///
    /// Fails when a file cannot be read.
    pub fn all(&self) -> Result<Vec<Generation>, FsError> {
        let mut all = Vec::new();
        let Some(folder) = self.open()? else { return Ok(all) };
        for (_, name) in self.files(&folder)? {
            all.extend(Generation::parse(&self.read(&folder, &name)?));
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
        let folder = self.make(root)?;
        let mut files = self.files(&folder)?;
        let mut last = None;
        while let Some((number, name)) = files.last() {
            let bytes = self.read(&folder, name)?;
            if Generation::parse(&bytes).is_some() {
                last = Some(*number);
                break;
            }
            root.step("remove", &self.place(name))?;
            self.remove(&folder, name)?;
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
        let name = number.to_string();
        let path = self.place(&name);
        let failed = |source| FsError::new("write", &path, source);
        root.step("create", &path)?;
        // Only its owner may read it, since the files of the workspace may be private.
        let mut file = folder.create(&name, 0o600).map_err(failed)?;
        root.step("write", &path)?;
        if let Err(error) = file.write_all(&generation.to_bytes()) {
            let _ = folder.remove(&name);
            return Err(failed(error));
        }
        if generation.holds_bytes() {
            root.step("flush", &path)?;
            file.sync_data().map_err(failed)?;
        }
        let many = (files.len() + 1).saturating_sub(KEPT);
        for (_, old) in files.iter().take(many) {
            root.step("remove", &self.place(old))?;
            self.remove(&folder, old)?;
        }
        Ok(number)
    }

    /// Removes the generation of an apply that was rolled back. Fails when the file cannot be removed.
    pub fn forget(&self, number: u64) -> Result<(), FsError> {
        match self.open()? {
            Some(folder) => self.remove(&folder, &number.to_string()),
            None => Ok(()),
        }
    }

    /// Opens the folder; `None` when there is none.
    fn open(&self) -> Result<Option<OpenFolder>, FsError> {
        match self.folder.open() {
            Ok(folder) => Ok(Some(folder)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FsError::new("look into", self.folder.path(), error)),
        }
    }

    /// Opens the folder, and creates it when it is missing.
    fn make(&self, root: &Root) -> Result<OpenFolder, FsError> {
        if let Some(folder) = self.open()? {
            return Ok(folder);
        }
        root.step("make the folder", self.folder.path())?;
        let made = self.folder.make();
        made.map_err(|source| FsError::new("make the folder", self.folder.path(), source))
    }

    /// Returns the names of the generations, sorted by number.
    fn files(&self, folder: &OpenFolder) -> Result<Vec<(u64, String)>, FsError> {
        let entries = folder.entries();
        let entries =
            entries.map_err(|source| FsError::new("look into", self.folder.path(), source))?;
        let mut files: Vec<(u64, String)> = (entries.into_iter())
            .filter(|(_, is_folder)| !is_folder)
            .filter_map(|(name, _)| name.into_string().ok())
            .filter_map(|name| Some((name.parse::<u64>().ok()?, name)))
            .collect();
        files.sort();
        Ok(files)
    }

    /// Returns the content of a generation. Fails when it is no regular file, or too large.
    fn read(&self, folder: &OpenFolder, name: &str) -> Result<Vec<u8>, FsError> {
        let read = match folder.regular(name) {
            Ok(Some(OpenFile { file, len, .. })) if len <= MAX_SIZE => contents(&file, len),
            Ok(_) => Err(io::Error::other("it is not a regular file, or too large")),
            Err(error) => Err(error),
        };
        read.map_err(|source| FsError::new("read", &self.place(name), source))
    }

    /// Removes a generation. Succeeds when there is none.
    fn remove(&self, folder: &OpenFolder, name: &str) -> Result<(), FsError> {
        match folder.remove(name) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(FsError::new("remove", &self.place(name), error))
            }
            _ => Ok(()),
        }
    }

    /// Returns the path of a generation, for messages.
    fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

#[cfg(test)]
mod tests;
