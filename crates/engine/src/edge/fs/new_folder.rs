//! Creates a missing folder with all its files: writes them to a temporary folder, then renames that.
//!
//! Nobody ever sees the folder half filled, and one rename replaces one for each file.

use std::collections::HashSet;
use std::io::{ErrorKind, Write};
use std::path::Path;

use super::metadata::set_mode;
use super::write::temporary_name;
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
        let (above, name) = top.rsplit_once('/').unwrap_or(("", top));
        let failed = |source| FsError::new("make the folder", &place, source);
        let above = self.near(above).map_err(failed)?;
        self.step("make the folder", &place)?;
        let (temp, name_of_temp) = make_temp_folder(&above, &place)?;
        let made = self.fill(&temp, top, files).and_then(|()| {
            self.step("replace", &place)?;
            match above.rename(&name_of_temp, name) {
                Ok(()) => Ok(true),
                Err(_) if above.entry_type(name).is_ok() => Ok(false),
                Err(error) => Err(FsError::new("replace", &place, error)),
            }
        });
        if !matches!(made, Ok(true)) && self.fail_after.get() != Some(0) {
            let _ = above.remove_all(&name_of_temp);
        }
        self.forget_folders();
        made
    }

    /// Writes everything that comes into the folder `top` into the temporary one.
    fn fill(&self, temp: &OpenFolder, top: &str, files: &[NewFile<'_>]) -> Result<(), FsError> {
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
                let (parent, name) = above.rsplit_once('/').unwrap_or(("", above));
                let created = match parent {
                    "" => temp.make_folder(name),
                    parent => temp.below(parent).and_then(|parent| parent.make_folder(name)),
                };
                created.map_err(|source| FsError::new("make the folder", &place, source))?;
            }
            let failed = |source| FsError::new("write", &full, source);
            if !folder.is_empty() && last.as_ref().is_none_or(|(known, _)| *known != folder) {
                last = Some((folder, temp.below(folder).map_err(failed)?));
            }
            self.step("write", &full)?;
            let folder = match &last {
                Some((_, inner)) if !folder.is_empty() => inner,
                _ => temp,
            };
            let mode = if *executable { 0o777 } else { 0o666 };
            let mut file = folder.create(name, mode).map_err(failed)?;
            file.write_all(bytes).map_err(failed)?;
            if let Some(mode) = change.mode {
                set_mode(&file, mode).map_err(failed)?;
            }
        }
        Ok(())
    }
}

/// Creates an empty temporary folder beside `place`, and opens it. Returns its name, too.
fn make_temp_folder(above: &OpenFolder, place: &Path) -> Result<(OpenFolder, String), FsError> {
    let failed = |source| FsError::new("make the folder", place, source);
    loop {
        let name = temporary_name();
        match above.make_folder(&name) {
            Ok(()) => return Ok((above.below(&name).map_err(failed)?, name)),
            // Left behind by a killed process with our process id.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
    }
}
