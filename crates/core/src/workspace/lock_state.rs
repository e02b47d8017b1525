//! The lock of a workspace as it is found: finished, or with what an interrupted run left.

use super::lock::{Lock, LockError, PENDING_SUFFIX};
use crate::source::RepoPath;

/// What is known of earlier runs: the lock, and what an interrupted run was about to make of it.
#[derive(Clone, Debug, Default)]
pub struct LockState {
    pub lock: Lock,
    pub pending: Option<Lock>,
    /// What the lock file holds now; `None` when it is not there.
    pub(super) text: Option<String>,
    /// Whether there is a pending file, if only an unfinished one.
    pub(super) leftover: bool,
    /// Whether the lock file is what a finished sync of the current rendering leaves.
    current: bool,
    file: String,
}

impl LockState {
    /// Reads the lock `file` from its bytes, and from those of its pending twin (see [`PENDING_SUFFIX`]) if a run was
    /// interrupted.
    ///
    /// `expected` gives the lock that a finished sync of the current rendering leaves, and is asked only where there is a lock:
    /// where the text equals its text, nothing is parsed. A pending file that was not written to its end means that nothing had been applied yet.
    pub fn read(
        file: &str,
        lock: Option<&[u8]>,
        pending: Option<&[u8]>,
        expected: impl FnOnce() -> Lock,
    ) -> Result<Self, LockError> {
        let text = lock.map(|bytes| utf8(file, bytes)).transpose()?;
        let expected = text.map(|_| expected()).filter(|lock| Some(&*lock.to_text()) == text);
        let current = expected.is_some();
        let parsed = match (text, expected) {
            (None, _) => Lock::default(),
            (Some(_), Some(expected)) => expected,
            (Some(text), None) => Lock::parse(file, text)?,
        };
        let name = format!("{file}{PENDING_SUFFIX}");
        let unfinished = match pending.and_then(|bytes| str::from_utf8(bytes).ok()) {
            Some(text) if Lock::is_complete(text) => Some(Lock::parse(&name, text)?),
            _ => None,
        };
        Ok(Self {
            lock: parsed,
            pending: unfinished,
            text: text.map(str::to_owned),
            leftover: pending.is_some(),
            current,
            file: file.to_owned(),
        })
    }

    /// Whether the last sync was finished, and was one of the current rendering.
    pub fn is_current(&self) -> bool {
        self.current && !self.leftover
    }

    /// Whether there is a lock.
    pub fn has_lock(&self) -> bool {
        self.text.is_some()
    }

    /// Whether an apply did not come to its end.
    pub fn is_interrupted(&self) -> bool {
        self.leftover
    }

    /// The name of the lock file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Whether there is a lock, or what an interrupted run left of one.
    pub fn has_lock_or_pending(&self) -> bool {
        self.text.is_some() || self.leftover
    }

    /// The part that is about some files.
    pub fn only(&self, keep: impl Fn(&RepoPath) -> bool) -> Self {
        Self {
            lock: self.lock.only(&keep),
            pending: self.pending.as_ref().map(|lock| lock.only(&keep)),
            text: self.text.clone(),
            leftover: self.leftover,
            current: false,
            file: self.file.clone(),
        }
    }

    /// The files that either lock knows, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &RepoPath> {
        let paths = self.lock.paths().chain(self.pending.iter().flat_map(Lock::paths));
        paths.collect::<std::collections::BTreeSet<_>>().into_iter()
    }
}

fn utf8<'t>(file: &str, bytes: &'t [u8]) -> Result<&'t str, LockError> {
    str::from_utf8(bytes).map_err(|error| LockError::Corrupt {
        file: file.to_owned(),
        line: memchr::memchr_iter(b'\n', bytes.get(..error.valid_up_to()).unwrap_or_default())
            .count()
            + 1,
        message: "not a lock: the file is not UTF-8".to_owned(),
    })
}
