//! What is checked out, and the references that git keeps for itself: in either format of references.

use std::fs;

use super::git_dirs::GitDirs;
use super::run;

/// The name of a branch that `HEAD` holds when the references are in the reftable format.
const ELSEWHERE: &str = "refs/heads/.invalid";

/// What `HEAD` of a work tree names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Head {
    /// A branch, by its short name. It may have no commit yet.
    Branch(String),
    /// A commit, or a reference that is no branch.
    Detached,
}

/// Reads what is checked out; `None` when that cannot be told. Starts `git` only for the reftable format.
pub fn head(dirs: &GitDirs) -> Option<Head> {
    let text = fs::read_to_string(dirs.git_dir.join("HEAD")).ok()?;
    let name = match text.trim().strip_prefix("ref:").map(str::trim) {
        None => return Some(Head::Detached),
        Some(ELSEWHERE) => match run(&dirs.git_dir, &["symbolic-ref", "--quiet", "HEAD"]) {
            Ok(name) => String::from_utf8(name).ok()?,
            Err(_) => return Some(Head::Detached),
        },
        Some(name) => name.to_owned(),
    };
    Some(match name.trim().strip_prefix("refs/heads/") {
        Some(branch) => Head::Branch(branch.to_owned()),
        None => Head::Detached,
    })
}

/// Returns true if git keeps a reference of its own under this name, such as `CHERRY_PICK_HEAD`.
pub(super) fn has_own_reference(dirs: &GitDirs, name: &str) -> bool {
    if fs::symlink_metadata(dirs.git_dir.join(name)).is_ok() {
        return true;
    }
    // In the reftable format they are no files.
    let verify = ["rev-parse", "--quiet", "--verify", name];
    dirs.common_dir.join("reftable").is_dir() && run(&dirs.git_dir, &verify).is_ok()
}
