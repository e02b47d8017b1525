//! `sync --all`: syncs the workspaces of this machine.

use std::path::PathBuf;

use crate::edge::env::Env;
use crate::ops::Failure;
use crate::ops::fleet::registry::{self, WorkspaceResult};
use crate::ops::repository::locate::Request;
use crate::ops::sync::{SyncOptions, Synced, sync_workspace};

/// Syncs the registered workspaces that a request selects. `summarize` turns each result into what is kept of it, since all
/// plans together would hold the files of all workspaces.
///
/// Fails when the request has options that do not go with `--all`.
pub fn sync_all<R: Send>(
    request: &Request,
    env: &Env,
    options: SyncOptions,
    summarize: impl Fn(&Synced) -> R + Sync,
) -> Result<Vec<WorkspaceResult<R>>, Failure> {
    let roots: Vec<PathBuf> =
        registry::selected(request, env)?.into_iter().map(|registered| registered.path).collect();
    let request = Request { config_repo: None, ..request.clone() };
    Ok(registry::each(&request, env, &roots, |opened| {
        let synced = sync_workspace(opened, opened.bound()?, env, "sync", options)?;
        Ok(summarize(&synced))
    }))
}
