//! `render`: renders a scope, or the whole fleet, into a folder.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Failure, workers};
use crate::edge::fs::{Root, Wait};
use crate::ops::repository::load::{Opened, Repository};
use crate::ops::state::folder::{apply_folder, plan_folder};
use crate::ops::state::target::header;
use claude_env_core::layer::{Scope, ScopeName};
use claude_env_core::render;
use claude_env_core::workspace::{DigestCache, Plan};

/// Renders one scope into a folder. Fails when the configuration has errors, or a file cannot be written.
pub fn one(opened: &Opened, output: &Path, dry_run: bool) -> Result<Plan, Failure> {
    let mut digests = DigestCache::default();
    scope(&opened.repository, &opened.name, &opened.scope, output, dry_run, &mut digests)
}

/// Renders every workspace of the fleet into a folder of its name, on all cores.
///
/// `summarize` turns the name and the plan of each workspace into what is kept of them, since all plans together would hold
/// the files of the whole fleet. `finished` is called with the numbers of finished and of all workspaces.
///
/// Fails before anything is written when the name of a workspace cannot be a folder. Fails after the other workspaces are
/// rendered when one has errors.
pub fn all<R: Send>(
    opened: &Opened,
    output: &Path,
    dry_run: bool,
    summarize: impl Fn(&str, &Plan) -> R + Sync,
    finished: impl Fn(usize, usize) + Sync,
) -> Result<Vec<R>, Failure> {
    let fleet = fleet(&opened.repository, opened.scope.environment.as_ref())?;
    let done = AtomicUsize::new(0);
    let summaries =
        workers::map_with(&fleet, 2, DigestCache::default, |digests, (name, workspace)| {
            let folder = output.join(name.as_str());
            let plan =
                scope(&opened.repository, &opened.name, workspace, &folder, dry_run, digests);
            finished(done.fetch_add(1, Ordering::Relaxed) + 1, fleet.len());
            plan.map(|plan| summarize(name.as_str(), &plan))
        });
    summaries.into_iter().collect()
}

/// Returns the workspaces sorted by scope, so that consecutive ones share layers.
fn fleet(
    repository: &Repository,
    environment: Option<&ScopeName>,
) -> Result<Vec<(ScopeName, Scope)>, Failure> {
    let mut fleet = Vec::with_capacity(repository.manifest.workspaces.len());
    for entry in &repository.manifest.workspaces {
        let name = ScopeName::parse(&entry.name).map_err(|problem| {
            Failure::usage(format!("workspace `{}` cannot be a folder: {problem}", entry.name))
        })?;
        let environment = entry.scope.environment.clone().or(environment.cloned());
        fleet.push((name, Scope { environment, ..entry.scope.clone() }));
    }
    if fleet.is_empty() {
        return Err(Failure::usage("the config repository lists no workspaces")
            .hint("add `[workspaces.NAME]` to claude-env.toml"));
    }
    fleet.sort_by(|a, b| a.1.cmp(&b.1));
    Ok(fleet)
}

/// Renders a scope into a folder.
fn scope(
    repository: &Repository,
    config: &str,
    scope: &Scope,
    folder: &Path,
    dry_run: bool,
    digests: &mut DigestCache,
) -> Result<Plan, Failure> {
    let loaded = repository.stack(scope, None)?;
    let (_, model) = repository.usable(&loaded)?;
    let rendering = render::render(&model);
    // Only its name: the path of the repository differs between machines, and the rendering must not.
    let config = Path::new(config).file_name().map_or(config.into(), |name| name.to_string_lossy());
    let revision = repository.source.commit().unwrap_or_default();
    let header = header(&config, revision, scope, false);
    let mut root = if dry_run { Root::new(folder) } else { Root::create(folder)? };
    let _lock = if dry_run { None } else { root.lock(Wait::default())? };
    let plan = plan_folder(&mut root, &rendering, header, digests)?;
    if !dry_run {
        apply_folder(&mut root, &plan)?;
    }
    Ok(plan)
}
