//! `drift`: reports where a workspace differs from its configuration.

use super::Failure;
use crate::edge::env::Env;
use crate::ops::fleet::inspect_all::{InspectBy, Inspection, inspect_all};
use crate::ops::fleet::registry::WorkspaceResult;
use crate::ops::repository::load::Opened;
use crate::ops::repository::locate::{Request, find_upwards};
use crate::ops::state::as_written::{AsWritten, as_written};
use crate::ops::state::inspect::{Inspected, inspect};
use crate::ops::state::plan::origin;
use claude_env_core::diagnostic::mask;
use claude_env_core::drift::{Content, DriftEntry};
use claude_env_core::layer::{BINDING_FILE, IgnoreRule};
use claude_env_core::report::drift::{Drift, Entry, IgnoredEntry, Rule, UnreadableFile};
use claude_env_core::source::Sources;

/// Reports the drift of the workspace around the directory. Fails when the configuration has errors.
pub fn drift(request: &Request, env: &Env) -> Result<Drift, Failure> {
    let opened = Opened::new(request, env)?;
    inspect(&opened, env, |seen| drifted(&opened, seen))
}

/// Returns the workspace around the directory when it has no drift, as far as that can be told without reading layers; else
/// `None`.
pub fn none(request: &Request, env: &Env) -> Option<AsWritten> {
    let root = find_upwards(&request.directory, BINDING_FILE)?;
    as_written(&root, request, env)
}

/// Reports the drift of every workspace of this machine, or of those of one config repository. `summarize` turns each report
/// into what is kept of it.
pub fn drift_all<R: Send>(
    request: &Request,
    env: &Env,
    how: InspectBy,
    summarize: impl Fn(Drift) -> R + Sync,
) -> Result<Vec<WorkspaceResult<Inspection<R>>>, Failure> {
    inspect_all(request, env, how, |opened| {
        inspect(opened, env, |seen| summarize(drifted(opened, seen)))
    })
}

fn drifted(opened: &Opened, seen: &Inspected<'_>) -> Drift {
    let (report, manifest) = (&seen.report, &opened.repository.manifest);
    let sources = &opened.repository.sources;
    let team = seen.scope.team.as_ref().map(ToString::to_string);
    let leads = team.as_ref().and_then(|team| manifest.leads.get(team));
    Drift {
        repository: opened.name.clone(),
        revision: seen.revision.clone(),
        percentage: report.percentage(),
        significant: report.is_significant(),
        threshold: report.threshold,
        drifted: report.drifted(),
        owned: report.owned,
        behind: seen.behind(),
        action: report.action(),
        leads: leads.cloned().unwrap_or_default(),
        entries: report.entries.iter().map(|entry| row(entry, sources)).collect(),
        ignored: (report.ignored.iter())
            .map(|(entry, rule)| {
                let Rule { path, reason, owner, until } = ignored(rule);
                IgnoredEntry { entry: row(entry, sources), path, reason, owner, until }
            })
            .collect(),
        expired: report.expired.iter().map(|rule| ignored(rule)).collect(),
        problems: (report.unreadable.iter())
            .map(|file| UnreadableFile {
                problem: (&file.problem).into(),
                severity: file.severity,
                entries: file.entries,
            })
            .collect(),
        team,
    }
}

fn row(entry: &DriftEntry, sources: &Sources) -> Entry {
    let pointer = entry.entry.pointer();
    let name = pointer.segments().last().map_or("", |name| &**name);
    Entry {
        file: entry.path.to_string(),
        pointer: pointer.to_string(),
        class: entry.class,
        severity: entry.severity,
        expected: shown(name, &entry.expected),
        actual: shown(name, &entry.actual),
        origin: Some(origin(&entry.origin, sources)).filter(|origin| !origin.is_empty()),
        entry: entry.entry.to_string(),
        key: entry.key.to_string(),
        line: entry.line,
    }
}

fn ignored(rule: &IgnoreRule) -> Rule {
    Rule {
        path: rule.path.pattern.clone(),
        reason: rule.reason.clone(),
        owner: rule.owner.clone(),
        until: rule.until.as_ref().map(|(until, _)| until.clone()).unwrap_or_default(),
    }
}

fn shown(name: &str, content: &Content) -> Content {
    match content {
        Content::Value(value) => Content::Value(mask::value(name, value)),
        other => other.clone(),
    }
}
