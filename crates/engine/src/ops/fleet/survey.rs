//! `drift --all` and `status --all`: the workspaces of this machine, by their stamps where these hold.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::edge::env::Env;
use crate::edge::registry::Registered;
use crate::ops::fleet::registry::{self as local, WorkspaceResult};
use crate::ops::repository::load::Opened;
use crate::ops::repository::locate::{Request, read_workspace};
use crate::ops::repository::remote::Fetching;
use crate::ops::state::as_written::as_written;
use crate::ops::state::fingerprint::FingerprintStore;
use crate::ops::{Failure, workers};

/// How workspaces are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InspectBy {
    /// By size and time; by content where these have changed.
    ByTime,
    /// By the content of every file.
    ByContent,
    /// The same, and all there is to say of each is wanted.
    InFull,
}

/// What was seen of a workspace.
#[derive(Debug)]
pub enum Inspection<R> {
    /// All is as it was when nothing was left to do and nothing differed.
    Unchanged,
    /// Its content was compared.
    Compared(R),
}

/// From so many workspaces on, looking at their stamps on all cores is faster.
const MANY: usize = 8;

/// Looks at every registered workspace of the config repository that is named or around, else at all.
pub fn survey<R: Send>(
    request: &Request,
    env: &Env,
    how: InspectBy,
    compare: impl Fn(&Opened) -> Result<R, Failure> + Sync,
) -> Result<Vec<WorkspaceResult<Inspection<R>>>, Failure> {
    let meant = local::selected(request, env)?;
    let mut request = Request { config_repo: None, ..request.clone() };
    if request.fetching != Fetching::Never {
        fetch(&request, env, &meant);
        // What was fetched, or tried in vain, just now.
        request.fetching = Fetching::OlderThan(Duration::from_secs(24 * 60 * 60));
    }
    let unchanged = workers::map(&meant, MANY, |one| match how {
        InspectBy::ByTime => {
            FingerprintStore::find(&one.path, env).is_some_and(|store| store.is_clean(env))
        }
        InspectBy::ByContent => as_written(&one.path, &request, env).is_some(),
        InspectBy::InFull => false,
    });
    let changed: Vec<PathBuf> = (meant.iter().zip(&unchanged))
        .filter(|(_, unchanged)| !**unchanged)
        .map(|(one, _)| one.path.clone())
        .collect();
    let mut compared =
        local::each(&request, env, &changed, |opened| compare(opened).map(Inspection::Compared))
            .into_iter();
    Ok(meant
        .into_iter()
        .zip(unchanged)
        .filter_map(|(one, unchanged)| match unchanged {
            true => Some(WorkspaceResult { path: one.path, result: Ok(Inspection::Unchanged) }),
            false => compared.next(),
        })
        .collect())
}

/// Fetches each config repository that has an address, once. What goes wrong is said again where it is read.
fn fetch(request: &Request, env: &Env, meant: &[Registered]) {
    let remote = meant.iter().filter(|one| !one.config.starts_with('/'));
    let each: BTreeMap<&str, &Registered> = remote.map(|one| (one.config.as_str(), one)).collect();
    for one in each.into_values() {
        let _ =
            read_workspace(&one.path).and_then(|workspace| request.open_binding(&workspace, env));
    }
}
