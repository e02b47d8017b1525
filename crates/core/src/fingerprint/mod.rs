//! Fingerprints: everything that a workspace's files depend on, recorded when a sync found nothing to do.
//!
//! ```text
//! claude-env stamp 1
//! = KEY VALUE                                  a value that must be equal, such as the program and the user's folders
//! told DIGEST [clean]                          what was last reported as left unchanged; whether nothing differed
//! mirror FOLDER                                a mirror that must be fresh enough
//! s MODE SIZE MTIME CTIME INODE PATH           a file, a link or a folder, with all its metadata
//! d INODE PATH                                 a folder, whatever its content
//! n PATH                                       a path where nothing exists
//! r TEXT<TAB>PATH                              a short file by its text; `-` if it does not exist
//! end SUM
//! ```
//! The upper-case letters `S`, `D` and `N` follow a symbolic link. Nothing is escaped: values with a line break are not
//! recorded.
//!
//! A fingerprint means "nothing to do" only while every line still holds. When one cannot be read or parsed, or another
//! program wrote it, everything is compared.

mod file_stamp;
#[cfg(test)]
mod tests;

pub use file_stamp::{FileStamp, Stat, Timestamp};

use std::fmt::Write;

/// The first line, with the format version.
const FIRST: &str = "claude-env stamp 1";
/// The suffix of the second line when nothing differed.
const CLEAN: &str = " clean";
/// The text for a short file that does not exist.
const NO_TEXT: &str = "-";
/// The only dependency of a fingerprint that records nothing but what was reported; it never holds.
const VOLATILE: (&str, &str) = ("settled", "no");

/// Something that the result of a sync depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dependency<'t> {
    /// A key and a value that does not come from a file.
    Value(&'t str, &'t str),
    /// The mirror in this folder must be fresh enough.
    Fresh(&'t str),
    /// The metadata of a path.
    Path {
        /// The path; relative to the root of the workspace, or absolute.
        path: &'t str,
        /// Whether symbolic links are followed.
        follow: bool,
        /// What was there.
        seen: FileStamp,
    },
    /// The text of a short file.
    Text {
        /// The path; relative to the root of the workspace, or absolute.
        path: &'t str,
        /// The text without surrounding whitespace; `None` if the file does not exist.
        text: Option<&'t str>,
    },
}

/// A fingerprint that was read.
#[derive(Clone, Copy, Debug)]
pub struct Fingerprint<'t> {
    reported: &'t str,
    clean: bool,
    body: &'t str,
}

impl<'t> Fingerprint<'t> {
    /// Parses a fingerprint; `None` if it is damaged or of another version.
    pub fn parse(text: &'t str) -> Option<Self> {
        let (body, sum) = text.strip_suffix('\n')?.rsplit_once("\nend ")?;
        if u64::from_str_radix(sum, 16).ok()? != checksum(body.as_bytes()) {
            return None;
        }
        let body = body.strip_prefix(FIRST)?.strip_prefix('\n')?;
        let (reported, body) = body.split_once('\n').unwrap_or((body, ""));
        let reported = reported.strip_prefix("told ")?;
        let (reported, clean) = match reported.strip_suffix(CLEAN) {
            Some(reported) => (reported, true),
            None => (reported, false),
        };
        Some(Self { reported, clean, body })
    }

    /// Returns the digest of what was last reported as left unchanged.
    pub fn reported(&self) -> &'t str {
        self.reported
    }

    /// Returns true if nothing in the workspace differed from the configuration.
    pub fn is_clean(&self) -> bool {
        self.clean
    }

    /// Returns everything that must still hold; `None` for a line that cannot be parsed.
    pub fn dependencies(&self) -> impl Iterator<Item = Option<Dependency<'t>>> + use<'t> {
        self.body.lines().map(dependency)
    }
}

fn dependency(line: &str) -> Option<Dependency<'_>> {
    let (kind, rest) = line.split_once(' ')?;
    let path = |follow: bool, (seen, path): (FileStamp, _)| Dependency::Path { path, follow, seen };
    Some(match kind {
        "=" => {
            let (key, value) = rest.split_once(' ')?;
            Dependency::Value(key, value)
        }
        "mirror" => Dependency::Fresh(rest),
        "n" | "N" => path(kind == "N", (FileStamp::Missing, rest)),
        "d" | "D" => {
            let (inode, rest) = rest.split_once(' ')?;
            path(kind == "D", (FileStamp::Folder(inode.parse().ok()?), rest))
        }
        "s" | "S" => {
            let (stat, rest) = Stat::parse(rest)?;
            path(kind == "S", (FileStamp::Full(stat), rest))
        }
        "r" => {
            let (text, path) = rest.split_once('\t')?;
            Dependency::Text { path, text: (text != NO_TEXT).then_some(text) }
        }
        _ => return None,
    })
}

/// Collects the dependencies of a fingerprint.
#[derive(Clone, Debug)]
pub struct FingerprintBuilder {
    text: String,
    /// A time at which none of the dependencies had been read yet.
    began: Timestamp,
    /// Whether the next run may rely on it.
    cacheable: bool,
}

impl FingerprintBuilder {
    /// Starts a fingerprint of what is read from `began` on. `reported` is the digest of what was reported as left
    /// unchanged, and `clean` tells whether nothing differs from the configuration.
    pub fn new(began: Timestamp, reported: &str, clean: bool) -> Self {
        let clean = if clean { CLEAN } else { "" };
        Self { text: format!("{FIRST}\ntold {reported}{clean}\n"), began, cacheable: true }
    }

    /// Marks the result as volatile: the next run must compare everything again.
    pub fn mark_volatile(&mut self) {
        self.cacheable = false;
    }

    /// Records a value that must be equal.
    pub fn value(&mut self, key: &str, value: &str) {
        self.line(format_args!("= {key} "), value);
    }

    /// Records a mirror that must be fresh enough.
    pub fn fresh(&mut self, folder: &str) {
        self.line(format_args!("mirror "), folder);
    }

    /// Records the metadata of a path.
    ///
    /// A file that changed at about the time of the first read, or later, may change again without a new timestamp, since
    /// timestamps have a limited resolution. Then the result is volatile.
    pub fn path(&mut self, path: &str, follow: bool, seen: FileStamp) {
        self.cacheable &= seen.is_older_than(self.began);
        let kind = |lower: char| if follow { lower.to_ascii_uppercase() } else { lower };
        match seen {
            FileStamp::Missing => self.line(format_args!("{} ", kind('n')), path),
            FileStamp::Folder(inode) => self.line(format_args!("{} {inode} ", kind('d')), path),
            FileStamp::Full(stat) => self.line(format_args!("{} {stat} ", kind('s')), path),
        }
    }

    /// Records the text of a short file; `None` if it does not exist.
    pub fn text(&mut self, path: &str, text: Option<&str>) {
        match text {
            None => self.line(format_args!("r {NO_TEXT}\t"), path),
            Some(text) if text.contains(['\n', '\t']) || text == NO_TEXT => self.mark_volatile(),
            Some(text) => self.line(format_args!("r {text}\t"), path),
        }
    }

    /// Returns the text of the fingerprint.
    pub fn finish(mut self) -> String {
        if !self.cacheable {
            // Keeps only what was reported.
            let end = self.text.match_indices('\n').nth(1).map_or(0, |(at, _)| at + 1);
            self.text.truncate(end);
            let (key, value) = VOLATILE;
            self.value(key, value);
        }
        sealed(self.text)
    }

    fn line(&mut self, start: std::fmt::Arguments<'_>, rest: &str) {
        if rest.contains(['\n', '\r']) {
            self.cacheable = false;
            return;
        }
        let _ = writeln!(self.text, "{start}{rest}");
    }
}

/// Appends the last line, with the checksum.
pub fn sealed(mut text: String) -> String {
    let sum = checksum(text.trim_end_matches('\n').as_bytes());
    // Writing to a String cannot fail.
    let _ = writeln!(text, "end {sum:016x}");
    text
}

/// Computes a digest of lines, to tell whether they are the same.
pub fn digest<'l>(lines: impl IntoIterator<Item = &'l str>) -> String {
    let mut text = String::new();
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    if text.is_empty() {
        "nothing".to_owned()
    } else {
        format!("{:016x}", checksum(text.as_bytes()))
    }
}

/// Computes FNV-1a. It protects against damage, not against people: whoever can write a fingerprint can write the workspace.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
