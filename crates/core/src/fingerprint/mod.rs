//! What a workspace and everything that its rendering depends on looked like when there was nothing left to do.
//!
//! ```text
//! claude-env stamp 1
//! = KEY VALUE                                  what has to be equal, such as the program and the user's folders
//! told DIGEST [clean]                          of what a person was told that is left as it is; whether nothing differs
//! mirror FOLDER                                whose age has to be looked at
//! s MODE SIZE MTIME CTIME INODE PATH           a file, a link or a folder, with all that the system says of it
//! d INODE PATH                                 a folder, whatever is in it
//! n PATH                                       nothing
//! r TEXT<TAB>PATH                              a short file by its text, `-` for none
//! end SUM
//! ```
//! In capitals, `S`, `D` and `N` are about what a link leads to. Missing is escaped: what has a line break is not stamped.
//!
//! A stamp says "nothing to do" only while all of it holds. Whatever cannot be read, is not understood or was written by another
//! program says nothing, and everything is looked at.

mod file_stamp;
#[cfg(test)]
mod tests;

pub use file_stamp::{FileStamp, Stat, Timestamp};

use std::fmt::Write;

/// The first line.
const FIRST: &str = "claude-env stamp 1";
/// What follows where nothing differs.
const CLEAN: &str = " clean";
/// What stands for a short file that is not there.
const NO_TEXT: &str = "-";
/// What a stamp says that is told apart from others only for what a person was reported.
const VOLATILE: (&str, &str) = ("settled", "no");

/// Something that a stamp says of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dependency<'t> {
    /// A value that does not come from a file.
    Value(&'t str, &'t str),
    /// The mirror in this folder is as fresh as is asked for.
    Fresh(&'t str),
    /// What is at a path; `follow` is whether links are followed.
    Path { path: &'t str, follow: bool, seen: FileStamp },
    /// The text of a short file, without white space around it; `None` where there is no such file.
    Text { path: &'t str, text: Option<&'t str> },
}

/// A stamp that was read.
#[derive(Clone, Copy, Debug)]
pub struct Fingerprint<'t> {
    reported: &'t str,
    clean: bool,
    body: &'t str,
}

impl<'t> Fingerprint<'t> {
    /// Reads a stamp; `None` if it is damaged or of another version.
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

    /// What a person was told that is left as it is.
    pub fn reported(&self) -> &'t str {
        self.reported
    }

    /// Whether nothing in the workspace differed from what it should be.
    pub fn is_clean(&self) -> bool {
        self.clean
    }

    /// Everything that has to hold; `None` for a line that is not understood.
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

/// A stamp that is being made.
#[derive(Clone, Debug)]
pub struct FingerprintBuilder {
    text: String,
    /// When everything that it depends on was looked at, or earlier.
    began: Timestamp,
    /// Whether it may be relied on later.
    cacheable: bool,
}

impl FingerprintBuilder {
    /// A stamp of what was looked at since a moment; `reported` is a digest of what a person was reported, and `clean` whether nothing
    /// differs from what it should be.
    pub fn new(began: Timestamp, reported: &str, clean: bool) -> Self {
        let clean = if clean { CLEAN } else { "" };
        Self { text: format!("{FIRST}\ntold {reported}{clean}\n"), began, cacheable: true }
    }

    /// Something is not as it should be, or cannot be said here: later, everything is to be looked at again.
    pub fn mark_volatile(&mut self) {
        self.cacheable = false;
    }

    /// A value that has to be equal.
    pub fn value(&mut self, key: &str, value: &str) {
        self.line(format_args!("= {key} "), value);
    }

    /// A mirror that has to be fresh.
    pub fn fresh(&mut self, folder: &str) {
        self.line(format_args!("mirror "), folder);
    }

    /// What is at a path.
    ///
    /// What was changed when the look began, or since, may have been changed once more after it without a trace: a file's time
    /// has steps. So it cannot be relied on later.
    pub fn path(&mut self, path: &str, follow: bool, seen: FileStamp) {
        self.cacheable &= seen.is_older_than(self.began);
        let kind = |lower: char| if follow { lower.to_ascii_uppercase() } else { lower };
        match seen {
            FileStamp::Missing => self.line(format_args!("{} ", kind('n')), path),
            FileStamp::Folder(inode) => self.line(format_args!("{} {inode} ", kind('d')), path),
            FileStamp::Full(stat) => self.line(format_args!("{} {stat} ", kind('s')), path),
        }
    }

    /// The text of a short file.
    pub fn text(&mut self, path: &str, text: Option<&str>) {
        match text {
            None => self.line(format_args!("r {NO_TEXT}\t"), path),
            Some(text) if text.contains(['\n', '\t']) || text == NO_TEXT => self.mark_volatile(),
            Some(text) => self.line(format_args!("r {text}\t"), path),
        }
    }

    /// The text of the stamp.
    pub fn finish(mut self) -> String {
        if !self.cacheable {
            // Only what a person was told is worth keeping.
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

/// A stamp with its last line.
pub fn sealed(mut text: String) -> String {
    let sum = checksum(text.trim_end_matches('\n').as_bytes());
    // A String takes whatever is written to it.
    let _ = writeln!(text, "end {sum:016x}");
    text
}

/// A digest of lines, to tell whether they are the same.
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

/// FNV-1a: against damage, not against people. Who can write a stamp can write the workspace.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
