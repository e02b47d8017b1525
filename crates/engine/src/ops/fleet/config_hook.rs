//! The git hooks in a clone of a config repository.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::edge::env::Env;
use crate::edge::git::{self, GitOperation};
use crate::edge::registry::registered;
use crate::ops::Failure;
use crate::ops::fleet::registry::{self, WorkspaceResult};
use crate::ops::hook::{Call, is_for_files, unless_held};
use crate::ops::repository::locate::{Request, identity_of};
use crate::ops::repository::remote::Fetching;
use crate::ops::state::fingerprint::{FingerprintStore, report_digest};
use crate::ops::sync::Synced;
use claude_env_core::layer::{BINDING_FILE, MANIFEST_FILE};

/// Returns true when a folder is the root of a config repository.
pub fn is_config(folder: &Path) -> bool {
    folder.join(MANIFEST_FILE).is_file()
}

/// Syncs every registered workspace of the config repository in this folder for which something has changed.
///
/// `summarize` turns each result into what is kept of it, if anything; its second argument is true when what is left as it is
/// was reported before. Fails when a variable has no valid value.
pub fn follow_all<R: Send>(
    request: &Request,
    env: &Env,
    hook: &str,
    arguments: &[&str],
    summarize: impl Fn(&Synced, bool) -> Option<R> + Sync,
) -> Result<Vec<WorkspaceResult<Option<R>>>, Failure> {
    if is_for_files(hook, arguments) {
        return Ok(Vec::new());
    }
    let place = git::discover(&request.directory).ok().flatten();
    let operation = place.and_then(|place| git::git_operation(&place, hook, arguments));
    if operation == Some(GitOperation::InProgress) {
        return Ok(Vec::new());
    }
    let Some(state) = env.state_folder() else { return Ok(Vec::new()) };
    let here = identity_of(&request.directory, &request.directory);
    let all = registered(&state, BINDING_FILE).into_iter().filter(|one| one.config == here);
    let unchanged =
        |root: &Path| FingerprintStore::find(root, env).is_some_and(|store| store.holds(env));
    let roots: Vec<PathBuf> = all.map(|one| one.path).filter(|root| !unchanged(root)).collect();
    let (roots, busy): (Vec<PathBuf>, Vec<PathBuf>) =
        roots.into_iter().partition(|root| Call::ELSEWHERE.held_up_by(root).is_none());
    for root in busy {
        tracing::debug!("left alone while git is not done: {}", root.display());
    }
    if roots.is_empty() {
        return Ok(Vec::new());
    }
    let env = env.clone().unattended();
    let window = env.freshness()?;
    let request = Request { fetching: Fetching::OlderThan(window), ..request.clone() };
    let reported = |root: &Path| FingerprintStore::find(root, &env)?.reported();
    let reported: HashMap<&PathBuf, Option<String>> =
        roots.iter().map(|root| (root, reported(root))).collect();
    let all = registry::each(&request, &env, &roots, |opened| {
        let workspace = opened.bound()?;
        let synced = unless_held(opened, workspace, &env, Call::ELSEWHERE)?;
        Ok(synced.and_then(|synced| {
            let before = reported.get(&workspace.root).and_then(Option::as_ref);
            summarize(&synced, before == Some(&report_digest(&synced.left)))
        }))
    });
    Ok(all)
}
