//! Detects git operations that are in progress, during which nobody else should change files.
//!
//! The signs are those of `git status`, see `wt-status.c` in git: files of the work tree's git directory, and references of
//! git's own, which are no files in the reftable format.

use std::fs;
use std::path::Path;

use super::git_dirs::GitDirs;
use super::head::{Head, has_own_reference, head};
use crate::edge::regular_file::{self, LARGE};

/// A git operation that keeps a hook from changing files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GitOperation {
    /// A rebase, merge or the like that is not finished. Another hook runs when it is, or the person ends it.
    InProgress,
    /// An autostash that git is about to apply. No hook runs after that.
    Autostash,
}

/// Returns the operation in progress when a hook is called with these arguments; `None` when files may be changed.
pub fn git_operation(dirs: &GitDirs, hook: &str, arguments: &[&str]) -> Option<GitOperation> {
    let there = |name: &str| fs::symlink_metadata(dirs.git_dir.join(name)).is_ok();
    if let Some(rebase) = ["rebase-merge", "rebase-apply"].into_iter().find(|name| there(name)) {
        // The last hook of a rebase is called while its files still exist; a rebase without commits has no such hook.
        let is_last = match hook {
            "post-rewrite" => arguments.first() == Some(&"rebase"),
            _ => nothing_to_pick(&dirs.git_dir.join(rebase)),
        };
        return match (is_last, there(&format!("{rebase}/autostash"))) {
            (true, true) => Some(GitOperation::Autostash),
            (true, false) => None,
            (false, _) => Some(GitOperation::InProgress),
        };
    }
    if has_own_reference(dirs, "MERGE_AUTOSTASH") {
        return Some(GitOperation::Autostash);
    }
    // git calls `post-merge` before it removes `MERGE_HEAD`.
    let merges = hook != "post-merge" && there("MERGE_HEAD");
    // Between two commits of a cherry-pick or a revert there is the list of what is left to do, and no other sign.
    let picks = there("sequencer/todo")
        || ["CHERRY_PICK_HEAD", "REVERT_HEAD"].iter().any(|name| has_own_reference(dirs, name));
    if merges || picks {
        return Some(GitOperation::InProgress);
    }
    // During a bisection HEAD is detached; at its end, HEAD names a branch again.
    let bisects = there("BISECT_LOG") && head(dirs) == Some(Head::Detached);
    bisects.then_some(GitOperation::InProgress)
}

/// Returns true when a rebase has no commits to apply and only moves the branch.
fn nothing_to_pick(rebase: &Path) -> bool {
    let Ok(next) = regular_file::read_to_string(&rebase.join("git-rebase-todo"), LARGE) else {
        return false;
    };
    let done = regular_file::read_to_string(&rebase.join("done"), LARGE).unwrap_or_default();
    let mut steps = next.lines().chain(done.lines()).map(str::trim);
    steps.all(|step| step.is_empty() || step.starts_with('#') || step == "noop")
}
