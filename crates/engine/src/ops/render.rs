//! `render`: a scope, or the whole fleet, into a folder.

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

/// Renders one scope into a folder.
pub fn one(opened: &Opened, output: &Path, dry_run: bool) -> Result<Plan, Failure> {
    let mut digests = DigestCache::default();
    scope(&opened.repository, &opened.name, &opened.scope, output, dry_run, &mut digests)
}

/// Renders every workspace of the fleet into a folder of its name, on all cores.
///
/// `tell` makes of each workspace's name and plan what is kept of them: all plans together would hold the whole fleet.
/// Nothing is written if a workspace's name cannot be a folder. A workspace whose configuration is unusable fails the run; the
/// others are finished.
pub fn all<R: Send>(
    opened: &Opened,
    output: &Path,
    dry_run: bool,
    tell: impl Fn(&str, &Plan) -> R + Sync,
    finished: impl Fn(usize, usize) + Sync,
) -> Result<Vec<R>, Failure> {
    let fleet = fleet(&opened.repository, opened.scope.environment.as_ref())?;
    let done = AtomicUsize::new(0);
    let told = workers::map_with(&fleet, 2, DigestCache::default, |digests, (name, workspace)| {
        let folder = output.join(name.as_str());
        let plan = scope(&opened.repository, &opened.name, workspace, &folder, dry_run, digests);
        finished(done.fetch_add(1, Ordering::Relaxed) + 1, fleet.len());
        plan.map(|plan| tell(name.as_str(), &plan))
    });
    told.into_iter().collect()
}

/// The workspaces by scope, so that neighbours share layers.
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
    // Where the repository lies is another matter on each machine; what is rendered must not be.
    let config = Path::new(config).file_name().map_or(config.into(), |name| name.to_string_lossy());
    let revision = repository.source.commit().unwrap_or_default();
    let header = header(&config, revision, scope, false);
    let mut root = if dry_run { Root::new(folder) } else { Root::create(folder)? };
    let alone = if dry_run { Ok(None) } else { root.lock(Wait::default()) };
    let _alone = alone?;
    let plan = plan_folder(&mut root, &rendering, header, digests)?;
    if !dry_run {
        apply_folder(&mut root, &plan)?;
    }
    Ok(plan)
}
