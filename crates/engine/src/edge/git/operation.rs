//! Whether git is in the middle of something in a work tree, so that nobody else should change files there.

use std::fs;
use std::path::Path;

use super::git_dirs::GitDirs;

/// What keeps a hook from changing files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GitOperation {
    /// Another hook comes when it is over, or the person ends it.
    InProgress,
    /// Changes that are not committed were set aside, and git is about to put them back; no hook comes after that.
    Autostash,
}

/// What is under way in a work tree when a hook is called with these arguments.
pub fn git_operation(dirs: &GitDirs, hook: &str, arguments: &[&str]) -> Option<GitOperation> {
    let there = |name: &str| fs::symlink_metadata(dirs.git_dir.join(name)).is_ok();
    if let Some(rebase) = ["rebase-merge", "rebase-apply"].into_iter().find(|name| there(name)) {
        // The last hook of a rebase is called while its files are still there; one with nothing to pick has no such hook.
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
    if there("MERGE_AUTOSTASH") {
        return Some(GitOperation::Autostash);
    }
    // The hook of a merge is called before git forgets that it merges.
    let merges = hook != "post-merge" && there("MERGE_HEAD");
    if merges || there("CHERRY_PICK_HEAD") || there("REVERT_HEAD") {
        return Some(GitOperation::InProgress);
    }
    // The steps of a bisection have no branch; its end has.
    let bisects = there("BISECT_LOG")
        && fs::read(dirs.git_dir.join("HEAD")).is_ok_and(|head| !head.starts_with(b"ref:"));
    bisects.then_some(GitOperation::InProgress)
}

/// Whether a rebase that begins has only to move the branch.
fn nothing_to_pick(rebase: &Path) -> bool {
    let Ok(next) = fs::read_to_string(rebase.join("git-rebase-todo")) else { return false };
    let done = fs::read_to_string(rebase.join("done")).unwrap_or_default();
    let mut steps = next.lines().chain(done.lines()).map(str::trim);
    steps.all(|step| step.is_empty() || step.starts_with('#') || step == "noop")
}
