//! The metadata of a path.

use std::fmt;

/// What is at a path, as far as its metadata tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileStamp {
    /// Nothing exists there.
    Missing,
    /// A folder with this inode number, whatever its content.
    Folder(u64),
    /// A file, a link or a folder, with the metadata that changes when it does.
    Full(Stat),
}

/// The metadata of a file, a link or a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// The file type and the permission bits (`st_mode`).
    pub mode: u32,
    /// The size in bytes.
    pub size: u64,
    /// When the content changed (`mtime`). Whoever may write the file may set this to anything.
    pub modified: Timestamp,
    /// When content or metadata changed (`ctime`). Only the system sets this.
    pub changed: Timestamp,
    /// The inode number.
    pub inode: u64,
}

/// A time since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp {
    /// Whole seconds.
    pub seconds: i64,
    /// Nanoseconds after the second.
    pub nanos: i64,
}

/// How far the timestamp of a file may be behind the clock, in nanoseconds: systems count in steps of up to 10 ms.
const STEP_NANOS: i64 = 100_000_000;
/// The same in seconds, for file systems with a resolution of one or two seconds.
const COARSE_SECONDS: i64 = 3;

impl FileStamp {
    /// Returns true for a symbolic link, by the file type in the mode.
    pub fn is_link(self) -> bool {
        matches!(self, FileStamp::Full(stat) if stat.mode & 0o170_000 == 0o120_000)
    }

    /// Returns true if a change after `moment` would be visible in the metadata. Creation and deletion always are.
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
        // Two numbers, not a fraction: nanoseconds are not padded.
        write!(f, "{}.{}", self.seconds, self.nanos)
    }
}

impl Stat {
    /// Returns true for a folder, by the file type in the mode.
    pub fn is_folder(&self) -> bool {
        self.mode & 0o170_000 == 0o040_000
    }

    /// Parses the metadata at the start of a line, and returns the rest of the line; `None` if it is not in this format.
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
