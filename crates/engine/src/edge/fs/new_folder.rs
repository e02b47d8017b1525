//! Creates a missing folder with all its files: writes them to a temporary folder, then renames that.
//!
//! Nobody ever sees the folder half filled, and one rename replaces one for each file.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::write::{permissions_from_mode, temporary_name};
use super::{FolderState, FsError, Root};
use crate::edge::open_folder::OpenFolder;
use claude_env_core::source::RepoPath;
use claude_env_core::workspace::{Action, FileChange};

/// A file to be created.
struct NewFile<'p> {
    change: &'p FileChange,
    bytes: &'p [u8],
    executable: bool,
}

/// Changes, grouped by how they are made.
pub(super) struct GroupedChanges<'p> {
    /// Missing folders, by path, with the files to create in each.
    folders: Vec<(String, Vec<NewFile<'p>>)>,
    /// Changes that are made one by one.
    pub(super) single: Vec<&'p FileChange>,
}

impl Root {
    /// Groups new files by the missing folder that they belong to. Fails for a path that must not be written.
    pub(super) fn group<'p>(
        &mut self,
        changes: impl Iterator<Item = &'p FileChange>,
    ) -> Result<GroupedChanges<'p>, FsError> {
        let mut grouped = GroupedChanges { folders: Vec::new(), single: Vec::new() };
        for change in changes {
            let top = match &change.action {
                Action::Create { bytes, executable } => self
                    .first_missing(&change.path)
                    .map(|top| (top, NewFile { change, bytes, executable: *executable })),
                _ => None,
            };
            let Some((top, file)) = top else {
                grouped.single.push(change);
                continue;
            };
            self.check(&change.path, "write")?;
            match grouped.folders.iter_mut().find(|(known, _)| *known == top) {
                Some((_, files)) => files.push(file),
                None => grouped.folders.push((top.to_owned(), vec![file])),
            }
        }
        Ok(grouped)
    }

    /// Returns the outermost missing folder of a path; `None` when there is none, or the path must not be followed.
    fn first_missing<'p>(&mut self, path: &'p RepoPath) -> Option<&'p str> {
        let parent = path.parent()?;
        let ends = parent.match_indices('/').map(|(at, _)| at).chain([parent.len()]);
        for folder in ends.filter_map(|end| parent.get(..end)) {
            match self.folder(folder) {
                FolderState::Present => {}
                FolderState::Missing => return Some(folder),
                FolderState::Refused { .. } => return None,
            }
        }
        None
    }

    /// Creates the missing folders, and returns the changes to be made one by one.
    ///
    /// Those include the files of a folder that another process created meanwhile. Fails when a file cannot be written.
    pub(super) fn make_folders<'p>(
        &mut self,
        grouped: GroupedChanges<'p>,
    ) -> Result<Vec<&'p FileChange>, FsError> {
        let mut single = Vec::new();
        for (top, files) in grouped.folders {
            if !self.make_folder(&top, &files)? {
                single.extend(files.into_iter().map(|file| file.change));
            }
        }
        single.extend(grouped.single);
        Ok(single)
    }

    /// Creates one folder with its files. Returns false when another process created it meanwhile.
    fn make_folder(&mut self, top: &str, files: &[NewFile<'_>]) -> Result<bool, FsError> {
        let place = self.path.join(top);
        let temp = self.make_temp_folder(&place)?;
        let made = self.fill(&temp, top, files).and_then(|()| {
            self.step("replace", &place)?;
            match fs::rename(&temp, &place) {
                Ok(()) => Ok(true),
                Err(_) if fs::symlink_metadata(&place).is_ok() => Ok(false),
                Err(error) => Err(FsError::new("replace", &place, error)),
            }
        });
        if !matches!(made, Ok(true)) && self.fail_after.get() != Some(0) {
            let _ = fs::remove_dir_all(&temp);
        }
        self.forget_folders();
        made
    }

    fn make_temp_folder(&self, place: &Path) -> Result<PathBuf, FsError> {
        self.step("make the folder", place)?;
        loop {
            let temp = place.with_file_name(temporary_name());
            match fs::create_dir(&temp) {
                Ok(()) => return Ok(temp),
                // Left behind by a killed process with our process id.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(FsError::new("make the folder", place, error)),
            }
        }
    }

    /// Writes everything that comes into the folder `top` into the one `beside` it.
    fn fill(&self, temp: &Path, top: &str, files: &[NewFile<'_>]) -> Result<(), FsError> {
        let mut made = HashSet::from([""]);
        let mut last: Option<(&str, OpenFolder)> = None;
        for NewFile { change, bytes, executable } in files {
            let full = self.join(&change.path);
            let inside = change.path.as_str().get(top.len() + 1..).unwrap_or_default();
            let (folder, name) = inside.rsplit_once('/').unwrap_or(("", inside));
            let ends = folder.match_indices('/').map(|(at, _)| at).chain([folder.len()]);
            for above in ends.filter_map(|end| folder.get(..end)).filter(|it| made.insert(it)) {
                let place = self.path.join(top).join(above);
                self.step("make the folder", &place)?;
                fs::create_dir(temp.join(above))
                    .map_err(|source| FsError::new("make the folder", &place, source))?;
            }
            let failed = |source| FsError::new("write", &full, source);
            if last.as_ref().is_none_or(|(known, _)| *known != folder) {
                last = Some((folder, OpenFolder::open(&temp.join(folder)).map_err(failed)?));
            }
            self.step("write", &full)?;
            let Some((_, folder)) = &last else { continue };
            let mut file = folder.create(name, *executable).map_err(failed)?;
            file.write_all(bytes).map_err(failed)?;
            if let Some(permissions) = change.mode.and_then(permissions_from_mode) {
                file.set_permissions(permissions).map_err(failed)?;
            }
        }
        Ok(())
    }
}
