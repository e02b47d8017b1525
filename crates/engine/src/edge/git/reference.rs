//! What references point at, read without a git library.

use std::fs;
use std::io::{self, ErrorKind};

use super::GitDirs;

/// How many references may point at one another; git stops after five, too.
pub(super) const MAX_HOPS: usize = 5;

/// The commit that is checked out, as hexadecimal text. `None` before the first commit, and where it cannot be told so
/// simply (the reftable format).
pub fn head_commit(dirs: &GitDirs) -> io::Result<Option<String>> {
    read_reference(dirs, "HEAD")
}

/// The object that a reference points at. The name is the full one: `HEAD`, or `refs/heads/main`.
///
/// An annotated tag is not peeled: the id is the tag's.
pub(super) fn read_reference(dirs: &GitDirs, name: &str) -> io::Result<Option<String>> {
    let mut name = name.to_owned();
    for _ in 0..=MAX_HOPS {
        if !is_safe(&name) {
            return Ok(None);
        }
        let folder = if is_of_one_work_tree(&name) { &dirs.git_dir } else { &dirs.common_dir };
        let text = match fs::read_to_string(folder.join(&name)) {
            Ok(text) => text,
            // A folder is there when a branch `a/b` is, or was, and `a` is asked for.
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

/// Looks a reference up among the packed ones.
pub(super) fn packed(dirs: &GitDirs, name: &str) -> io::Result<Option<String>> {
    let text = match fs::read(dirs.common_dir.join("packed-refs")) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // Lines are `ID NAME`; others are comments (`#`) and what the tag above is peeled to (`^`).
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

/// Whether a name is one that git writes, so that it cannot lead out of the git directory.
pub(super) fn is_safe(name: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains('\\');
    (name == "HEAD" || name.starts_with("refs/")) && name.split('/').all(plain)
}

/// Whether each linked work tree has a reference of this name for itself.
pub(super) fn is_of_one_work_tree(name: &str) -> bool {
    name == "HEAD"
        || ["refs/bisect/", "refs/worktree/", "refs/rewritten/"]
            .iter()
            .any(|own| name.starts_with(own))
}

/// The text, if it is the id of an object (SHA-1 or SHA-256).
pub(super) fn object_id(text: &str) -> Option<&str> {
    let hexadecimal = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (matches!(text.len(), 40 | 64) && hexadecimal).then_some(text)
}
