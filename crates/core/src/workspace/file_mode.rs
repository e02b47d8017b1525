//! Executable bits where the file system does not store them: git then has `core.fileMode = false`.

use super::actual::ActualFile;
use super::digest::Digest;
use super::entry::EntryKey;
use super::side::Side;
use crate::render::Part;
use crate::source::RepoPath;

impl Side<'_> {
    /// Returns true if a file has another executable bit than configured or last written.
    pub fn has_other_modes(&self) -> bool {
        self.other_modes().next().is_some()
    }

    /// Takes the executable bit of each such file as configured or last written.
    pub fn ignore_modes(&mut self) {
        let paths: Vec<RepoPath> = self.other_modes().cloned().collect();
        for path in paths {
            self.actual.toggle_mode(&path);
        }
    }

    /// Returns the files with another executable bit.
    fn other_modes(&self) -> impl Iterator<Item = &RepoPath> {
        let desired = self.desired.files().iter().filter(|desired| {
            let whole = matches!(desired.file.part, Part::Whole { .. });
            let found = self.actual.get(&desired.file.path);
            matches!(found, ActualFile::Bytes { executable, .. }
                if whole && *executable != desired.executable())
        });
        let orphans = self.lock.applied.paths().filter(|path| {
            let written = self.lock.applied.get(path, &EntryKey::File);
            let ActualFile::Bytes { bytes, executable } = self.actual.get(path) else {
                return false;
            };
            written.is_some_and(|written| {
                self.desired.get(path).is_none()
                    && written != Digest::of_file(bytes, *executable)
                    && written == Digest::of_file(bytes, !executable)
            })
        });
        desired.map(|desired| &desired.file.path).chain(orphans)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{
        Actual, Class, Desired, DigestCache, Header, LOCK_FILE, Lock, LockState, Policy,
    };
    use super::*;
    use crate::render::{RenderedFile, Rendering};

    const SCRIPT: &str = ".claude/hooks/guard.sh";

    fn rendering(executable: bool) -> Rendering {
        let path = RepoPath::parse(SCRIPT).expect("a path");
        let part = Part::Whole { bytes: Arc::from(&b"#!/bin/sh\n"[..]), executable };
        Rendering { files: vec![RenderedFile { path, part, origins: Arc::default() }] }
    }

    /// The class of the script before and after its mode was ignored.
    fn classes(wanted: &Rendering, bytes: &[u8], executable: bool) -> [Option<Class>; 2] {
        let was = rendering(true);
        let lock = Lock::of(Header::default(), &Desired::new(&was, &mut DigestCache::default()));
        let text = lock.to_text();
        let side = || {
            let lock = LockState::read(LOCK_FILE, Some(text.as_bytes()), None, Lock::default);
            let desired = Desired::new(wanted, &mut DigestCache::default());
            let lock = lock.expect("a lock");
            Side::new(desired, lock, &[], Policy::Keep, |paths| {
                let file = ActualFile::Bytes { bytes: bytes.to_vec(), executable };
                paths.into_iter().map(|path| (path, file.clone())).collect::<Actual>()
            })
        };
        let class = |side: &Side<'_>| side.comparison().states.first().map(|state| state.class);
        let (as_found, mut ignored) = (side(), side());
        ignored.ignore_modes();
        assert!(!ignored.has_other_modes());
        [class(&as_found), class(&ignored)]
    }

    #[test]
    fn without_modes_a_lost_executable_bit_is_no_drift() {
        let (executable, nothing) = (rendering(true), Rendering::default());
        let script = b"#!/bin/sh\n";
        let drift = [Some(Class::Drift), Some(Class::Clean)];
        assert_eq!(classes(&executable, script, false), drift);
        assert_eq!(classes(&executable, script, true), [Some(Class::Clean); 2]);
        assert_eq!(classes(&executable, b"mine", false), [Some(Class::Drift); 2]);
        let orphan = [Some(Class::OrphanDrifted), Some(Class::Orphan)];
        assert_eq!(classes(&nothing, script, false), orphan);
    }
}
