//! `status`: how a workspace stands, at a glance.

use std::collections::BTreeMap;

use super::Failure;
use super::drift::masked;
use super::hooks::{self, Report};
use super::inspect::{Inspected, inspect};
use super::load::Opened;
use super::local::Each;
use super::locate::Request;
use super::survey::{How, Looked, survey};
use crate::drift::{Content, DriftClass, Moved, Todo, columns};
use crate::edge::env::Env;
use crate::layer::{Mode, Scope};
use crate::workspace::{Class, EntryKey, Header, Problem};

/// How a workspace stands.
#[derive(Debug)]
pub(crate) struct Status {
    /// The folder of the workspace.
    pub(crate) root: String,
    /// The config repository as the binding names it, and the branch, tag or commit to follow.
    pub(crate) repository: String,
    pub(crate) reference: Option<String>,
    /// The commit that the configuration is at now; empty for a folder as it stands.
    pub(crate) revision: String,
    pub(crate) rendered: Rendered,
    pub(crate) scope: Scope,
    pub(crate) mode: Mode,
    /// How many entries are of each class.
    pub(crate) counts: BTreeMap<&'static str, usize>,
    pub(crate) rows: Vec<StatusRow>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) percentage: f64,
    pub(crate) significant: bool,
    pub(crate) drifted: usize,
    pub(crate) ignored: usize,
    /// Whether the last sync did not come to its end.
    pub(crate) interrupted: bool,
    /// In whose hands git's hooks are; `None` outside of git.
    pub(crate) hooks: Option<Report>,
}

impl Status {
    /// Whether something is not as it should be, and not accepted.
    pub(crate) fn drifts(&self) -> bool {
        self.drifted > 0 || !self.problems.is_empty()
    }
}

/// What the last sync rendered.
#[derive(Debug)]
pub(crate) enum Rendered {
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
pub(crate) struct StatusRow {
    pub(crate) file: String,
    pub(crate) pointer: String,
    pub(crate) entry: String,
    pub(crate) class: &'static str,
    pub(crate) moved: Moved,
    pub(crate) todo: Todo,
}

/// Looks at the workspace around the folder.
pub(crate) fn status(request: &Request, env: &Env) -> Result<Status, Failure> {
    let opened = Opened::new(request, env)?;
    let hooks = hooks::report(&opened.bound()?.root)?;
    of_opened(&opened, hooks, env)
}

/// Looks at a workspace with its configuration opened.
pub(crate) fn of_opened(
    opened: &Opened,
    hooks: Option<Report>,
    env: &Env,
) -> Result<Status, Failure> {
    inspect(opened, env, |seen| of(opened, seen, hooks))
}

/// Looks at every workspace of this machine, or at those that read one config repository; not at their hooks. `tell` makes of each
/// what is kept of it.
pub(crate) fn status_all<R: Send>(
    request: &Request,
    env: &Env,
    how: How,
    tell: impl Fn(&Status) -> R + Sync,
) -> Result<Vec<Each<Looked<R>>>, Failure> {
    survey(request, env, how, |opened| inspect(opened, env, |seen| tell(&of(opened, seen, None))))
}

fn of(opened: &Opened, seen: &Inspected<'_>, hooks: Option<Report>) -> Status {
    let binding = opened.workspace.as_ref().map(|workspace| &workspace.binding);
    let report = &seen.report;
    let mut counts = BTreeMap::new();
    let mut rows = Vec::new();
    for state in seen.sides.iter().flat_map(|side| &side.comparison.states) {
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
            moved: Moved::Added,
            todo: Todo::Keep,
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
    let Some(side) = seen.sides.iter().find(|side| side.ledger.is_there()) else {
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
