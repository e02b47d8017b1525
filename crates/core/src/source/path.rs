//! Paths inside a config repository or a workspace, which cannot leave it.

use std::fmt;
use std::sync::Arc;

/// A relative path with forward slashes that cannot lead out of the folder it is relative to.
///
/// Used for files of the config repository and for files of a workspace. Has no `.` and `..`, no empty segment, no
/// backslash, no leading slash and no NUL, so joining it to a folder stays inside that folder (`edge` handles symbolic
/// links).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepoPath(Arc<str>);

/// Why a text is not a [`RepoPath`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathError {
    /// The text is empty.
    Empty,
    /// It starts with `/`.
    Absolute,
    /// `.`, `..` or an empty segment.
    Escapes,
    /// A backslash or a control character.
    Character,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PathError::Empty => "the path is empty",
            PathError::Absolute => "the path is absolute",
            PathError::Escapes => "the path has a `.`, `..` or empty segment",
            PathError::Character => "the path has a backslash or a control character",
        })
    }
}

impl RepoPath {
    /// Parses a path. Fails when it could lead out of its folder.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        if text.is_empty() {
            return Err(PathError::Empty);
        }
        if text.starts_with('/') || text.starts_with('~') && text[1..].starts_with('/') {
            return Err(PathError::Absolute);
        }
        if text.chars().any(|c| c == '\\' || c.is_control()) {
            return Err(PathError::Character);
        }
        if text.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
            return Err(PathError::Escapes);
        }
        if text.as_bytes().get(1) == Some(&b':') && text.as_bytes()[0].is_ascii_alphabetic() {
            return Err(PathError::Absolute);
        }
        Ok(Self(Arc::from(text)))
    }

    /// Returns the path as text, with forward slashes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the last segment.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// Returns the folder part; `None` without one.
    pub fn parent(&self) -> Option<&str> {
        self.0.rsplit_once('/').map(|(parent, _)| parent)
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_leave_its_folder() {
        let check = |text: &str, expect: Result<(), PathError>| {
            assert_eq!(RepoPath::parse(text).map(|_| ()), expect, "{text:?}");
        };
        check("a/b.md", Ok(()));
        check(".claude/x", Ok(()));
        check("..a/b", Ok(()));
        check("", Err(PathError::Empty));
        check("/etc/passwd", Err(PathError::Absolute));
        check("~/x", Err(PathError::Absolute));
        check("C:/x", Err(PathError::Absolute));
        check("a/../b", Err(PathError::Escapes));
        check("a//b", Err(PathError::Escapes));
        check("a\\b", Err(PathError::Character));
        check("a\0b", Err(PathError::Character));
    }
}
