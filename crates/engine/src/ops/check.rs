//! `check`: reports every finding in a config repository.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::{Failure, workers};
use crate::edge::clock;
use crate::edge::config_source::EntryKind;
use crate::edge::env::Env;
use crate::ops::repository::load::{LoadedLayer, Opened, Repository};
use crate::ops::repository::locate::Request;
use claude_env_core::diagnostic::{Diagnostic, Finding, Sink};
use claude_env_core::layer::{DEFAULT_ENVIRONMENT, Layer, LayerKind, LayerName, Scope, ScopeName};
use claude_env_core::model::rule;
use claude_env_core::rule::{PathKind, RepositoryContext, RepositoryPath};

/// From this many scopes on, checking them on all cores is faster.
const WORTH_THREADS: usize = 32;

/// The result of `check`.
#[derive(Debug)]
pub struct Report {
    /// The findings, sorted and without repetitions.
    pub findings: Vec<Finding>,
    /// How many layers were read.
    pub layers: usize,
    /// How many scopes were merged and checked.
    pub scopes: usize,
}

/// Opens the config repository that a command is about, and checks it. Fails when it cannot be read.
pub fn run(request: &Request, staged: bool, env: &Env) -> Result<Report, Failure> {
    let opened = if staged { Opened::staged(request, env)? } else { Opened::new(request, env)? };
    let only = (request.scope != Scope::default()).then_some(&opened.scope);
    check(&opened.repository, only)
}

/// Checks the whole repository: every layer, every overlay, and every scope of the fleet; or one scope, if given.
///
/// Fails when a file cannot be read.
pub fn check(repository: &Repository, only: Option<&Scope>) -> Result<Report, Failure> {
    let mut diagnostics: Vec<Diagnostic> = repository.diagnostics.clone();
    let known = Known::read(repository)?;
    diagnostics.extend(repository_rules(repository, &known)?);
    if let Some(scope) = only {
        let loaded = repository.stack(scope, None)?;
        diagnostics.extend(loaded.own_diagnostics().cloned());
        diagnostics.extend(repository.check(&loaded));
        let layers = loaded.stack.layers.len() - 1;
        let findings = repository.findings(&diagnostics);
        return Ok(Report { findings, layers, scopes: 1 });
    }
    diagnostics.extend(known.layers.iter().flat_map(|layer| layer.diagnostics.iter().cloned()));
    let scopes = known.scopes(repository);
    let checked = workers::map(&scopes, WORTH_THREADS, |scope| {
        // A name that no layer has is reported where it is written, by the rules of the repository.
        repository.stack(scope, None).map(|loaded| repository.check(&loaded))
    });
    for found in checked {
        diagnostics.extend(found?);
    }
    let findings = repository.findings(&diagnostics);
    Ok(Report { findings, layers: known.layers.len(), scopes: scopes.len() })
}

/// The names that the repository has.
struct Known {
    teams: Vec<String>,
    projects: Vec<String>,
    users: Vec<String>,
    overlays: Vec<(LayerName, Vec<String>)>,
    /// All layers; held so that each is read once.
    layers: Vec<Arc<LoadedLayer>>,
}

impl Known {
    fn read(repository: &Repository) -> Result<Self, Failure> {
        let teams = repository.names(LayerKind::Team)?;
        let projects = repository.names(LayerKind::Project)?;
        let users = repository.names(LayerKind::User)?;
        let layers = repository.all_layers()?;
        let overlays = (layers.iter())
            .map(|loaded| {
                let environments = loaded.layer.overlays().map(str::to_owned).collect();
                (loaded.layer.name.clone(), environments)
            })
            .collect();
        Ok(Self { teams, projects, users, overlays, layers })
    }

    /// Returns the scopes to check: those of the fleet, one for each layer that no workspace uses, and each with every
    /// environment of its layers.
    fn scopes(&self, repository: &Repository) -> Vec<Scope> {
        let mut scopes: BTreeSet<Scope> = BTreeSet::from([Scope::default()]);
        scopes.extend(repository.manifest.workspaces.iter().map(|entry| entry.scope.clone()));
        let used: HashSet<LayerName> = scopes.iter().flat_map(Scope::layers).collect();
        let names = self.layers.iter().map(|loaded| &loaded.layer.name);
        scopes.extend(names.filter(|name| !used.contains(name)).map(LayerName::as_scope));
        // An overlay applies to the scopes that have its layer.
        let layers: HashMap<&LayerName, &Layer> =
            self.layers.iter().map(|loaded| (&loaded.layer.name, &*loaded.layer)).collect();
        let mut overlaid = Vec::new();
        for scope in scopes.iter().filter(|scope| scope.environment.is_none()) {
            let layers = scope.layers().filter_map(|name| layers.get(&name));
            let environments = layers.flat_map(|layer| layer.overlays());
            overlaid.extend(
                environments
                    .filter(|environment| *environment != DEFAULT_ENVIRONMENT)
                    .filter_map(|environment| ScopeName::parse(environment).ok())
                    .map(|environment| Scope { environment: Some(environment), ..scope.clone() }),
            );
        }
        scopes.extend(overlaid);
        scopes.into_iter().collect()
    }
}

/// Runs the rules that look at the repository as a whole.
fn repository_rules(repository: &Repository, known: &Known) -> Result<Vec<Diagnostic>, Failure> {
    let entries = repository.source.walk("")?;
    let paths: Vec<RepositoryPath> = entries
        .into_iter()
        .filter_map(|entry| {
            let kind = match entry.kind {
                EntryKind::File { .. } => PathKind::File,
                EntryKind::Symlink { target } => PathKind::Symlink(target),
                EntryKind::NotUtf8Name => PathKind::NotUtf8Name,
                EntryKind::Other => PathKind::Other,
                EntryKind::Folder => return None,
            };
            Some(RepositoryPath { path: entry.path, kind })
        })
        .collect();
    let today = clock::today();
    let context = RepositoryContext {
        manifest: &repository.manifest,
        paths: &paths,
        packs: repository.packs()?,
        teams: &known.teams,
        projects: &known.projects,
        users: &known.users,
        overlays: &known.overlays,
        today: &today,
        sources: &repository.sources,
    };
    let mut sink = Sink::default();
    rule::check_repository(&context, &mut sink);
    Ok(sink.into_diagnostics())
}
