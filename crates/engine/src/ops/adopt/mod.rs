//! `adopt`: copies changes in a workspace to the layers of the config repository.
//!
//! The layers are edited, checked and rendered in memory, and the result is compared with the workspace. Only then are files
//! written.

mod candidate;
#[cfg(test)]
mod tests;
mod trial;

use std::path::{Path, PathBuf};

use super::Failure;
use crate::edge::config_source::ConfigSource;
use crate::edge::env::Env;
use crate::edge::fs::{Root, Wait};
use crate::ops::repository::load::Opened;
use crate::ops::repository::locate::Request;
use crate::ops::state::folder::apply_folder;
use candidate::{Candidate, Candidates};
use claude_env_core::adopt::{
    Draft, FileContent, Home, LayerPath, LocalChange, NamedEntry, Refusal, Unit, select, units,
};
use claude_env_core::diagnostic::Finding;
use claude_env_core::layer::{LayerKind, Scope};
use claude_env_core::source::RepoPath;
use claude_env_core::workspace::{
    Action, ActualFile, FileChange, Plan, Problem, unified, unified_file,
};
use trial::Trial;

/// What to adopt.
#[derive(Clone, Debug, Default)]
pub struct AdoptOptions {
    /// The entries, as named on the command line; empty means all that drifted.
    pub entries: Vec<String>,
    /// The layer to edit; `None` chooses one for each entry.
    pub layer: Option<LayerKind>,
}

/// The plan of an adoption.
#[derive(Debug)]
pub struct Adoption {
    /// The config repository as the binding or the command line names it.
    pub repository: String,
    /// The entries that are adopted.
    pub adopted: Vec<Row>,
    /// The entries that cannot be adopted, with the reason.
    pub refused: Vec<(Row, Refusal)>,
    /// Files of the workspace that cannot be read, so that nothing in them can be adopted.
    pub problems: Vec<Problem>,
    /// Foreign entries that were not named, so that they stay in the workspace only.
    pub passed_over: Vec<Row>,
    /// New findings that `check` will report for the edited layers.
    pub warnings: Vec<Finding>,
    /// The files that change, in each folder.
    pub edits: Vec<Edits>,
}

/// The edits in one folder.
#[derive(Debug)]
pub struct Edits {
    /// The folder.
    pub folder: PathBuf,
    /// Whether it is the config repository; otherwise it is the folder of the machine's user layer.
    pub is_repository: bool,
    /// The changes in the folder.
    pub plan: Plan,
}

/// One entry, for display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The file in the workspace.
    pub file: String,
    /// The JSON pointer of the entry, or of the list that an item is in; empty for a whole file or a block.
    pub pointer: String,
    /// The name of the entry for people, with secrets masked; empty for a whole file.
    pub entry: String,
    /// How the entry differs from the configuration, as one word; `foreign` for an entry of somebody else.
    pub class: &'static str,
    /// The key in a layer.
    pub key: String,
    /// Where the configuration defines it; empty when it does not.
    pub origin: String,
    /// The layers that are edited.
    pub layers: Vec<String>,
}

impl Adoption {
    /// Returns true when everything that was requested can be adopted.
    pub fn is_whole(&self) -> bool {
        self.refused.is_empty() && self.problems.is_empty()
    }

    /// Returns true when nothing will be written.
    pub fn is_noop(&self) -> bool {
        self.edits.iter().all(|edits| edits.plan.is_noop())
    }

    /// Returns the edits as a unified diff, with secrets masked.
    pub fn diff(&self, colors: bool) -> String {
        let mut text = String::new();
        for edits in &self.edits {
            if edits.is_repository {
                text.push_str(&unified(&edits.plan, colors));
                continue;
            }
            for FileChange { path, action, .. } in &edits.plan.changes {
                let (before, after): (&[u8], &[u8]) = match action {
                    Action::Create { bytes, .. } => (&[], bytes),
                    Action::Update { before, bytes, .. } => (before, bytes),
                    Action::Delete { before } => (before, &[]),
                };
                let path = edits.folder.join(path.as_str()).display().to_string();
                text.push_str(&unified_file(path.trim_start_matches('/'), before, after, colors));
            }
        }
        text
    }

    /// Writes the edited layers. Fails when a file was changed meanwhile, or cannot be written.
    pub fn write(&self) -> Result<(), Failure> {
        for edits in &self.edits {
            let mut root = if edits.is_repository {
                Root::new(&edits.folder)
            } else {
                Root::create(&edits.folder)?
            };
            let _lock = root.lock(Wait::default())?;
            apply_folder(&mut root, &edits.plan)?;
        }
        Ok(())
    }
}

/// Plans the edits of layers after which they render what the workspace around the directory has. Writes nothing.
///
/// Fails when the configuration has errors, or an entry or layer that the options name does not exist.
pub fn adopt(request: &Request, env: &Env, options: &AdoptOptions) -> Result<Adoption, Failure> {
    let folder = request.working_folder()?;
    let opened = Opened::new(request, env)?;
    opened.bound()?;
    is_checked_out(&opened, &folder)?;
    layer_exists(options.layer, &opened.scope, env)?;
    let trial = Trial::new(&opened, &folder, env, options.layer)?;
    let seen = Candidates::new(&trial.target, !options.entries.is_empty(), env)?;
    let chosen = choose(&seen.candidates, &options.entries)?;
    // Adopting such a text would revert what the configuration changed in it.
    let (merged, chosen): (Vec<&Candidate>, Vec<&Candidate>) =
        chosen.into_iter().partition(|candidate| candidate.is_merged);
    let problems = match options.entries.is_empty() {
        true => seen.problems.clone(),
        false => Vec::new(),
    };
    let spare = |candidate: &Candidate| candidate.foreign && !candidate.by_default;
    let picked: Vec<LocalChange> =
        chosen.iter().map(|candidate| candidate.change.clone()).collect();
    let others: Vec<&Candidate> = (seen.candidates.iter())
        .filter(|candidate| spare(candidate) && !picked.contains(&candidate.change))
        .collect();
    let all = units(picked, others.iter().map(|candidate| candidate.change.clone()).collect());
    let outcome = trial.run(all, &seen)?;
    let row = |change: &LocalChange, layers: &[String]| seen.row(change, layers);
    let rows = |unit: &Unit, layers: &[String]| -> Vec<Row> {
        unit.changes().map(|change| row(change, layers)).collect()
    };
    let adopted: Vec<Row> =
        outcome.accepted.iter().flat_map(|(unit, layers)| rows(unit, layers)).collect();
    let mut refused: Vec<(Row, Refusal)> = (outcome.refused.iter())
        .flat_map(|(unit, why)| rows(unit, &[]).into_iter().map(|row| (row, why.clone())))
        .collect();
    refused.extend(merged.into_iter().map(|candidate| {
        let why = Refusal::new("the configuration changed other lines of it")
            .help("run `claude-env sync` first, which merges both; then adopt the rest");
        (row(&candidate.change, &[]), why)
    }));
    let passed_over = if options.entries.is_empty() {
        let rows =
            others.iter().filter(|other| other.mentioned).map(|other| row(&other.change, &[]));
        let refused = || refused.iter().map(|(row, _)| row);
        rows.filter(|row| !known(row, adopted.iter().chain(refused()))).collect()
    } else {
        Vec::new()
    };
    Ok(Adoption {
        repository: opened.name.clone(),
        adopted,
        refused,
        problems,
        passed_over,
        warnings: outcome.warnings,
        edits: edits(&outcome.draft, &folder, env)?,
    })
}

/// Returns true when the rows have one for the same entry.
fn known<'r>(row: &Row, mut rows: impl Iterator<Item = &'r Row>) -> bool {
    rows.any(|other| (&other.file, &other.entry) == (&row.file, &row.entry))
}

/// Returns the named entries; all that drifted when none is named. Fails for a name that is unknown or ambiguous.
fn choose<'c>(all: &'c [Candidate], words: &[String]) -> Result<Vec<&'c Candidate>, Failure> {
    if words.is_empty() {
        return Ok(all.iter().filter(|candidate| candidate.by_default).collect());
    }
    let named: Vec<NamedEntry<'_>> = all.iter().map(Candidate::named).collect();
    let chosen = select(words, &named)?;
    let chosen = chosen.into_iter().filter_map(|at| all.get(at));
    Ok(chosen.filter(|candidate| candidate.adoptable).collect())
}

/// Fails when another commit is checked out than the one that the configuration was read from.
fn is_checked_out(opened: &Opened, folder: &Path) -> Result<(), Failure> {
    let Some(read) = opened.repository.source.commit() else { return Ok(()) };
    let head = ConfigSource::revision(folder, "HEAD")?;
    let head = head.commit().unwrap_or_default();
    if head == read {
        return Ok(());
    }
    let short = |commit: &str| commit.get(..10).unwrap_or(commit).to_owned();
    Err(Failure::usage(format!(
        "`{}` has {} checked out, but the configuration is read at {}",
        folder.display(),
        short(head),
        short(read)
    ))
    .hint("check out that commit; or adopt into the files as they are, with `--config-repo DIR`"))
}

/// Fails when the scope does not have the requested layer.
fn layer_exists(layer: Option<LayerKind>, scope: &Scope, env: &Env) -> Result<(), Failure> {
    let missing = match layer {
        Some(LayerKind::Team) => scope.team.is_none(),
        Some(LayerKind::Project) => scope.project.is_none(),
        Some(LayerKind::User) => scope.user.is_none() && env.user_layer().is_none(),
        _ => false,
    };
    match layer.filter(|_| missing) {
        Some(layer) => {
            let word = layer.word();
            Err(Failure::usage(format!("the workspace's scope has no {word}"))
                .hint(format!("name one in the binding, or with `--{word} NAME`")))
        }
        None => Ok(()),
    }
}

/// Converts a draft to a plan for each folder.
fn edits(draft: &Draft, folder: &Path, env: &Env) -> Result<Vec<Edits>, Failure> {
    let homes = [(Home::Repository, Some(folder.to_path_buf())), (Home::User, env.user_layer())];
    let mut all = Vec::new();
    for (home, folder) in homes {
        let Some(folder) = folder else { continue };
        let mut root = Root::new(&folder);
        let mut changes = Vec::new();
        for (place, content) in draft.files.iter().filter(|(place, _)| place.home == home) {
            changes.extend(change(&mut root, place, content.as_ref())?);
        }
        if changes.is_empty() {
            continue;
        }
        changes.sort_by_key(|change| matches!(change.action, Action::Delete { .. }));
        let plan = Plan { changes, ..Plan::default() };
        all.push(Edits { folder, is_repository: home == Home::Repository, plan });
    }
    Ok(all)
}

/// Returns the change of one file; `None` when there is nothing to do. Fails when the file cannot be edited.
fn change(
    root: &mut Root,
    place: &LayerPath,
    content: Option<&FileContent>,
) -> Result<Option<FileChange>, Failure> {
    let path = RepoPath::parse(&place.path)
        .map_err(|error| Failure::io(format!("cannot write `{}`: {error}", place.path)))?;
    let action = match (root.read(&path), content) {
        (ActualFile::Unusable { reason, help, .. }, _) => {
            return Err(Failure::io(format!("cannot edit `{path}`: it {reason}")).hint(help));
        }
        (ActualFile::Missing, None) => return Ok(None),
        (ActualFile::Missing, Some(content)) => Action::Create {
            bytes: content.bytes.clone(),
            executable: content.executable.unwrap_or(false),
        },
        (ActualFile::Bytes { bytes: before, .. }, None) => Action::Delete { before },
        (ActualFile::Bytes { bytes: before, .. }, Some(content)) => Action::Update {
            before,
            bytes: content.bytes.clone(),
            executable: content.executable,
            shared: true,
        },
    };
    Ok(Some(FileChange { path, action, mode: None }))
}
