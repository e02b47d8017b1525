//! `status`: summarizes the state of a workspace.

use std::collections::BTreeMap;

use super::Failure;
use super::hooks::{self, Report};
use crate::edge::env::Env;
use crate::ops::fleet::inspect_all::{InspectBy, Inspection, inspect_all};
use crate::ops::fleet::registry::WorkspaceResult;
use crate::ops::repository::load::Opened;
use crate::ops::repository::locate::Request;
use crate::ops::state::inspect::{Inspected, inspect, inspect_target};
use crate::ops::state::target::TargetState;
use claude_env_core::diagnostic::mask;
use claude_env_core::drift::{Content, DriftClass, NextAction, WorkspaceChange, columns};
use claude_env_core::report::hooks::Hook;
use claude_env_core::report::status::{Drift, Entry, Rendered, Status};
use claude_env_core::workspace::{Class, EntryKey, Header};

/// Returns the status of the workspace around the directory. Fails when the configuration has errors.
pub fn status(request: &Request, env: &Env) -> Result<Status, Failure> {
    let opened = Opened::new(request, env)?;
    let hooks = hooks::report(&opened.bound()?.root)?;
    inspect(&opened, env, |seen| of(&opened, seen, hooks))
}

/// Returns the status of a workspace, without its git hooks.
pub(super) fn of_target(target: &TargetState<'_>, env: &Env) -> Result<Status, Failure> {
    Ok(of(target.opened, &inspect_target(target, env)?, None))
}

/// Returns the status of every workspace of this machine, or of those of one config repository, without their git hooks.
/// `summarize` turns each into what is kept of it.
pub fn status_all<R: Send>(
    request: &Request,
    env: &Env,
    how: InspectBy,
    summarize: impl Fn(Status) -> R + Sync,
) -> Result<Vec<WorkspaceResult<Inspection<R>>>, Failure> {
    inspect_all(request, env, how, |opened| {
        inspect(opened, env, |seen| summarize(of(opened, seen, None)))
    })
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
        let (workspace, sync) = columns(state);
        rows.push(Entry {
            file: state.path.to_string(),
            pointer: state.key.pointer().to_string(),
            entry: state.name(),
            class: state.class,
            workspace,
            sync,
        });
    }
    let all = report.entries.iter().chain(report.ignored.iter().map(|(entry, _)| entry));
    for entry in all.filter(|entry| entry.class == DriftClass::Foreign) {
        *counts.entry(entry.class.word()).or_default() += 1;
        rows.push(Entry {
            file: entry.path.to_string(),
            pointer: entry.entry.pointer().to_string(),
            entry: match (&entry.entry, &entry.actual) {
                (EntryKey::Item(..), Content::Value(item)) => {
                    format!("{}  {}", entry.entry, mask::value("", item))
                }
                _ => entry.entry.to_string(),
            },
            class: Class::Foreign,
            workspace: WorkspaceChange::Added,
            sync: NextAction::Keep,
        });
    }
    rows.sort_by(|a, b| a.file.cmp(&b.file));
    Status {
        workspace: (opened.workspace.as_ref())
            .map(|workspace| workspace.root.display().to_string())
            .unwrap_or_default(),
        repository: opened.name.clone(),
        reference: binding.and_then(|binding| binding.reference.clone()),
        revision: seen.revision.clone(),
        rendered: rendered(opened, seen),
        scope: seen.scope.into(),
        mode: binding.map(|binding| binding.mode).unwrap_or_default(),
        interrupted: seen.sides.iter().any(|side| side.lock.is_interrupted()),
        counts,
        behind: seen.behind(),
        drift: Drift {
            percentage: report.percentage(),
            significant: report.is_significant(),
            drifted: report.drifted(),
            ignored: report.ignored.len(),
        },
        hooks: hooks.map(|hooks| hooks.hooks.iter().map(Hook::from).collect()),
        entries: rows,
        problems: report.unreadable.iter().map(|file| (&file.problem).into()).collect(),
        scope_text: seen.scope.to_string(),
    }
}

fn rendered(opened: &Opened, seen: &Inspected<'_>) -> Option<Rendered> {
    let side = seen.sides.iter().find(|side| side.lock.has_lock())?;
    let Header { repository, revision, scope, .. } = &side.lock.applied.header;
    Some(Rendered {
        revision: revision.clone(),
        behind: match *revision == seen.revision {
            true => Some(0),
            false => opened.repository.source.ahead_of(revision),
        },
        elsewhere: *repository != seen.header.repository || *scope != seen.header.scope,
    })
}
