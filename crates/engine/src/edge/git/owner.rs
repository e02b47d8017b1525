//! Whether git trusts a work tree that belongs to another user (`safe.directory`).

use std::path::Path;

use super::git_dirs::discover;
use super::run;

/// Returns true when git works in the repository of a folder, or there is none.
///
/// git refuses repositories of other users, unless `safe.directory` lists them. It is asked only when an owner differs.
#[cfg(unix)]
pub fn is_trusted(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let user = rustix::process::geteuid().as_raw();
    let owner = |path: &Path| std::fs::symlink_metadata(path);
    // The top of a work tree, nearly always. Elsewhere the repository is found first.
    if let (Ok(top), Ok(git)) = (owner(folder), owner(&folder.join(".git")))
        && git.is_dir()
        && top.uid() == user
        && git.uid() == user
    {
        return true;
    }
    let Ok(Some(dirs)) = discover(folder) else { return true };
    let paths = dirs.work_tree.iter().chain([&dirs.git_dir]);
    if paths.filter_map(|path| owner(path).ok()).all(|found| found.uid() == user) {
        return true;
    }
    // The name of the setting is in the message in every language.
    match run(folder, &["rev-parse", "--git-dir"]) {
        Err(error) => !error.to_string().contains("safe.directory"),
        Ok(_) => true,
    }
}

/// Returns true: on this system git finds out by itself.
#[cfg(not(unix))]
pub fn is_trusted(_folder: &Path) -> bool {
    true
}

/// Returns false when git ignores the executable bits of files in a folder: `core.fileMode` is false. Starts `git` once.
pub fn has_file_modes(folder: &Path) -> bool {
    let set = run(folder, &["config", "--type=bool", "--get", "core.fileMode"]);
    !set.is_ok_and(|value| value.trim_ascii() == b"false")
}
