//! Converts results of operations to the answers of `report`. `drift` and `status` return answers themselves.

use super::Failure;
use super::adopt::{Adoption, Row};
use super::fleet::inspect_all::Inspection;
use super::fleet::registry::WorkspaceResult;
use super::hooks::{Changed, Report};
use super::init::Initialized;
use super::pack::PackChange;
use super::rollback::RolledBack;
use super::sync::{ExcludeChange, Synced};
use super::watch;
use claude_env_core::report::fleet::{Line, Method, Workspace};
use claude_env_core::report::{
    adopt, failure, hooks, init, pack, plan, rollback, sync, watch as answer,
};

impl From<&Failure> for failure::Failure {
    fn from(failure: &Failure) -> Self {
        Self {
            kind: failure.kind.word(),
            message: failure.message.clone(),
            hints: failure.hints.clone(),
            findings: failure.findings.clone(),
        }
    }
}

fn exclude(change: &ExcludeChange) -> sync::Exclude {
    sync::Exclude {
        file: change.path.display().to_string(),
        added: change.added.clone(),
        removed: change.removed.clone(),
    }
}

impl Synced {
    /// Returns the answer of `sync`.
    pub fn report(&self, dry_run: bool) -> sync::Sync {
        let warnings = self.warnings.iter().map(|warning| sync::Warning {
            file: warning.path.clone(),
            entry: warning.entry.clone(),
            message: warning.message.clone(),
            help: warning.help.clone(),
            origin: warning.origin.clone(),
        });
        sync::Sync {
            dry_run,
            repository: self.repository.clone(),
            revision: self.revision.clone(),
            generation: self.applied.generation,
            stopped: self.stopped,
            prune: self.plan.prune.as_ref().map(sync::Prune::from),
            plan: plan::Plan::new(&self.plan, &self.origins),
            warnings: warnings.collect(),
            exclude: self.exclude.as_ref().map(exclude),
            noop: self.is_noop(),
            scope: self.scope.to_string(),
            no_generation: self.applied.no_generation.clone(),
        }
    }
}

impl RolledBack {
    /// Returns the answer of `rollback`.
    pub fn report(&self, dry_run: bool) -> rollback::Rollback {
        rollback::Rollback {
            dry_run,
            back_to_before: self.number,
            generation: self.applied.generation,
            plan: (&self.plan).into(),
            exclude: self.exclude.as_ref().map(exclude),
            noop: self.is_noop(),
            only_lock: self.plan.changes.is_empty() && !self.plan.is_noop(),
        }
    }
}

impl From<&Report> for hooks::Status {
    fn from(report: &Report) -> Self {
        Self { hooks: report.hooks.iter().map(hooks::Hook::from).collect() }
    }
}

impl Changed {
    /// Returns the answer of `hooks install` and `hooks uninstall`.
    pub fn report(&self, dry_run: bool) -> hooks::Changed {
        hooks::Changed {
            dry_run,
            folder: self.report.folder.clone(),
            changes: self.steps.iter().map(hooks::Change::from).collect(),
            warnings: self.warnings.clone(),
            hooks: hooks::Status::from(&self.report).hooks,
        }
    }
}

impl Initialized {
    /// Returns the answer of `init`.
    pub fn report(&self, dry_run: bool) -> init::Init {
        let hooks = self.hooks.as_ref().map(|hooks| match hooks {
            Ok(changed) => init::Hooks::Changed(changed.report(dry_run)),
            Err(failure) => init::Hooks::Refused(init::Refused {
                refused: failure.message.clone(),
                help: failure.hints.clone(),
            }),
        });
        init::Init {
            sync: self.synced.report(dry_run),
            hooks,
            root: self.root.display().to_string(),
            written: self.written,
        }
    }
}

impl From<&PackChange> for pack::Change {
    fn from(change: &PackChange) -> Self {
        Self {
            pack: change.name.clone(),
            from: change.from.clone(),
            to: change.to.clone(),
            added: change.added.clone(),
            changed: change.changed.clone(),
            removed: change.removed.clone(),
            unchanged: change.unchanged,
            written: change.written,
            next_steps: change.next_steps(),
        }
    }
}

impl Adoption {
    /// Returns the answer of `adopt`. `written` says whether [`Adoption::write`] was called.
    pub fn report(&self, dry_run: bool, written: bool) -> adopt::Adopt {
        let entry = |row: &Row| adopt::Entry { name: name(row), layers: row.layers.clone() };
        let files = self.edits.iter().flat_map(|edits| {
            edits.plan.changes.iter().map(|change| adopt::File {
                folder: edits.folder.display().to_string(),
                file: change.path.to_string(),
                action: change.action.word(),
            })
        });
        adopt::Adopt {
            dry_run,
            written,
            repository: self.repository.clone(),
            adopted: self.adopted.iter().map(entry).collect(),
            refused: (self.refused.iter())
                .map(|(row, why)| adopt::Refused {
                    name: name(row),
                    reason: why.reason.clone(),
                    help: why.help.clone(),
                })
                .collect(),
            problems: self.problems.iter().map(plan::Problem::from).collect(),
            passed_over: self.passed_over.iter().map(entry).collect(),
            warnings: self.warnings.clone(),
            files: files.collect(),
            diff: self.diff(false),
            in_repository: self.edits.iter().any(|edits| edits.is_repository),
        }
    }
}

fn name(row: &Row) -> adopt::EntryName {
    adopt::EntryName {
        file: row.file.clone(),
        pointer: row.pointer.clone(),
        entry: row.entry.clone(),
        class: row.class,
        key: row.key.clone(),
        origin: Some(row.origin.clone()).filter(|origin| !origin.is_empty()),
    }
}

impl watch::Round {
    /// Returns the answer of a sync of `sync --watch`.
    pub fn report(&self) -> answer::Round {
        let cause = match &self.cause {
            watch::Cause::Start => answer::Cause::Start { start: true },
            watch::Cause::Interval => answer::Cause::Interval { interval: true },
            watch::Cause::Changed(files) => answer::Cause::Changed { changed: files.clone() },
        };
        let result = self.result.as_ref().map(|synced| synced.report(false));
        answer::Round::new(result.map_err(failure::Failure::from), cause)
    }
}

impl<T: Line> From<WorkspaceResult<T>> for Workspace<T> {
    /// Converts the result of an operation that has one method.
    fn from(WorkspaceResult { path, result }: WorkspaceResult<T>) -> Self {
        let path = path.display().to_string();
        match result {
            Ok(body) => Self::answered(path, body, None),
            Err(failure) => Self::failed(path, (&failure).into(), None),
        }
    }
}

impl<T: Line> From<WorkspaceResult<Inspection<T>>> for Workspace<T> {
    /// Converts the result of an inspection, with its method.
    fn from(WorkspaceResult { path, result }: WorkspaceResult<Inspection<T>>) -> Self {
        let path = path.display().to_string();
        match result {
            Ok(Inspection::Unchanged) => Self::unchanged(path),
            Ok(Inspection::Compared(body)) => Self::answered(path, body, Some(Method::Content)),
            Err(failure) => Self::failed(path, (&failure).into(), Some(Method::Content)),
        }
    }
}
