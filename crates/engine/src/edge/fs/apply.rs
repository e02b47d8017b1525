//! Applies plans to a workspace.
//!
//! In this order: save the old state as a generation, write the next lock beside the old one, change the files, verify the
//! shared files, rename the next lock over the old one. A shared file also holds bytes of a person: its new content is
//! written and flushed before anything is renamed. Other files can be rendered again and are not flushed.

use std::collections::{BTreeSet, VecDeque};
use std::fs::File;
use std::io::{ErrorKind, Write};

use super::destination::Destination;
use super::generations::{Backup, Generations};
use super::read::contents;
use super::write::{Attributes, TempFile, mode_of, write_temp};
use super::{FolderState, FsError, Root};
use crate::edge::open_folder::OpenFile;
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
    pub fn snapshot(&mut self, plans: &[&Plan], digests: &mut DigestCache) -> Generation {
        let mode = |path: &RepoPath| {
            let file = self.target(path).ok().and_then(|to| to.folder.file(&to.name).ok());
            file.and_then(|file| mode_of(&file).ok()).unwrap_or(0o644)
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
        let mut prepared = VecDeque::new();
        let replaced = self
            .prepare_all(changes().filter(shared), &mut prepared)
            .and_then(|()| self.replace_all(&mut prepared));
        if let Err(error) = replaced {
            self.abandon(prepared);
            return Err(error);
        }
        let making_room = making_room(plans);
        let makes_room = |change: &&FileChange| making_room.contains(&change.path);
        for change in changes().filter(makes_room) {
            self.change(change)?;
            // The path of a file may be that of a folder now, and the other way round.
            self.forget_folders();
        }
        let rest = changes().filter(|change| !shared(change) && !makes_room(change));
        let grouped = self.group(rest)?;
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
                    let to = self.target(&change.path)?;
                    self.step("write", &to.place)?;
                    let place = to.place.clone();
                    let open = to.folder.regular(&to.name).ok().flatten();
                    let attributes = match &open {
                        Some(OpenFile { file, .. }) => {
                            Attributes::Of { file, executable: None, mode: Some(before.mode) }
                        }
                        None => Attributes::Mode(before.mode),
                    };
                    let temp = write_temp(to, &before.bytes, attributes)?;
                    self.step("flush", &place)?;
                    temp.sync()?;
                    self.step("replace", &place)?;
                    temp.rename()?;
                }
                None => {
                    self.step("remove", &self.join(&change.path))?;
                    self.remove(&change.path)?;
                    self.remove_empty_folders(&change.path)?;
                }
            }
        }
        for plan in plans.iter().filter(|plan| !plan.lock.file.is_empty()) {
            let pending = self.pending(&plan.lock)?;
            self.step("remove", &pending.place)?;
            pending.remove()?;
        }
        Ok(())
    }

    /// Writes and flushes the new content of all these files to temporary files.
    fn prepare_all<'p>(
        &mut self,
        changes: impl Iterator<Item = &'p FileChange>,
        prepared: &mut VecDeque<(&'p RepoPath, TempFile<'p>)>,
    ) -> Result<(), FsError> {
        for change in changes {
            if let Action::Update { before, bytes, executable, .. } = &change.action {
                let temp = self.prepare(&change.path, before, bytes, (*executable, change.mode))?;
                prepared.push_back((&change.path, temp));
            }
        }
        for (path, temp) in prepared {
            self.step("flush", &self.join(path))?;
            temp.sync()?;
        }
        Ok(())
    }

    /// Renames temporary files over the files that they replace. On failure, the remaining ones are left in `prepared`.
    fn replace_all(
        &self,
        prepared: &mut VecDeque<(&RepoPath, TempFile<'_>)>,
    ) -> Result<(), FsError> {
        while let Some((path, temp)) = prepared.pop_front() {
            self.step("replace", &self.join(path))?;
            temp.rename()?;
        }
        Ok(())
    }

    /// Removes temporary files; not when a killed process is simulated.
    fn abandon(&self, prepared: VecDeque<(&RepoPath, TempFile<'_>)>) {
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
        let pending = self.pending(lock)?;
        let failed = |source| FsError::new("write", &pending.place, source);
        if lock.leftover {
            self.step("remove", &pending.place)?;
            pending.remove()?;
        }
        self.step("create", &pending.place)?;
        let mut file = pending.folder.create(&pending.name, 0o666).map_err(failed)?;
        // The lock keeps its owner, and it is this file that will be the lock.
        if lock.before.is_some()
            && let Ok(Some(old)) = pending.folder.regular(&lock.file)
        {
            Attributes::of(&old.file, None).set(&file).map_err(failed)?;
        }
        self.step("write", &pending.place)?;
        file.write_all(lock.next.as_bytes()).map_err(failed)?;
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
        let (own, pending) = (self.own_or_fail(&lock.file)?, self.pending(lock)?);
        if lock.remove_when_empty {
            for file in [&own, &pending] {
                self.step("remove", &file.place)?;
                file.remove()?;
            }
            return Ok(());
        }
        if nothing {
            if !lock.is_next() {
                self.write_own(&lock.file, &lock.next)?;
            }
            if lock.leftover {
                self.step("remove", &pending.place)?;
                pending.remove()?;
            }
            return Ok(());
        }
        self.step("replace", &own.place)?;
        match own.folder.rename(&pending.name, &own.name) {
            // The lock is a mount point: it is written in place, and flushed.
            Err(error) if error.kind() == ErrorKind::ResourceBusy => {
                self.write_own(&lock.file, &lock.next)?;
                pending.remove()
            }
            renamed => renamed.map_err(|source| FsError::new("replace", &own.place, source)),
        }
    }

    fn pending(&self, lock: &LockChange) -> Result<Destination, FsError> {
        self.own_or_fail(&format!("{}{PENDING_SUFFIX}", lock.file))
    }

    fn own_or_fail(&self, name: &str) -> Result<Destination, FsError> {
        self.own(name).map_err(|source| FsError::new("write", &self.path.join(name), source))
    }

    fn write_own(&self, name: &str, text: &str) -> Result<(), FsError> {
        let to = self.own_or_fail(name)?;
        let place = to.place.clone();
        self.step("write", &place)?;
        let old = to.folder.regular(name).ok().flatten();
        let attributes = match &old {
            Some(OpenFile { file, .. }) => Attributes::of(file, None),
            None => Attributes::New { executable: false },
        };
        let temp = write_temp(to, text.as_bytes(), attributes)?;
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
                let attributes = match change.mode {
                    Some(mode) => Attributes::Mode(mode),
                    None => Attributes::New { executable: *executable },
                };
                let to = self.at(&change.path);
                let to = to.map_err(|source| FsError::new("write", &place, source))?;
                let temp = write_temp(to, bytes, attributes)?;
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
                self.remove(&change.path)?;
                self.remove_empty_folders(&change.path)
            }
        }
    }

    /// Writes the new content of a file to a temporary file. `mode` is the executable bit, and all permission bits when known.
    ///
    /// Fails when the file no longer has the bytes that the plan is based on.
    fn prepare<'b>(
        &mut self,
        path: &RepoPath,
        before: &[u8],
        bytes: &'b [u8],
        (executable, mode): (Option<bool>, Option<u32>),
    ) -> Result<TempFile<'b>, FsError> {
        let (to, file) = self.unchanged(path, before, "replace")?;
        self.step("write", &to.place)?;
        write_temp(to, bytes, Attributes::Of { file: &file, executable, mode })
    }

    /// Returns the file to write for a path: the path, or the target of a symbolic link that may be followed.
    fn target(&mut self, path: &RepoPath) -> Result<Destination, FsError> {
        let place = self.join(path);
        let to = self
            .followed(path)
            .map_err(|reason| FsError::refused("replace", &place, format!("it {reason}")))?;
        self.at(&to).map_err(|source| FsError::new("replace", &place, source))
    }

    /// Removes a file; of a symbolic link, the link. Succeeds when there is none.
    fn remove(&mut self, path: &RepoPath) -> Result<(), FsError> {
        match self.at(path) {
            Ok(file) => file.remove(),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(FsError::new("remove", &self.join(path), error)),
        }
    }

    /// Fails for a path that claude-env never writes.
    pub(super) fn check(&self, path: &RepoPath, doing: &'static str) -> Result<(), FsError> {
        if is_forbidden(path) {
            let reason = "claude-env never writes there".to_owned();
            return Err(FsError::refused(doing, &self.join(path), reason));
        }
        Ok(())
    }

    /// Returns a file that is as a plan found it, and the file itself, open for reading. Fails when it is not.
    fn unchanged(
        &mut self,
        path: &RepoPath,
        before: &[u8],
        doing: &'static str,
    ) -> Result<(Destination, File), FsError> {
        self.check(path, doing)?;
        let to = self.target(path)?;
        if let Ok(Some(OpenFile { file, len, .. })) = to.folder.regular(&to.name)
            && len == before.len() as u64
            && contents(&file, len).is_ok_and(|bytes| bytes == before)
        {
            return Ok((to, file));
        }
        let reason = "it was changed by someone else just now; run again".to_owned();
        Err(FsError::refused(doing, &self.join(path), reason))
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
            let (above, name) = relative.rsplit_once('/').unwrap_or(("", relative));
            if let Err(error) = self.near(above).and_then(|above| above.make_folder(name)) {
                // Another process may have created it: check whether it is a folder.
                self.forget_folders();
                if error.kind() != ErrorKind::AlreadyExists
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
            let (above, name) = relative.rsplit_once('/').unwrap_or(("", relative));
            self.step("remove the folder", &self.path.join(relative))?;
            if self.near(above).and_then(|above| above.remove_folder(name)).is_err() {
                break;
            }
            self.forget_folders();
            parent = relative.rsplit_once('/').map(|(above, _)| above);
        }
        Ok(())
    }
}

/// Returns the files that are removed to make room: one whose path becomes a folder, or that lies below a new file.
fn making_room<'p>(plans: &[&'p Plan]) -> BTreeSet<&'p RepoPath> {
    let changes = || plans.iter().flat_map(|plan| &plan.changes);
    let is_new = |change: &&FileChange| matches!(change.action, Action::Create { .. });
    let new: BTreeSet<&str> = changes().filter(is_new).map(|it| it.path.as_str()).collect();
    let makes_room = |path: &RepoPath| {
        let path = path.as_str();
        let below = format!("{path}/");
        let becomes_a_folder =
            new.range(below.as_str()..).next().is_some_and(|new| new.starts_with(&below));
        let above = |(at, _)| path.get(..at).is_some_and(|above| new.contains(above));
        becomes_a_folder || path.match_indices('/').any(above)
    };
    changes()
        .filter(|change| matches!(change.action, Action::Delete { .. }))
        .map(|change| &change.path)
        .filter(|path| makes_room(path))
        .collect()
}
