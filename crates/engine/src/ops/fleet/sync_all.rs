//! `sync --all`: bring the workspaces of this machine to their configurations.

use std::path::PathBuf;

use crate::edge::env::Env;
use crate::ops::Failure;
use crate::ops::fleet::registry::{self as local, Each};
use crate::ops::repository::locate::Request;
use crate::ops::sync::{Synced, Wish, workspace_to};

/// Syncs every registered workspace of the config repository that is named or around, else all. `tell` makes of each what is kept
/// of it: all plans together would hold all their files.
pub fn sync_all<R: Send>(
    request: &Request,
    env: &Env,
    wish: Wish,
    tell: impl Fn(&Synced) -> R + Sync,
) -> Result<Vec<Each<R>>, Failure> {
    let roots: Vec<PathBuf> =
        local::meant(request, env)?.into_iter().map(|registered| registered.path).collect();
    let request = Request { config_repo: None, ..request.clone() };
    Ok(local::each(&request, env, &roots, |opened| {
        let synced = workspace_to(opened, opened.bound()?, env, "sync", wish)?;
        Ok(tell(&synced))
    }))
}
