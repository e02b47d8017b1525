//! A lock that lets one process at a time write to a folder.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use super::FsError;
use crate::edge::open_folder::OpenFolder;

/// How long to wait for another writer; zero means not to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait(pub Duration);

impl Default for Wait {
    /// Returns 60 s: longer than any run takes.
    fn default() -> Self {
        Self(Duration::from_secs(60))
    }
}

/// Waits for the lock on a folder, and holds it until the result is dropped.
///
/// `None` when the system has no such locks. The system releases the lock when the process ends, in any way. Fails when
/// another process holds the lock for longer than `wait`.
pub fn lock_folder(folder: &Path, wait: Wait) -> Result<Option<File>, FsError> {
    let Ok(file) = OpenFolder::lockable(folder) else { return Ok(None) };
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::Error(_)) => return Ok(None),
            Err(TryLockError::WouldBlock) => {}
        }
        let left = wait.0.saturating_sub(start.elapsed());
        if left.is_zero() {
            return Err(FsError::busy(folder, wait.0));
        }
        std::thread::sleep(pause.min(left));
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_writer_waits_no_longer_than_it_is_told() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let first = lock_folder(folder.path(), Wait(Duration::ZERO)).expect("nobody else");
        assert!(first.is_some());
        for wait in [Duration::ZERO, Duration::from_millis(20)].map(Wait) {
            let error = lock_folder(folder.path(), wait).expect_err("somebody else");
            assert!(error.is_busy() && error.hint().is_some(), "{error}");
        }
        let path = folder.path().to_owned();
        let second = std::thread::spawn(move || lock_folder(&path, Wait::default()));
        drop(first);
        assert!(second.join().expect("no panic").expect("its turn").is_some());
    }
}
