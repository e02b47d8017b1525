//! What a plan does with the lock.

/// What happens to the lock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockChange {
    /// The name of the lock file, at the root of the workspace. Empty when no lock is kept.
    pub file: String,
    /// What the lock file holds now.
    pub before: Option<String>,
    /// What it holds after the apply.
    pub next: String,
    /// What it has to hold before this apply begins, because an interrupted one came between.
    pub recovered: Option<String>,
    /// Whether an interrupted apply left its pending lock behind.
    pub leftover: bool,
    /// Whether the lock goes once the files are as `next` says, because nothing is left that it would name.
    pub remove_when_empty: bool,
    /// The folders in which an interrupted apply may have left temporary files.
    pub sweep: Vec<String>,
}

impl LockChange {
    /// Whether the lock is, and stays, as it is.
    pub fn is_noop(&self) -> bool {
        self.file.is_empty() || (!self.leftover && self.is_next())
    }

    /// Whether the lock file is now what it is to be in the end.
    pub fn is_next(&self) -> bool {
        self.before.as_ref() == Some(&self.next).filter(|_| !self.remove_when_empty)
    }
}
