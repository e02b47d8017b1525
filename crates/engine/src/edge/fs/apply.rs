//! Carrying out a plan.
//!
//! In this order: the next lock beside the old one, the files, the next lock over the old one. What also holds a person's
//! bytes is written and flushed before anything is renamed; what is ours alone can be rendered again and is not flushed.
//! Before all of that the old state is put away as a generation, and at the end, before the lock is renamed, what people write
//! too is read back.

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
    /// What some plans are about to change, as it is now.
    pub fn snapshot(&self, plans: &[&Plan], digests: &mut DigestCache) -> Generation {
        let mode = |path: &RepoPath| {
            let meta = self.target(path).and_then(|place| {
                fs::metadata(&place).map_err(|source| FsError::new("read", &place, source))
            });
            meta.map_or(0o644, |meta| mode_of(&meta))
        };
        Generation::of(plans, mode, digests)
    }

    /// Saves what was remembered as a generation. Where that is not allowed, an apply that does not depend on it goes on
    /// without. `continued` says that an interrupted apply is being finished.
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

    /// Carries out plans together. After an error, or when the process is killed, the next plans put things right.
    ///
    /// A file that was changed since the plan was made is not overwritten: that is an error. Where the files are read back,
    /// `check` has what was remembered of these plans, and who has to accept the files: if what people write too is not as
    /// it was written, it is put back, with everything else.
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

    /// Reads back what was written into files that people write too. Says which file is wrong, and how.
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

    /// Puts everything back that plans have changed, but for what somebody else has changed again.
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

    /// Writes and flushes the new bytes of all these files.
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

    /// Takes prepared files away again, as a process that was killed could not.
    fn abandon(&self, prepared: Vec<(&RepoPath, TempFile)>) {
        if self.fail_after.get() == Some(0) {
            return;
        }
        for (_, temp) in prepared {
            temp.discard();
        }
    }

    /// Writes the next lock beside the old one, where files are going to change.
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

    /// Makes the next lock the lock.
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

    /// Writes the new bytes of a file beside it, once it is sure that the old ones are still those of the plan. `mode` is the
    /// executable bit that is wanted, and all bits where they are known.
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

    /// The file that is written for a path: itself, or what a link that may be followed stands for.
    fn target(&self, path: &RepoPath) -> Result<PathBuf, FsError> {
        let place = self.join(path);
        let link = fs::symlink_metadata(&place).is_ok_and(|meta| meta.is_symlink());
        if !link {
            return Ok(place);
        }
        self.link_target(path)
            .map_err(|reason| FsError::refused("replace", &place, format!("it {reason}")))
    }

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

    /// Makes the folders above a file, one checked step at a time.
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
                // Another process may have made it; whether it is a folder is looked at again.
                self.forget_folders();
                if error.kind() != io::ErrorKind::AlreadyExists
                    || self.folder(relative) != FolderState::Present
                {
                    return Err(FsError::new("make the folder", &full, error));
                }
            }
            self.folders.insert(relative.to_owned(), FolderState::Present);
        }
        // What was said to be missing below these folders is looked at again.
        self.folders.retain(|_, folder| *folder == FolderState::Present);
        Ok(())
    }

    /// Removes the folders above a removed file, as far as nothing is left in them.
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

    /// Removes temporary files and folders of killed processes from the folders that are written to, and from those above.
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

/// Whether a process, other than this one, is running. Where that cannot be told, none is.
fn is_running(id: u32) -> bool {
    id != std::process::id() && Path::new("/proc").join(id.to_string()).exists()
}
