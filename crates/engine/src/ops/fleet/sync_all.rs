//! `sync --all`: bring the workspaces of this machine to their configurations.

use std::path::PathBuf;

use crate::edge::env::Env;
use crate::ops::Failure;
use crate::ops::fleet::registry::{self as local, WorkspaceResult};
use crate::ops::repository::locate::Request;
use crate::ops::sync::{SyncOptions, Synced, sync_workspace};

/// Syncs every registered workspace of the config repository that is named or around, else all. `tell` makes of each what is kept
/// of it: all plans together would hold all their files.
pub fn sync_all<R: Send>(
    request: &Request,
    env: &Env,
    options: SyncOptions,
    tell: impl Fn(&Synced) -> R + Sync,
) -> Result<Vec<WorkspaceResult<R>>, Failure> {
    let roots: Vec<PathBuf> =
        local::selected(request, env)?.into_iter().map(|registered| registered.path).collect();
    let request = Request { config_repo: None, ..request.clone() };
    Ok(local::each(&request, env, &roots, |opened| {
        let synced = sync_workspace(opened, opened.bound()?, env, "sync", options)?;
        Ok(tell(&synced))
    }))
}
