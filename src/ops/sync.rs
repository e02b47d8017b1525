//! `sync`: bring the workspace to the configuration.

use super::Failure;
use super::load::{Opened, Repository};
use super::locate::{Request, Workspace};
use super::reconcile::{self, Provenance};
use crate::edge::env::Env;
use crate::edge::fs::Root;
use crate::layer::{BINDING_FILE, Mode, Scope};
use crate::render;
use crate::source::Sources;
use crate::workspace::{DigestCache, Origin, Plan};

/// What a sync did, or would do.
#[derive(Debug)]
pub(crate) struct Synced {
    pub(crate) plan: Plan,
    /// The config repository as the binding names it.
    pub(crate) repository: String,
    /// The commit that was rendered; empty for a folder as it stands.
    pub(crate) revision: String,
    pub(crate) scope: Scope,
    /// Where the configuration has each line of the plan, as text; empty where it has it no more.
    pub(crate) origins: Vec<String>,
    /// Whether there is a user layer that the workspace's mode keeps out of the rendered files.
    pub(crate) user_left_out: bool,
}

/// Syncs the workspace around the folder.
pub(crate) fn sync(request: &Request, env: &Env, dry_run: bool) -> Result<Synced, Failure> {
    let opened = Opened::new(request, env)?;
    let Some(workspace) = &opened.workspace else {
        return Err(Failure::usage(format!(
            "this is no workspace: no {BINDING_FILE} here or above"
        ))
        .hint("bind it with `claude-env init --source REPO`")
        .hint("or render into a folder with `claude-env render --output DIR`"));
    };
    workspace_to(&opened, workspace, env, dry_run)
}

/// Brings a workspace to an opened configuration.
pub(crate) fn workspace_to(
    opened: &Opened,
    workspace: &Workspace,
    env: &Env,
    dry_run: bool,
) -> Result<Synced, Failure> {
    let repository: &Repository = &opened.repository;
    let local_user = match (&opened.scope.user, env.user_layer()) {
        (None, Some(folder)) => repository.user_layer(&folder)?,
        _ => None,
    };
    let (scope, user, user_left_out) = match workspace.binding.mode {
        // What is committed is for everyone: no user's layer may show in it.
        Mode::Committed => {
            let left_out = opened.scope.user.is_some() || local_user.is_some();
            (Scope { user: None, ..opened.scope.clone() }, None, left_out)
        }
        Mode::Local => (opened.scope.clone(), local_user, false),
    };
    let loaded = repository.stack(&scope, user)?;
    let (_, model) = repository.usable(&loaded)?;
    let rendering = render::render(&model);
    let revision = repository.source.commit().unwrap_or_default();
    let provenance = Provenance { repository: &opened.name, revision, scope: &scope };
    let mut root = Root::new(&workspace.root);
    // Held from before the plan is made: what another run writes in between would make it wrong.
    let _alone = if dry_run { None } else { root.lock() };
    let plan = reconcile::plan(&mut root, &rendering, &provenance, &mut DigestCache::default())?;
    if !dry_run {
        reconcile::apply(&mut root, &plan)?;
    }
    let origins = plan.lines.iter().map(|line| origin(&line.origin, &repository.sources)).collect();
    Ok(Synced {
        plan,
        origins,
        repository: opened.name.clone(),
        revision: revision.to_owned(),
        scope,
        user_left_out,
    })
}

fn origin(origin: &Origin, sources: &Sources) -> String {
    match origin {
        Origin::Nowhere => String::new(),
        Origin::Place(span) => sources.address(*span),
        Origin::Files(files) => files.join(", "),
    }
}
