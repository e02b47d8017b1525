//! Which files of a folder git tracks.

use std::collections::BTreeSet;
use std::path::Path;

use super::run;
use crate::edge::process::ProcessError;
use claude_env_core::git::hooks::shell_word;
use claude_env_core::source::RepoPath;

/// Those of these paths, relative to a folder of a work tree, that are in git's index. Starts `git` once.
pub fn tracked(
    folder: &Path,
    paths: &BTreeSet<RepoPath>,
) -> Result<BTreeSet<RepoPath>, ProcessError> {
    // By first names only: a pack has more files than a command line may have arguments.
    let first: BTreeSet<&str> =
        paths.iter().filter_map(|path| path.as_str().split('/').next()).collect();
    let mut arguments = vec!["ls-files".to_owned(), "-z".to_owned(), "--".to_owned()];
    arguments.extend(first.into_iter().map(|name| format!(":(literal){name}")));
    let listed = run(folder, &arguments)?;
    let listed = listed.split(|&byte| byte == 0).filter_map(|path| str::from_utf8(path).ok());
    let listed = listed.filter_map(|path| RepoPath::parse(path).ok());
    Ok(listed.filter(|path| paths.contains(path)).collect())
}

/// The command that takes a path out of git and leaves the file.
pub fn untrack(path: &RepoPath) -> String {
    format!("git rm --cached -- {}", shell_word(path.as_str()))
}
