//! Text for people: what is a result and what is a remark about it, and the words that every answer uses.

use std::fmt;

use super::findings::text::Look;
use crate::diagnostic::escape::one_line;

/// The state of a workspace without differences.
pub(super) const AS_CONFIGURED: &str = "as configured";

/// How text is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Color the result.
    pub color: bool,
    /// Color remarks and findings, which may go to another stream.
    pub color_remarks: bool,
    /// Columns of the terminal; long source lines are cut to fit.
    pub width: usize,
}

impl Style {
    /// Without colors.
    pub const PLAIN: Self = Self { color: false, color_remarks: false, width: 120 };

    /// Returns how findings look in the result.
    pub fn for_result(self) -> Look {
        Look { color: self.color, width: self.width }
    }

    /// Returns how findings look among remarks.
    pub fn for_remarks(self) -> Look {
        Look { color: self.color_remarks, width: self.width }
    }
}

/// A piece of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The result itself; the command line prints it to stdout.
    Result(String),
    /// A remark about the result; the command line prints it to stderr, and not with `--quiet`.
    Remark(String),
    /// Findings beside the result; the command line prints them to stderr.
    Findings(String),
}

/// An answer as people read it, part by part in reading order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The parts. Each may have several lines; empty ones are left out.
    pub parts: Vec<Part>,
}

impl Text {
    /// Adds to the result.
    pub fn result(&mut self, text: impl Into<String>) {
        self.push(Part::Result(text.into()));
    }

    /// Adds a remark.
    pub fn remark(&mut self, text: impl Into<String>) {
        self.push(Part::Remark(text.into()));
    }

    /// Adds a part, unless it is empty.
    pub fn push(&mut self, part: Part) {
        if !part.text().is_empty() {
            self.parts.push(part);
        }
    }

    /// Returns the text with `# ` before remarks and `! ` before findings.
    #[cfg(test)]
    pub(super) fn marked(&self) -> String {
        let line = |mark: &str, text: &str| {
            text.lines().map(|line| format!("{mark}{line}\n")).collect::<String>()
        };
        let parts = self.parts.iter().map(|part| match part {
            Part::Result(text) => line("", text),
            Part::Remark(text) => line("# ", text),
            Part::Findings(text) => line("! ", text),
        });
        parts.collect()
    }

    /// Adds all parts of another text.
    pub fn append(&mut self, other: Self) {
        self.parts.extend(other.parts);
    }
}

impl Part {
    /// Returns the text of the part.
    pub fn text(&self) -> &str {
        match self {
            Self::Result(text) | Self::Remark(text) | Self::Findings(text) => text,
        }
    }
}

impl fmt::Display for Text {
    /// Writes all parts, each on lines of its own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            let text = part.text();
            f.write_str(text)?;
            if !text.ends_with('\n') {
                f.write_str("\n")?;
            }
        }
        Ok(())
    }
}

/// Returns a warning on one line.
pub fn warning(text: &str, color: bool) -> String {
    let (yellow, bold, reset) =
        if color { ("\x1b[1;33m", "\x1b[1m", "\x1b[0m") } else { ("", "", "") };
    format!("{yellow}warning{reset}{bold}: {}{reset}", one_line(text))
}

/// Returns `1 layer`, `2 layers` or `3 entries`.
pub fn count(number: usize, noun: &str) -> String {
    match (number, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) => format!("{number} {noun}s"),
    }
}

/// Returns `repository at 0123456789`, or the repository alone where the revision is empty.
pub(super) fn at_revision(repository: &str, revision: &str) -> String {
    match revision.get(..10) {
        Some(short) => format!("{repository} at {short}"),
        None => repository.to_owned(),
    }
}

/// Returns `:line`, or nothing.
pub(super) fn line_suffix(line: Option<usize>) -> String {
    line.map_or(String::new(), |line| format!(":{line}"))
}
