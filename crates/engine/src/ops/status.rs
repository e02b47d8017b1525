//! `status`: how a workspace stands, at a glance.

use std::collections::BTreeMap;

use super::Failure;
use super::drift::masked;
use super::hooks::{self, Report};
use crate::edge::env::Env;
use crate::ops::fleet::registry::WorkspaceResult;
use crate::ops::fleet::survey::{InspectBy, Inspection, survey};
use crate::ops::repository::load::Opened;
use crate::ops::repository::locate::Request;
use crate::ops::state::inspect::{Inspected, inspect, inspect_target};
use crate::ops::state::target::TargetState;
use claude_env_core::drift::{Content, DriftClass, NextAction, WorkspaceChange, columns};
use claude_env_core::layer::{Mode, Scope};
use claude_env_core::workspace::{Class, EntryKey, Header, Problem};

/// How a workspace stands.
#[derive(Debug)]
pub struct Status {
    /// The folder of the workspace.
    pub root: String,
    /// The config repository as the binding names it, and the branch, tag or commit to follow.
    pub repository: String,
    pub reference: Option<String>,
    /// The commit that the configuration is at now; empty for a folder as it stands.
    pub revision: String,
    pub rendered: Rendered,
    pub scope: Scope,
    pub mode: Mode,
    /// How many entries are of each class.
    pub counts: BTreeMap<&'static str, usize>,
    pub rows: Vec<StatusRow>,
    pub problems: Vec<Problem>,
    pub percentage: f64,
    pub significant: bool,
    pub drifted: usize,
    pub ignored: usize,
    /// Whether the last sync did not come to its end.
    pub interrupted: bool,
    /// In whose hands git's hooks are; `None` outside of git.
    pub hooks: Option<Report>,
}

impl Status {
    /// Whether something is not as it should be, and not accepted.
    pub fn drifts(&self) -> bool {
        self.drifted > 0 || !self.problems.is_empty()
    }
}

/// What the last sync rendered.
#[derive(Debug)]
pub enum Rendered {
    /// There was none.
    Nothing,
    /// This commit (empty for a folder as it stands), which is so many commits behind, if that is known.
    Revision {
        revision: String,
        behind: Option<usize>,
        /// Whether it was rendered for another scope, or from another repository, than the binding names now.
        elsewhere: bool,
    },
}

/// One entry in two columns.
#[derive(Debug)]
pub struct StatusRow {
    pub file: String,
    pub pointer: String,
    pub entry: String,
    pub class: &'static str,
    pub moved: WorkspaceChange,
    pub todo: NextAction,
}

/// Looks at the workspace around the folder.
pub fn status(request: &Request, env: &Env) -> Result<Status, Failure> {
    let opened = Opened::new(request, env)?;
    let hooks = hooks::report(&opened.bound()?.root)?;
    inspect(&opened, env, |seen| of(&opened, seen, hooks))
}

/// Looks at a workspace beside its target state.
pub(super) fn of_target(target: &TargetState<'_>, env: &Env) -> Result<Status, Failure> {
    Ok(of(target.opened, &inspect_target(target, env)?, None))
}

/// Looks at every workspace of this machine, or at those that read one config repository; not at their hooks. `tell` makes of each
/// what is kept of it.
pub fn status_all<R: Send>(
    request: &Request,
    env: &Env,
    how: InspectBy,
    tell: impl Fn(&Status) -> R + Sync,
) -> Result<Vec<WorkspaceResult<Inspection<R>>>, Failure> {
    survey(request, env, how, |opened| inspect(opened, env, |seen| tell(&of(opened, seen, None))))
}

fn of(opened: &Opened, seen: &Inspected<'_>, hooks: Option<Report>) -> Status {
    let binding = opened.workspace.as_ref().map(|workspace| &workspace.binding);
    let report = &seen.report;
    let mut counts = BTreeMap::new();
    let mut rows = Vec::new();
    for state in seen.sides.iter().flat_map(|side| &side.comparison().states) {
        *counts.entry(state.class.word()).or_default() += 1;
        if state.class == Class::Clean {
            continue;
        }
        let (moved, todo) = columns(state);
        rows.push(StatusRow {
            file: state.path.to_string(),
            pointer: state.key.pointer().to_owned(),
            entry: state.name(),
            class: state.class.word(),
            moved,
            todo,
        });
    }
    let all = report.entries.iter().chain(report.ignored.iter().map(|(entry, _)| entry));
    for entry in all.filter(|entry| entry.class == DriftClass::Foreign) {
        *counts.entry(entry.class.word()).or_default() += 1;
        rows.push(StatusRow {
            file: entry.path.to_string(),
            pointer: entry.entry.pointer().to_owned(),
            entry: match (&entry.entry, &entry.actual) {
                (EntryKey::Item(..), Content::Value(item)) => {
                    format!("{}  {}", entry.entry, masked("", item))
                }
                _ => entry.entry.to_string(),
            },
            class: entry.class.word(),
            moved: WorkspaceChange::Added,
            todo: NextAction::Keep,
        });
    }
    rows.sort_by(|a, b| a.file.cmp(&b.file));
    Status {
        root: opened.workspace.as_ref().map(|it| it.root.display().to_string()).unwrap_or_default(),
        repository: opened.name.clone(),
        reference: binding.and_then(|binding| binding.reference.clone()),
        revision: seen.revision.clone(),
        rendered: rendered(opened, seen),
        scope: seen.scope.clone(),
        mode: binding.map(|binding| binding.mode).unwrap_or_default(),
        counts,
        rows,
        problems: report.unreadable.iter().map(|file| file.problem.clone()).collect(),
        percentage: report.percentage(),
        significant: report.is_significant(),
        drifted: report.drifted(),
        ignored: report.ignored.len(),
        interrupted: seen.sides.iter().any(|side| side.ledger.is_interrupted()),
        hooks,
    }
}

fn rendered(opened: &Opened, seen: &Inspected<'_>) -> Rendered {
    let Some(side) = seen.sides.iter().find(|side| side.ledger.has_lock()) else {
        return Rendered::Nothing;
    };
    let Header { repository, revision, scope, .. } = &side.ledger.lock.header;
    Rendered::Revision {
        revision: revision.clone(),
        behind: match *revision == seen.revision {
            true => Some(0),
            false => opened.repository.source.ahead_of(revision),
        },
        elsewhere: *repository != seen.header.repository || *scope != seen.header.scope,
    }
}
