//! What the system says of a path.

use std::fmt;

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileStamp {
    Missing,
    /// This folder, whatever is in it.
    Folder(u64),
    /// A file, a link or a folder, with all that would change if it did.
    Full(Stat),
}

/// What the system says of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// What it is, and its permissions.
    pub mode: u32,
    pub size: u64,
    /// When its content was changed. Whoever may write it may set this to anything.
    pub modified: Timestamp,
    /// When anything of it was changed. Only the system sets this.
    pub changed: Timestamp,
    pub inode: u64,
}

/// A time, by a file system's clock or by ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp {
    pub seconds: i64,
    pub nanos: i64,
}

/// How far a file's time may lie behind the clock: systems count it in steps of up to 10 ms.
const STEP_NANOS: i64 = 100_000_000;
/// The same for a file system that counts in seconds, or in two.
const COARSE_SECONDS: i64 = 3;

impl FileStamp {
    /// Whether this is a symbolic link, by the type that a Unix mode holds.
    pub fn is_link(self) -> bool {
        matches!(self, FileStamp::Full(stat) if stat.mode & 0o170_000 == 0o120_000)
    }

    /// Whether a change since a moment would have to show. Where something appears or vanishes, it does.
    pub fn is_older_than(self, moment: Timestamp) -> bool {
        match self {
            FileStamp::Missing | FileStamp::Folder(_) => true,
            FileStamp::Full(stat) => {
                let changed = stat.changed;
                let coarse = changed.nanos == 0 && stat.modified.nanos == 0;
                changed
                    < if coarse {
                        moment.before(COARSE_SECONDS, 0)
                    } else {
                        moment.before(0, STEP_NANOS)
                    }
            }
        }
    }
}

impl Timestamp {
    fn before(self, seconds: i64, nanos: i64) -> Self {
        let (seconds, nanos) = (self.seconds.saturating_sub(seconds), self.nanos - nanos);
        match nanos < 0 {
            true => Self { seconds: seconds.saturating_sub(1), nanos: nanos + 1_000_000_000 },
            false => Self { seconds, nanos },
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (seconds, nanos) = text.split_once('.')?;
        Some(Self { seconds: seconds.parse().ok()?, nanos: nanos.parse().ok()? })
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Two numbers, and no fraction: nanoseconds are not padded.
        write!(f, "{}.{}", self.seconds, self.nanos)
    }
}

impl Stat {
    /// Whether this is a folder, by the type that a Unix mode holds.
    pub fn is_folder(&self) -> bool {
        self.mode & 0o170_000 == 0o040_000
    }

    /// Reads a stat from the start of a line; the rest comes with it.
    pub(super) fn parse(text: &str) -> Option<(Self, &str)> {
        let mut parts = text.splitn(6, ' ');
        let stat = Self {
            mode: parts.next()?.parse().ok()?,
            size: parts.next()?.parse().ok()?,
            modified: Timestamp::parse(parts.next()?)?,
            changed: Timestamp::parse(parts.next()?)?,
            inode: parts.next()?.parse().ok()?,
        };
        Some((stat, parts.next()?))
    }
}

impl fmt::Display for Stat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stat { mode, size, modified, changed, inode } = self;
        write!(f, "{mode} {size} {modified} {changed} {inode}")
    }
}
