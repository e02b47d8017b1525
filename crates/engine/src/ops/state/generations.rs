//! The generations of a workspace: their folder, and the lock that lets one run at a time write.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::edge::env::Env;
use crate::edge::fs::{Root, Wait};
use crate::edge::git;
use crate::ops::Failure;
use claude_env_core::workspace::{Digest, Plan};

/// Waits for the lock of a workspace; without `wait`, as long as the environment says.
///
/// `None` when the system has no such locks. Fails for a workspace of another user, and when another run still has the lock after that time.
pub fn lock(root: &Root, env: &Env, wait: Option<Wait>) -> Result<Option<File>, Failure> {
    if !git::is_trusted(root.path()) {
        let folder = root.path().display();
        let message = format!("`{folder}` belongs to another user, and git does not trust it");
        return Err(Failure::usage(message).hint(format!(
            "if you trust it, run `git config --global --add safe.directory '{folder}'`"
        )));
    }
    let wait = match wait {
        Some(wait) => wait,
        None => env.lock_wait()?,
    };
    Ok(root.lock(wait)?)
}

/// Returns the folder of a workspace's generations; `None` when these plans change no file, or there is no such folder.
pub fn folder_for(plans: &[&Plan], root: &Path, env: &Env) -> Option<PathBuf> {
    if plans.iter().all(|plan| plan.changes.is_empty()) { None } else { folder(root, env) }
}

/// Returns the folder of a workspace's generations: in the git directory of its work tree, or, without git, in the user's
/// state. `None` when there is neither.
pub fn folder(root: &Path, env: &Env) -> Option<PathBuf> {
    if let Ok(Some(place)) = git::discover(root)
        && place.work_tree.is_some()
    {
        let below = place.prefix.as_os_str();
        // More than one folder of a repository may be a workspace.
        let name = match below.is_empty() {
            true => "generations".to_owned(),
            false => format!("generations-{}", Digest::of_bytes(below.as_encoded_bytes())),
        };
        return Some(place.git_dir.join("claude-env").join(name));
    }
    let path = std::fs::canonicalize(root).ok()?;
    let name = Digest::of_bytes(path.as_os_str().as_encoded_bytes()).to_string();
    Some(env.state_folder()?.join(name).join("generations"))
}
