//! Registers a workspace on this machine, so that `--all` and the hooks of its config repository find it.

use crate::edge::env::Env;
use crate::edge::registry;
use crate::ops::repository::load::Opened;
use crate::ops::repository::locate::{BoundSource, SourceKey, Workspace};

/// Registers a workspace, unless its config repository was named by an option. A failure is logged: then `--all` and the hooks
/// of the config repository skip the workspace.
pub fn register(opened: &Opened, workspace: &Workspace, env: &Env) {
    let Some(state) = env.state_folder().filter(|_| opened.source_key != SourceKey::Options) else {
        return;
    };
    let Ok(bound) = BoundSource::of(workspace) else { return };
    if let Err(error) = registry::register(&state, &workspace.root, &bound.identity()) {
        tracing::info!("cannot register the workspace: {error}");
    }
}
