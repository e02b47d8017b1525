//! `hook`: what git's hooks run.

use std::path::{Path, PathBuf};

use super::load::Opened;
use super::locate::Request;
use super::sync::{Synced, workspace_to};
use super::{Failure, stamp};
use crate::edge::env::Env;
use crate::layer::BINDING_FILE;

/// The hooks after which a workspace follows its configuration.
pub(crate) const POST: [&str; 3] = ["post-checkout", "post-merge", "post-rewrite"];

/// What a hook did in a workspace.
#[derive(Debug)]
pub(crate) struct Followed {
    pub(crate) synced: Synced,
    /// Whether what is left as it is was told before.
    pub(crate) told: bool,
}

/// Brings the workspace around the folder to its configuration; `None` where there is no workspace, or nothing has changed since it
/// was synced last.
pub(crate) fn follow(request: &Request, env: &Env) -> Result<Option<Followed>, Failure> {
    let Some(root) = workspace_around(&env.current_dir) else { return Ok(None) };
    if stamp::holds(&root, env) {
        return Ok(None);
    }
    let told = stamp::told(&root, env);
    // Nobody may be asked for a password while git waits.
    let env = env.clone().started_in(Some(&root)).unattended();
    let opened = Opened::new(request, &env)?;
    let synced = workspace_to(&opened, opened.bound()?, &env, false)?;
    let now = crate::stamp::digest(synced.left.iter().map(String::as_str));
    Ok(Some(Followed { told: told == Some(now), synced }))
}

/// The nearest folder with a binding, but none outside of the repository that the hook is of.
fn workspace_around(start: &Path) -> Option<PathBuf> {
    for folder in start.ancestors() {
        if folder.join(BINDING_FILE).is_file() {
            return Some(folder.to_path_buf());
        }
        if folder.join(".git").symlink_metadata().is_ok() {
            return None;
        }
    }
    None
}
