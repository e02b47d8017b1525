//! Applies plans to a workspace.
//!
//! In this order: save the old state as a generation, write the next lock beside the old one, change the files, verify the
//! shared files, rename the next lock over the old one. A shared file also holds bytes of a person: its new content is
//! written and flushed before anything is renamed. Other files can be rendered again and are not flushed.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::generations::{Backup, Generations};
use super::read::mode_of;
use super::write::{
    FileMode, TEMPORARY, TempFile, create, permissions_from_mode, permissions_like, remove_file,
    write_temp,
};
use super::{FolderState, FsError, Root};
use claude_env_core::source::RepoPath;
use claude_env_core::workspace::{
    Accepts, Action, ActualFile, DigestCache, FileChange, Generation, LockChange, PENDING_SUFFIX,
    Plan, Saved, is_forbidden, verify, verify_new,
};

/// The backup that was made before an apply.
#[derive(Debug, Default)]
pub struct SavedGeneration {
    /// The number of the generation that holds the state before the apply; `None` when nothing was saved.
    pub generation: Option<u64>,
    /// Why there is no generation although there should be one; `None` otherwise.
    pub no_generation: Option<String>,
}

/// How an apply ended that met no error.
#[derive(Debug)]
pub enum ApplyOutcome {
    /// All changes were made.
    Applied,
    /// A file that people edit too did not read back as it was written, so all changes were undone. Holds the reason.
    RolledBack(FsError),
}

impl Root {
    /// Reads the current state of everything that these plans change.
    pub fn snapshot(&self, plans: &[&Plan], digests: &mut DigestCache) -> Generation {
        let mode = |path: &RepoPath| {
            let meta = self.target(path).and_then(|place| {
                fs::metadata(&place).map_err(|source| FsError::new("read", &place, source))
            });
            meta.map_or(0o644, |meta| mode_of(&meta))
        };
        Generation::of(plans, mode, digests)
    }

    /// Saves a snapshot as a generation. `continued` says that an interrupted apply is completed.
    ///
    /// Fails when it cannot be written; but when the system forbids writing and the backup is not required, the result says
    /// why there is none.
    pub fn save_generation(
        &self,
        old: &Generation,
        continued: bool,
        backup: &Backup<'_>,
    ) -> Result<SavedGeneration, FsError> {
        let saved = match &backup.folder {
            Some(folder) => Generations::at(folder).save(self, old, continued, backup),
            None => Err(FsError::refused(
                "keep a generation of",
                &self.path,
                "there is neither a git directory nor a home to keep it in".to_owned(),
            )),
        };
        match saved {
            Ok(number) => Ok(SavedGeneration { generation: Some(number), no_generation: None }),
            Err(error) if !backup.required && (backup.folder.is_none() || error.is_forbidden()) => {
                Ok(SavedGeneration { generation: None, no_generation: Some(error.to_string()) })
            }
            Err(error) => Err(error),
        }
    }

    /// Applies plans together. After an error, or when the process is killed, the next sync completes or repairs the changes.
    ///
    /// With `check` (the snapshot of these plans, and a function that accepts files), shared files are verified after they were
    /// written: when one does not read back as written, all changes are undone.
    ///
    /// Fails when a file was changed since the plan was made, or cannot be written.
    pub fn apply(
        &mut self,
        plans: &[&Plan],
        check: Option<(&Generation, Accepts<'_>)>,
    ) -> Result<ApplyOutcome, FsError> {
        let shared =
            |change: &&FileChange| matches!(change.action, Action::Update { shared: true, .. });
        let changes = || plans.iter().flat_map(|plan| &plan.changes);
        for plan in plans {
            self.sweep(plan)?;
        }
        let durable = changes().any(|change| shared(&change));
        for plan in plans {
            self.begin(&plan.lock, plan.changes.is_empty(), durable)?;
        }
        let mut prepared: Vec<(&RepoPath, TempFile)> = Vec::new();
        if let Err(error) = self.prepare_all(changes().filter(shared), &mut prepared) {
            self.abandon(prepared);
            return Err(error);
        }
        for (path, temp) in prepared {
            self.step("replace", &self.join(path))?;
            temp.rename()?;
        }
        let grouped = self.group(changes().filter(|change| !shared(change)))?;
        for change in self.make_folders(grouped)? {
            self.change(change)?;
        }
        if let Some((old, accepts)) = check
            && let Err((path, reason)) = self.verify(plans, old, accepts)
        {
            self.restore(plans, old)?;
            let reason =
                format!("it {reason}, right after it was written; all is as it was before");
            return Ok(ApplyOutcome::RolledBack(FsError::refused(
                "keep",
                &self.join(&path),
                reason,
            )));
        }
        for plan in plans {
            self.finish(&plan.lock, plan.changes.is_empty())?;
        }
        Ok(ApplyOutcome::Applied)
    }

    /// Verifies the shared files after they were written. Fails with the file that is wrong, and the reason.
    fn verify(
        &mut self,
        plans: &[&Plan],
        old: &Generation,
        accepts: Accepts<'_>,
    ) -> Result<(), (RepoPath, String)> {
        for plan in plans {
            for expected in plan.expected.chunk_by(|a, b| a.path == b.path) {
                let Some(first) = expected.first() else { continue };
                let before = old.files().find(|saved| saved.path == first.path);
                let before = before.and_then(|saved| saved.before.as_ref());
                let found = self.read(&first.path);
                let change = plan.changes.iter().find(|change| change.path == first.path);
                match change.map(|change| &change.action) {
                    Some(Action::Create { bytes, .. }) => {
                        verify_new(&first.path, bytes, &found, accepts)
                    }
                    _ => {
                        let before = before.map(|old| old.bytes.as_slice());
                        verify(expected, before, &found, accepts)
                    }
                }
                .map_err(|reason| (first.path.clone(), reason))?;
            }
        }
        Ok(())
    }

    /// Restores everything that the plans have changed, except for files that somebody changed again.
    fn restore(&mut self, plans: &[&Plan], old: &Generation) -> Result<(), FsError> {
        let changes: Vec<&FileChange> = plans.iter().flat_map(|plan| &plan.changes).collect();
        let saved: Vec<&Saved> = old.files().collect();
        for (change, saved) in changes.into_iter().zip(saved).rev() {
            let place = self.join(&change.path);
            let now = match self.read(&change.path) {
                ActualFile::Bytes { bytes, .. } => Some(bytes),
                _ => None,
            };
            let written = match &change.action {
                Action::Create { bytes, .. } | Action::Update { bytes, .. } => Some(&**bytes),
                Action::Delete { .. } => None,
            };
            if now.as_deref() != written {
                continue;
            }
            match &saved.before {
                Some(before) => {
                    self.make_parent(&change.path)?;
                    let place = self.target(&change.path)?;
                    self.step("write", &place)?;
                    let mode = FileMode::Like(permissions_from_mode(before.mode));
                    let temp = write_temp(place.clone(), None, &before.bytes, mode)?;
                    self.step("flush", &place)?;
                    temp.sync()?;
                    self.step("replace", &place)?;
                    temp.rename()?;
                }
                None => {
                    self.step("remove", &place)?;
                    remove_file(&place)?;
                    self.remove_empty_folders(&change.path)?;
                }
            }
        }
        for plan in plans.iter().filter(|plan| !plan.lock.file.is_empty()) {
            let pending = self.pending(&plan.lock);
            self.step("remove", &pending)?;
            remove_file(&pending)?;
        }
        Ok(())
    }

    /// Writes and flushes the new content of all these files to temporary files.
    fn prepare_all<'p>(
        &mut self,
        changes: impl Iterator<Item = &'p FileChange>,
        prepared: &mut Vec<(&'p RepoPath, TempFile)>,
    ) -> Result<(), FsError> {
        for change in changes {
            if let Action::Update { before, bytes, executable, .. } = &change.action {
                let temp = self.prepare(&change.path, before, bytes, (*executable, change.mode))?;
                prepared.push((&change.path, temp));
            }
        }
        for (path, temp) in prepared {
            self.step("flush", &self.join(path))?;
            temp.sync()?;
        }
        Ok(())
    }

    /// Removes temporary files; not when a killed process is simulated.
    fn abandon(&self, prepared: Vec<(&RepoPath, TempFile)>) {
        if self.fail_after.get() == Some(0) {
            return;
        }
        for (_, temp) in prepared {
            temp.discard();
        }
    }

    /// Writes the next lock beside the old one, when files will change.
    fn begin(&self, lock: &LockChange, nothing: bool, durable: bool) -> Result<(), FsError> {
        if lock.file.is_empty() || nothing {
            return Ok(());
        }
        if let Some(recovered) = &lock.recovered {
            self.write_own(&lock.file, recovered)?;
        }
        let pending = self.pending(lock);
        let failed = |source| FsError::new("write", &pending, source);
        if lock.leftover {
            self.step("remove", &pending)?;
            remove_file(&pending)?;
        }
        self.step("create", &pending)?;
        let mut file = create(&pending, false).map_err(failed)?;
        self.step("write", &pending)?;
        io::Write::write_all(&mut file, lock.next.as_bytes()).map_err(failed)?;
        if durable {
            file.sync_data().map_err(failed)?;
        }
        Ok(())
    }

    /// Renames the next lock over the old one.
    fn finish(&self, lock: &LockChange, nothing: bool) -> Result<(), FsError> {
        if lock.file.is_empty() || (nothing && lock.is_noop()) {
            return Ok(());
        }
        let pending = self.pending(lock);
        if lock.remove_when_empty {
            let place = self.path.join(&lock.file);
            for place in [&place, &pending] {
                self.step("remove", place)?;
                remove_file(place)?;
            }
            return Ok(());
        }
        if nothing {
            if !lock.is_next() {
                self.write_own(&lock.file, &lock.next)?;
            }
            if lock.leftover {
                self.step("remove", &pending)?;
                remove_file(&pending)?;
            }
            return Ok(());
        }
        let place = self.path.join(&lock.file);
        self.step("replace", &place)?;
        fs::rename(&pending, &place).map_err(|source| FsError::new("replace", &place, source))
    }

    fn pending(&self, lock: &LockChange) -> PathBuf {
        self.path.join(format!("{}{PENDING_SUFFIX}", lock.file))
    }

    fn write_own(&self, name: &str, text: &str) -> Result<(), FsError> {
        let place = self.path.join(name);
        self.step("write", &place)?;
        let temp =
            write_temp(place.clone(), None, text.as_bytes(), FileMode::New { executable: false })?;
        self.step("replace", &place)?;
        temp.rename()
    }

    fn change(&mut self, change: &FileChange) -> Result<(), FsError> {
        let place = self.join(&change.path);
        match &change.action {
            Action::Create { bytes, executable } => {
                self.check(&change.path, "write")?;
                self.make_parent(&change.path)?;
                self.step("write", &place)?;
                let mode = match change.mode {
                    Some(mode) => FileMode::Like(permissions_from_mode(mode)),
                    None => FileMode::New { executable: *executable },
                };
                let temp = write_temp(
                    place.clone(),
                    self.near(change.path.parent().unwrap_or("")),
                    bytes,
                    mode,
                )?;
                self.step("replace", &place)?;
                temp.rename()
            }
            Action::Update { before, bytes, executable, .. } => {
                let mode = (*executable, change.mode);
                let temp = self.prepare(&change.path, before, bytes, mode)?;
                self.step("replace", &place)?;
                temp.rename()
            }
            Action::Delete { before } => {
                self.unchanged(&change.path, before, "remove")?;
                self.step("remove", &place)?;
                remove_file(&place)?;
                self.remove_empty_folders(&change.path)
            }
        }
    }

    /// Writes the new content of a file to a temporary file. `mode` is the executable bit, and all permission bits when known.
    ///
    /// Fails when the file no longer has the bytes that the plan is based on.
    fn prepare(
        &mut self,
        path: &RepoPath,
        before: &[u8],
        bytes: &[u8],
        (executable, mode): (Option<bool>, Option<u32>),
    ) -> Result<TempFile, FsError> {
        self.unchanged(path, before, "replace")?;
        let place = self.target(path)?;
        let near = self.near(path.parent().unwrap_or("")).filter(|_| place == self.join(path));
        let meta = fs::metadata(&place).map_err(|source| FsError::new("read", &place, source))?;
        self.step("write", &place)?;
        let permissions =
            mode.map_or_else(|| permissions_like(&meta, executable), permissions_from_mode);
        write_temp(place, near, bytes, FileMode::Like(permissions))
    }

    /// Returns the file to write for a path: the path, or the target of a symbolic link that may be followed.
    fn target(&self, path: &RepoPath) -> Result<PathBuf, FsError> {
        let place = self.join(path);
        let link = fs::symlink_metadata(&place).is_ok_and(|meta| meta.is_symlink());
        if !link {
            return Ok(place);
        }
        self.link_target(path)
            .map_err(|reason| FsError::refused("replace", &place, format!("it {reason}")))
    }

    /// Fails for a path that claude-env never writes.
    pub(super) fn check(&self, path: &RepoPath, doing: &'static str) -> Result<(), FsError> {
        if is_forbidden(path) {
            let reason = "claude-env never writes there".to_owned();
            return Err(FsError::refused(doing, &self.join(path), reason));
        }
        Ok(())
    }

    fn unchanged(
        &mut self,
        path: &RepoPath,
        before: &[u8],
        doing: &'static str,
    ) -> Result<(), FsError> {
        self.check(path, doing)?;
        match self.read(path) {
            ActualFile::Bytes { bytes, .. } if bytes == before => Ok(()),
            _ => {
                let reason = "it was changed by someone else just now; run again".to_owned();
                Err(FsError::refused(doing, &self.join(path), reason))
            }
        }
    }

    /// Creates the folders above a file, and checks each.
    fn make_parent(&mut self, path: &RepoPath) -> Result<(), FsError> {
        let Some(parent) = path.parent() else { return Ok(()) };
        if self.folder(parent) == FolderState::Present {
            return Ok(());
        }
        let ends = parent.match_indices('/').map(|(at, _)| at).chain([parent.len()]);
        for end in ends {
            let relative = parent.get(..end).unwrap_or(parent);
            let full = self.path.join(relative);
            match self.folder(relative) {
                FolderState::Present => continue,
                FolderState::Refused { reason, .. } => {
                    return Err(FsError::refused(
                        "write",
                        &self.join(path),
                        format!("it {reason}"),
                    ));
                }
                FolderState::Missing => {}
            }
            self.step("make the folder", &full)?;
            if let Err(error) = fs::create_dir(&full) {
                // Another process may have created it: check whether it is a folder.
                self.forget_folders();
                if error.kind() != io::ErrorKind::AlreadyExists
                    || self.folder(relative) != FolderState::Present
                {
                    return Err(FsError::new("make the folder", &full, error));
                }
            }
            self.folders.insert(relative.to_owned(), FolderState::Present);
        }
        // Folders below these are checked again.
        self.folders.retain(|_, folder| *folder == FolderState::Present);
        Ok(())
    }

    /// Removes the folders above a removed file that are empty.
    fn remove_empty_folders(&mut self, path: &RepoPath) -> Result<(), FsError> {
        let mut parent = path.parent();
        while let Some(relative) = parent {
            let full = self.path.join(relative);
            self.step("remove the folder", &full)?;
            if fs::remove_dir(&full).is_err() {
                break;
            }
            self.forget_folders();
            parent = relative.rsplit_once('/').map(|(above, _)| above);
        }
        Ok(())
    }

    /// Removes temporary files of killed processes from the folders that the plan writes to, and from their parents.
    fn sweep(&mut self, plan: &Plan) -> Result<(), FsError> {
        if plan.is_noop() {
            return Ok(());
        }
        let changed = plan.changes.iter().map(|change| change.path.parent().unwrap_or(""));
        let left = plan.lock.sweep.iter().map(String::as_str);
        let mut folders = BTreeSet::from([""]);
        for folder in changed.chain(left) {
            let mut next = Some(folder);
            while let Some(folder) = next.filter(|folder| folders.insert(folder)) {
                next = folder.rsplit_once('/').map(|(above, _)| above);
            }
        }
        for relative in folders {
            if !relative.is_empty() && self.folder(relative) != FolderState::Present {
                continue;
            }
            let folder = self.path.join(relative);
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for entry in entries.flatten() {
                let name = entry.file_name();
                let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(TEMPORARY)) else {
                    continue;
                };
                let id = rest.split('-').next().and_then(|id| id.parse::<u32>().ok());
                if id.is_some_and(|id| !is_running(id)) {
                    let path = entry.path();
                    self.step("remove", &path)?;
                    if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                        fs::remove_dir_all(&path)
                            .map_err(|source| FsError::new("remove", &path, source))?;
                    } else {
                        remove_file(&path)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Returns true when another process with this id is running; false when the system does not tell.
fn is_running(id: u32) -> bool {
    id != std::process::id() && Path::new("/proc").join(id.to_string()).exists()
}
