//! `render`: a scope, or the whole fleet, into a folder.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Failure;
use super::load::{Opened, Repository};
use super::reconcile::{self, Provenance};
use crate::edge::fs::Root;
use crate::layer::{Scope, ScopeName};
use crate::render;
use crate::workspace::{DigestCache, Plan};

/// One folder that was rendered into.
#[derive(Debug)]
pub(crate) struct Rendered {
    /// The workspace of the fleet; `None` for a scope given by hand.
    pub(crate) workspace: Option<String>,
    pub(crate) plan: Plan,
}

/// Renders one scope into a folder.
pub(crate) fn one(opened: &Opened, output: &Path, dry_run: bool) -> Result<Rendered, Failure> {
    let mut digests = DigestCache::default();
    let plan =
        scope(&opened.repository, &opened.name, &opened.scope, output, dry_run, &mut digests)?;
    Ok(Rendered { workspace: None, plan })
}

/// Renders every workspace of the fleet into a folder of its name, on all cores.
///
/// Nothing is written if a workspace's name cannot be a folder. A workspace whose configuration is unusable fails the run; the
/// others are finished.
pub(crate) fn all(
    opened: &Opened,
    output: &Path,
    dry_run: bool,
    threads: usize,
    finished: &(dyn Fn(usize, usize) + Sync),
) -> Result<Vec<Rendered>, Failure> {
    let fleet = fleet(&opened.repository, opened.scope.environment.as_ref())?;
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, Result<Rendered, Failure>)>> = Mutex::default();
    let work = || {
        let mut digests = DigestCache::default();
        let mut mine = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some((name, workspace)) = fleet.get(index) else { break };
            let folder = output.join(name.as_str());
            let (repository, config) = (&opened.repository, &opened.name);
            let plan = scope(repository, config, workspace, &folder, dry_run, &mut digests);
            let workspace = Some(name.to_string());
            mine.push((index, plan.map(|plan| Rendered { workspace, plan })));
            finished(done.fetch_add(1, Ordering::Relaxed) + 1, fleet.len());
        }
        if let Ok(mut results) = results.lock() {
            results.extend(mine);
        }
    };
    if threads <= 1 || fleet.len() <= 1 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..threads.min(fleet.len()) {
                scope.spawn(work);
            }
        });
    }
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
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
    let provenance = Provenance {
        repository: &config,
        revision: repository.source.commit().unwrap_or_default(),
        scope,
    };
    let mut root = if dry_run {
        Root::new(folder)
    } else {
        Root::create(folder).map_err(reconcile::fs_failure)?
    };
    let _alone = if dry_run { None } else { root.lock() };
    let plan = reconcile::plan(&mut root, &rendering, &provenance, digests)?;
    if !dry_run {
        reconcile::apply(&mut root, &plan)?;
    }
    Ok(plan)
}
