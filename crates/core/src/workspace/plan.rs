//! The plan of a sync, as data: the files to write, the lines for people, and the next lock.

use super::action::{Action, FileChange};
use super::actual::Actual;
use super::change::change;
use super::class::{Class, Decision, Policy};
use super::compare::paths;
use super::comparison::Comparison;
use super::entry::Desired;
use super::entry_state::EntryState;
use super::lock::{Header, LOCAL_LOCK_FILE, Lock};
use super::lock_change::LockChange;
use super::lock_state::LockState;
use super::plan_line::{PlanLine, Sign, line};
use super::problem::Problem;
use super::prune::Prune;
use super::verify::Expected;
use crate::source::RepoPath;
use std::collections::BTreeSet;

/// The changes that a sync, a render or a rollback makes.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The files that change, by path; deletions last.
    pub changes: Vec<FileChange>,
    /// One line for each entry that is not clean, by path.
    pub lines: Vec<PlanLine>,
    /// The files that are left unchanged as a whole.
    pub problems: Vec<Problem>,
    /// The removals that need a person's consent; `None` when none is needed.
    pub prune: Option<Prune>,
    /// The entries to verify in shared files after the apply.
    pub expected: Vec<Expected>,
    /// What happens to the lock.
    pub lock: LockChange,
}

impl Plan {
    /// Makes the plan that changes nothing, for a workspace that [`is_up_to_date`](super::is_up_to_date).
    pub fn noop(lock: &LockState) -> Self {
        let (file, next) = (lock.file().to_owned(), lock.text.clone().unwrap_or_default());
        let (before, remove_when_empty) = (lock.text.clone(), lock.text.is_none());
        let files = lock.applied.paths().cloned().collect();
        let lock =
            LockChange { file, before, next, files, remove_when_empty, ..LockChange::default() };
        Self { lock, ..Self::default() }
    }

    /// Makes the plan for a comparison. `header` is the header of the next lock.
    pub fn new(
        desired: &Desired<'_>,
        lock: &LockState,
        actual: &Actual,
        comparison: &Comparison<'_>,
        header: Header,
    ) -> Self {
        let policy = comparison.policy;
        let prune = Prune::of(&comparison.states, lock, policy);
        let mut next = Lock { header, ..Lock::default() };
        // The lock as an interrupted run really left the files.
        let mut recovered = lock.pending.is_some().then(|| {
            let header = lock.applied.header.clone();
            Lock { header, ..Lock::default() }
        });
        let mut expected = Vec::new();
        let mut changes = Vec::with_capacity(desired.files().len());
        let mut problems = comparison.problems.clone();
        let mut lines = Vec::new();
        for states in comparison.states.chunk_by(|a, b| a.path == b.path) {
            let Some(first) = states.first() else { continue };
            let file = desired.get(&first.path).map(|file| file.file);
            match change(&first.path, file, states, actual.get(&first.path), policy) {
                Ok(action) => {
                    let path = first.path.clone();
                    if action.is_some() {
                        expected.extend(Expected::of(states, policy));
                    }
                    changes.extend(action.map(|action| FileChange { path, action, mode: None }));
                    lines.extend(states.iter().filter_map(|state| line(state, policy)));
                    for state in states {
                        record(state, policy, &mut next);
                        if let Some(recovered) = &mut recovered {
                            record_written(state, lock, recovered);
                        }
                    }
                }
                Err(problem) => problems.push(problem),
            }
        }
        problems.sort();
        for problem in &problems {
            if let Some(entries) = lock.applied.entries(&problem.path) {
                next.files.insert(problem.path.clone(), entries.clone());
                if let Some(recovered) = &mut recovered {
                    recovered.files.insert(problem.path.clone(), entries.clone());
                }
            }
        }
        changes.sort_by_key(|change| matches!(change.action, Action::Delete { .. }));
        let recovered = recovered.filter(|_| !changes.is_empty()).and_then(|recovered| {
            let text = recovered.to_text();
            let says = lock.text.is_some() || recovered.paths().next().is_some();
            (says && lock.text.as_ref() != Some(&text)).then_some(text)
        });
        let sweep = if lock.leftover { folders(desired, lock) } else { Vec::new() };
        let lock = LockChange {
            file: lock.file().to_owned(),
            before: lock.text.clone(),
            next: next.to_text(),
            files: next.paths().cloned().collect(),
            recovered,
            leftover: lock.leftover,
            remove_when_empty: lock.file() == LOCAL_LOCK_FILE && next.paths().next().is_none(),
            sweep,
        };
        Self { changes, lines, problems, prune, expected, lock }
    }

    /// Drops all changes and keeps the problems; used when the lock file must not be written.
    pub fn without_lock(self, why: Problem) -> Self {
        let mut problems = self.problems;
        problems.push(why);
        problems.sort();
        Self { problems, ..Self::default() }
    }

    /// Merges this plan with one for other files of the same workspace, for display.
    ///
    /// Each has its own lock, so the result must not be applied.
    pub fn merge_for_display(mut self, other: Self) -> Self {
        self.changes.extend(other.changes);
        self.lines.extend(other.lines);
        self.problems.extend(other.problems);
        self.prune = Prune::merge(self.prune, other.prune);
        self.changes.sort_by_key(|change| matches!(change.action, Action::Delete { .. }));
        self.lines.sort_by(|a, b| a.path.cmp(&b.path));
        self.problems.sort();
        if self.lock.is_noop() {
            self.lock = other.lock;
        }
        self
    }

    /// Returns true if there is nothing to write, not even the lock.
    pub fn is_noop(&self) -> bool {
        self.changes.is_empty() && self.lock.is_noop()
    }

    /// Returns true if the plan keeps an entry of this class.
    pub fn keeps(&self, class: Class) -> bool {
        self.lines.iter().any(|line| line.class == class && line.sign == Sign::Keep)
    }
}

/// Returns the folders of all files that are or were managed.
pub(super) fn folders(desired: &Desired<'_>, lock: &LockState) -> Vec<String> {
    let paths = paths(desired, lock);
    let folders: BTreeSet<&str> = paths.iter().filter_map(RepoPath::parent).collect();
    folders.into_iter().map(str::to_owned).collect()
}

/// Adds an entry to the next lock.
fn record(state: &EntryState<'_>, policy: Policy, next: &mut Lock) {
    let digest = match state.class.decision(policy) {
        Decision::Nothing | Decision::Apply | Decision::Record => state.desired,
        // Never the digest of content that was not written.
        Decision::Keep => state.base,
    };
    if let Some(digest) = digest {
        next.insert(&state.path, state.key.clone(), digest);
    }
}

/// Adds an entry to the lock that records what an interrupted run really did.
pub(super) fn record_written(state: &EntryState<'_>, lock: &LockState, recovered: &mut Lock) {
    let pending = lock.pending.as_ref().map(|lock| lock.get(&state.path, &state.key));
    let written = if pending == Some(state.actual) { state.actual } else { state.base };
    if let Some(digest) = written {
        recovered.insert(&state.path, state.key.clone(), digest);
    }
}

#[cfg(test)]
mod tests;
