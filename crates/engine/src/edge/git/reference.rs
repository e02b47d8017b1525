//! Reads references without a git library. Format: `git help repository-layout`, and `packed-refs`.

use std::io::{self, ErrorKind};

use super::GitDirs;
use crate::edge::regular_file::{self, LARGE, SMALL};

/// How many symbolic references are followed; git stops after five, too.
pub(super) const MAX_HOPS: usize = 5;

/// Returns the id of the commit that is checked out, in hexadecimal.
///
/// `None` before the first commit, and in the reftable format. Fails when a file cannot be read.
pub fn head_commit(dirs: &GitDirs) -> io::Result<Option<String>> {
    read_reference(dirs, "HEAD")
}

/// Returns the id of the object that a reference points at; `None` when there is no such reference.
///
/// `name` is the full name: `HEAD`, or `refs/heads/main`. For an annotated tag it is the id of the tag object.
pub(super) fn read_reference(dirs: &GitDirs, name: &str) -> io::Result<Option<String>> {
    let mut name = name.to_owned();
    for _ in 0..=MAX_HOPS {
        if !is_safe(&name) {
            return Ok(None);
        }
        let folder = if is_of_one_work_tree(&name) { &dirs.git_dir } else { &dirs.common_dir };
        let text = match regular_file::read_to_string(&folder.join(&name), SMALL) {
            Ok(text) => text,
            // A folder exists when there is, or was, a branch `a/b` and `name` is `a`.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory
                ) =>
            {
                return packed(dirs, &name);
            }
            Err(error) => return Err(error),
        };
        match text.strip_prefix("ref:") {
            Some(next) => next.trim().clone_into(&mut name),
            None => return Ok(object_id(text.trim()).map(str::to_owned)),
        }
    }
    Ok(None)
}

/// Looks up a reference in `packed-refs`; `None` when it is not there.
pub(super) fn packed(dirs: &GitDirs, name: &str) -> io::Result<Option<String>> {
    let text = match regular_file::read(&dirs.common_dir.join("packed-refs"), LARGE) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // Lines are `ID NAME`; others are comments (`#`) and the commit of the tag above (`^`).
    for at in memchr::memmem::find_iter(&text, name.as_bytes()) {
        let ends = matches!(text.get(at + name.len()), None | Some(b'\n' | b'\r'));
        let start = memchr::memrchr(b'\n', &text[..at]).map_or(0, |newline| newline + 1);
        if !ends || text[start] == b'#' {
            continue;
        }
        let id = std::str::from_utf8(&text[start..at]).ok();
        if let Some(id) = id.and_then(|id| id.strip_suffix(' ')).and_then(object_id) {
            return Ok(Some(id.to_owned()));
        }
    }
    Ok(None)
}

/// Returns true for a name that git would write: it cannot lead out of the git directory.
pub(super) fn is_safe(name: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains('\\');
    (name == "HEAD" || name.starts_with("refs/")) && name.split('/').all(plain)
}

/// Returns true when each linked work tree has its own reference of this name.
pub(super) fn is_of_one_work_tree(name: &str) -> bool {
    name == "HEAD"
        || ["refs/bisect/", "refs/worktree/", "refs/rewritten/"]
            .iter()
            .any(|own| name.starts_with(own))
}

/// Returns the text when it is the id of an object (SHA-1 or SHA-256), else `None`.
pub(super) fn object_id(text: &str) -> Option<&str> {
    let hexadecimal = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (matches!(text.len(), 40 | 64) && hexadecimal).then_some(text)
}

/// Returns true for the id of an object (SHA-1 or SHA-256), which no branch can be taken for.
pub fn is_object_id(text: &str) -> bool {
    object_id(text).is_some()
}
