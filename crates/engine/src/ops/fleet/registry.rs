//! Selects registered workspaces, and runs an operation in each of them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::edge::env::Env;
use crate::edge::registry::{self, Registered};
use crate::ops::repository::load::{Digests, Opened, Repository};
use crate::ops::repository::locate::{
    BoundSource, Request, Workspace, find_upwards, identity_of, read_workspace,
};
use crate::ops::{Failure, workers};
use claude_env_core::layer::{BINDING_FILE, MANIFEST_FILE, Scope};

/// The result of an operation in one workspace.
#[derive(Debug)]
pub struct WorkspaceResult<R> {
    /// The root of the workspace.
    pub path: PathBuf,
    /// The result of the operation in it.
    pub result: Result<R, Failure>,
}

/// Returns the registered workspaces that a command is about: those of the config repository that is named, or that the
/// directory is in; else all of them.
///
/// Fails for options that only make sense for one workspace, and without a home.
pub fn selected(request: &Request, env: &Env) -> Result<Vec<Registered>, Failure> {
    if request.revision.is_some() || request.scope != Scope::default() {
        return Err(Failure::usage("with `--all`, each workspace has its own scope and revision")
            .hint("leave out `--rev`, `--team`, `--project`, `--user` and `--environment`"));
    }
    let Some(state) = env.state_folder() else {
        return Err(Failure::io("there is no place where workspaces are registered")
            .hint("set `HOME`, or `XDG_STATE_HOME` to an absolute path"));
    };
    let config = match &request.config_repo {
        Some(written) => Some(identity_of(written, &request.directory)),
        None => match find_upwards(&request.directory, BINDING_FILE) {
            Some(_) => None,
            None => find_upwards(&request.directory, MANIFEST_FILE)
                .map(|root| identity_of(&root, &request.directory)),
        },
    };
    let all = registry::registered(&state, BINDING_FILE).into_iter();
    Ok(all.filter(|one| config.as_ref().is_none_or(|config| one.config == *config)).collect())
}

/// Calls `work` for each of these workspaces, on all cores. Reads each layer once.
pub fn each<R: Send>(
    request: &Request,
    env: &Env,
    roots: &[PathBuf],
    work: impl Fn(&Opened) -> Result<R, Failure> + Sync,
) -> Vec<WorkspaceResult<R>> {
    let bound: Vec<Result<(BoundSource, Workspace), Failure>> = workers::map(roots, 2, |root| {
        let workspace = read_workspace(root)?;
        let bound = BoundSource::of(&workspace)?;
        Ok((bound, workspace))
    });
    let mut scopes: HashMap<String, Vec<Scope>> = HashMap::new();
    for (bound, workspace) in bound.iter().flatten() {
        scopes.entry(bound.key(workspace)).or_default().push(workspace.binding.scope.clone());
    }
    let shared = Shared { request, env, scopes, opened: Mutex::default() };
    // By config repository and scope, so that consecutive workspaces share layers.
    let mut order: Vec<usize> = (0..roots.len()).collect();
    order.sort_by_cached_key(|&index| match bound.get(index) {
        Some(Ok((bound, workspace))) => (bound.key(workspace), workspace.binding.scope.clone()),
        _ => (String::new(), Scope::default()),
    });
    let done =
        workers::map_with(&order, 2, Digests::default, |digests, &index| match bound.get(index) {
            Some(Ok((bound, workspace))) => work(&shared.open(bound, workspace, digests)?),
            Some(Err(failure)) => Err(failure.clone()),
            None => Err(Failure::io("there is no such workspace")),
        });
    let mut done: Vec<(usize, WorkspaceResult<R>)> = order
        .into_iter()
        .zip(done)
        .map(|(index, result)| {
            (index, WorkspaceResult { path: roots.get(index).cloned().unwrap_or_default(), result })
        })
        .collect();
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, each)| each).collect()
}

/// Config repositories, each opened once.
struct Shared<'a> {
    request: &'a Request,
    env: &'a Env,
    scopes: HashMap<String, Vec<Scope>>,
    opened: Mutex<HashMap<String, Arc<Slot>>>,
}

/// One config repository; locked while it is opened, so that other threads wait for it.
type Slot = Mutex<Option<Result<Arc<Repository>, Failure>>>;

impl Shared<'_> {
    fn open(
        &self,
        bound: &BoundSource,
        workspace: &Workspace,
        digests: &Digests,
    ) -> Result<Opened, Failure> {
        let key = bound.key(workspace);
        let slot = {
            let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(opened.entry(key.clone()).or_default())
        };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let repository = slot.get_or_insert_with(|| {
            let located = self.request.open_bound(bound, workspace, self.env)?;
            let scopes = self.scopes.get(&key).map(Vec::as_slice).unwrap_or_default();
            Repository::open_for(located.source, scopes).map(Arc::new)
        });
        match repository {
            Ok(repository) => Ok(Opened {
                repository: Arc::clone(repository),
                name: bound.repository.clone(),
                scope: workspace.binding.scope.clone(),
                workspace: Some(workspace.clone()),
                source_key: self.request.source_key(bound, workspace, self.env),
                digests: digests.clone(),
            }),
            Err(failure) => Err(failure.clone()),
        }
    }
}

/// Returns a function that formats the path of a workspace, with `~` for the home directory.
pub fn shortening(env: &Env) -> impl Fn(&Path) -> String {
    let home = env.home.as_deref().and_then(|home| fs::canonicalize(home).ok());
    move |path| match home.as_ref().and_then(|home| path.strip_prefix(home).ok()) {
        Some(inside) if !inside.as_os_str().is_empty() => format!("~/{}", inside.display()),
        _ => path.display().to_string(),
    }
}
