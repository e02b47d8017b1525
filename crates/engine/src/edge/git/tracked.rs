//! Finds the files of a folder that git tracks.

use std::collections::BTreeSet;
use std::path::Path;

use super::run;
use crate::edge::process::ProcessError;
use claude_env_core::git::hooks::shell_word;
use claude_env_core::source::RepoPath;

/// Returns those paths that are in git's index. Paths are relative to `folder`, which is in a work tree. Starts `git` once.
///
/// Fails when git cannot be started or fails.
pub fn tracked(
    folder: &Path,
    paths: &BTreeSet<RepoPath>,
) -> Result<BTreeSet<RepoPath>, ProcessError> {
    // Only the first part of each path: a pack has more files than a command line may have arguments.
    let first: BTreeSet<&str> =
        paths.iter().filter_map(|path| path.as_str().split('/').next()).collect();
    let mut arguments = vec!["ls-files".to_owned(), "-z".to_owned(), "--".to_owned()];
    arguments.extend(first.into_iter().map(|name| format!(":(literal){name}")));
    let listed = run(folder, &arguments)?;
    let listed = listed.split(|&byte| byte == 0).filter_map(|path| str::from_utf8(path).ok());
    let listed = listed.filter_map(|path| RepoPath::parse(path).ok());
    Ok(listed.filter(|path| paths.contains(path)).collect())
}

/// Returns the command that removes a path from git's index and keeps the file.
pub fn untrack(path: &RepoPath) -> String {
    format!("git rm --cached -- {}", shell_word(path.as_str()))
}
