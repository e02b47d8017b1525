//! `drift --all` and `status --all`: inspects the workspaces of this machine, by their fingerprints where these hold.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::edge::env::Env;
use crate::edge::registry::Registered;
use crate::ops::fleet::registry::{self, WorkspaceResult};
use crate::ops::repository::load::Opened;
use crate::ops::repository::locate::{Request, read_workspace};
use crate::ops::repository::remote::Fetching;
use crate::ops::state::as_written::as_written;
use crate::ops::state::fingerprint::FingerprintStore;
use crate::ops::{Failure, workers};

/// How workspaces are inspected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InspectBy {
    /// By size and time of files; by content when these have changed.
    ByTime,
    /// By the content of every file.
    ByContent,
    /// By the content of every file, with a full report on each workspace.
    InFull,
}

/// The result of an inspection.
#[derive(Debug)]
pub enum Inspection<R> {
    /// Nothing has changed since a sync that left no difference.
    Unchanged,
    /// The content was compared.
    Compared(R),
}

/// From this many workspaces on, reading their fingerprints on all cores is faster.
const MANY: usize = 8;

/// Inspects the registered workspaces that a request selects.
///
/// Fails when the request has options that do not go with `--all`.
pub fn inspect_all<R: Send>(
    request: &Request,
    env: &Env,
    how: InspectBy,
    compare: impl Fn(&Opened) -> Result<R, Failure> + Sync,
) -> Result<Vec<WorkspaceResult<Inspection<R>>>, Failure> {
    let selected = registry::selected(request, env)?;
    let mut request = Request { config_repo: None, ..request.clone() };
    if request.fetching != Fetching::Never {
        fetch(&request, env, &selected);
        // What was fetched just now, or could not be, is not fetched again.
        request.fetching = Fetching::OlderThan(Duration::from_secs(24 * 60 * 60));
    }
    let unchanged = workers::map(&selected, MANY, |one| match how {
        InspectBy::ByTime => {
            FingerprintStore::find(&one.path, env).is_some_and(|store| store.is_clean(env))
        }
        InspectBy::ByContent => as_written(&one.path, &request, env).is_some(),
        InspectBy::InFull => false,
    });
    let changed: Vec<PathBuf> = (selected.iter().zip(&unchanged))
        .filter(|(_, unchanged)| !**unchanged)
        .map(|(one, _)| one.path.clone())
        .collect();
    let mut compared =
        registry::each(&request, env, &changed, |opened| compare(opened).map(Inspection::Compared))
            .into_iter();
    Ok(selected
        .into_iter()
        .zip(unchanged)
        .filter_map(|(one, unchanged)| match unchanged {
            true => Some(WorkspaceResult { path: one.path, result: Ok(Inspection::Unchanged) }),
            false => compared.next(),
        })
        .collect())
}

/// Fetches each config repository that has an address, once. Ignores failures: they are reported when it is read.
fn fetch(request: &Request, env: &Env, selected: &[Registered]) {
    let remote = selected.iter().filter(|one| !one.config.starts_with('/'));
    let each: BTreeMap<&str, &Registered> = remote.map(|one| (one.config.as_str(), one)).collect();
    for one in each.into_values() {
        let _ =
            read_workspace(&one.path).and_then(|workspace| request.open_binding(&workspace, env));
    }
}
