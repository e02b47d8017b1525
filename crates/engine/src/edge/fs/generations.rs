//! The generations of a workspace, one file each, in a folder outside of it.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::write::remove_file;
use super::{FsError, Root};
use claude_env_core::workspace::Generation;

/// As many generations are kept.
const KEPT: usize = 10;

/// How an apply puts away what was there.
#[derive(Clone, Debug)]
pub struct Backup<'a> {
    /// The folder of the generations; `None` if there is no place for them.
    pub folder: Option<PathBuf>,
    /// What is done, such as `sync`.
    pub verb: &'a str,
    /// The generation that a rollback goes back to.
    pub target: Option<u64>,
    /// Today.
    pub date: String,
    /// Whether nothing may happen without it.
    pub required: bool,
}

/// The folder of a workspace's generations. It need not exist.
#[derive(Clone, Debug)]
pub struct Generations {
    folder: PathBuf,
}

impl Generations {
    /// The generations in a folder.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// All generations by number. One that was not written to its end is left out: its apply never began.
    pub fn all(&self) -> Result<Vec<Generation>, FsError> {
        let mut all = Vec::new();
        for (_, path) in self.files()? {
            let bytes = fs::read(&path).map_err(|source| FsError::new("read", &path, source))?;
            all.extend(Generation::parse(&bytes));
        }
        Ok(all)
    }

    /// Writes the next generation, flushed if it holds old bytes, and drops the oldest ones. Returns its number.
    ///
    /// `continued` says that an interrupted apply is being finished: what it put away belongs to this one.
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

    /// Drops the generation of an apply that was put back.
    pub fn forget(&self, number: u64) -> Result<(), FsError> {
        remove_file(&self.folder.join(number.to_string()))
    }

    /// The files of generations, by number.
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

/// Makes a file that only its owner may read: the files of a workspace may be private, too.
fn create_private(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests;
