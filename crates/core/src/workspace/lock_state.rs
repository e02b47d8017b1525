//! The lock of a workspace as it is found: finished, or with what an interrupted run left.

use super::lock::{Lock, LockError, PENDING_SUFFIX};
use crate::source::RepoPath;

/// What earlier runs left: the lock, and the pending lock of an interrupted run.
#[derive(Clone, Debug, Default)]
pub struct LockState {
    /// What the last finished run wrote; empty if there is no lock.
    pub applied: Lock,
    /// The complete pending lock of an interrupted run; `None` if there is none.
    pub pending: Option<Lock>,
    /// The text of the lock file; `None` if it does not exist.
    pub(super) text: Option<String>,
    /// Whether a pending lock exists, complete or not.
    pub(super) leftover: bool,
    /// Whether the lock is that of a finished sync of the current rendering.
    current: bool,
    file: String,
}

impl LockState {
    /// Reads the lock `file` from its bytes and those of the pending lock (see [`PENDING_SUFFIX`]); `None` for a file that
    /// does not exist.
    ///
    /// `expected` returns the lock of a finished sync of the current rendering. It is called only if there is a lock; when
    /// the texts are equal, nothing is parsed. An incomplete pending lock means that nothing had been applied yet.
    ///
    /// Fails when a lock is not UTF-8 or [`Lock::parse`] fails.
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
            applied: parsed,
            pending: unfinished,
            text: text.map(str::to_owned),
            leftover: pending.is_some(),
            current,
            file: file.to_owned(),
        })
    }

    /// Returns true if the last sync finished and wrote the current rendering.
    pub fn is_current(&self) -> bool {
        self.current && !self.leftover
    }

    /// Returns true if there is a lock.
    pub fn has_lock(&self) -> bool {
        self.text.is_some()
    }

    /// Returns true if an apply was interrupted.
    pub fn is_interrupted(&self) -> bool {
        self.leftover
    }

    /// Returns the name of the lock file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Returns true if there is a lock or a pending lock.
    pub fn has_lock_or_pending(&self) -> bool {
        self.text.is_some() || self.leftover
    }

    /// Returns the part of both locks for some files.
    pub fn only(&self, keep: impl Fn(&RepoPath) -> bool) -> Self {
        Self {
            applied: self.applied.only(&keep),
            pending: self.pending.as_ref().map(|lock| lock.only(&keep)),
            text: self.text.clone(),
            leftover: self.leftover,
            current: false,
            file: self.file.clone(),
        }
    }

    /// Returns the files that either lock names, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &RepoPath> {
        let paths = self.applied.paths().chain(self.pending.iter().flat_map(Lock::paths));
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
