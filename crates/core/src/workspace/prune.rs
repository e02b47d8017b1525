//! The prune guard: a removal of many entries at once is usually a mistake in the configuration.

use std::collections::BTreeMap;
use std::fmt;

use super::class::{Class, Decision, Policy};
use super::entry::EntryKey;
use super::entry_state::EntryState;
use super::lock_state::LockState;
use crate::source::RepoPath;

/// The number of entries that may always be removed at once.
const FREE: usize = 5;
/// The percentage of entries that may be removed at once, if they are more than [`FREE`].
const PERCENT: usize = 30;

/// Why a person has to confirm the removals of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prune {
    /// The number of entries that would be removed.
    pub removed: usize,
    /// The number of entries in all: those in the lock, and the foreign ones that would be removed.
    pub owned: usize,
    /// Whether too many would be removed.
    pub many: bool,
    /// The shared files that would lose all their managed entries.
    pub emptied: Vec<RepoPath>,
}

impl fmt::Display for Prune {
    /// Writes the reason, without a full stop.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many = format!("{} of {} entries would be removed", self.removed, self.owned);
        let many = Some(many).filter(|_| self.many);
        let emptied = self.emptied.iter();
        let emptied = emptied.map(|path| format!("`{path}` would lose all managed entries"));
        f.write_str(&many.into_iter().chain(emptied).collect::<Vec<_>>().join("; "))
    }
}

impl Prune {
    /// Adds up the removals of two plans.
    pub(super) fn merge(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(Self {
                removed: one.removed + other.removed,
                owned: one.owned + other.owned,
                many: one.many || other.many,
                emptied: one.emptied.into_iter().chain(other.emptied).collect(),
            }),
            (one, other) => one.or(other),
        }
    }

    /// Checks the removals of a plan; `None` when no consent is needed.
    pub(super) fn of(states: &[EntryState<'_>], lock: &LockState, policy: Policy) -> Option<Self> {
        let goes = |state: &EntryState<'_>| {
            state.desired.is_none() && state.class.decision(policy) == Decision::Apply
        };
        let removed = states.iter().filter(|state| goes(state)).count();
        if removed == 0 {
            return None;
        }
        let mut files: BTreeMap<&RepoPath, (bool, bool)> = BTreeMap::new();
        let shared =
            |state: &&EntryState<'_>| state.key != EntryKey::File && state.class != Class::Foreign;
        for state in states.iter().filter(shared) {
            let (loses, holds) = files.entry(&state.path).or_default();
            *loses |= goes(state);
            *holds |= state.desired.is_some() || (state.actual.is_some() && !goes(state));
        }
        let emptied: Vec<RepoPath> = (files.into_iter())
            .filter(|(_, (loses, holds))| *loses && !holds)
            .map(|(path, _)| path.clone())
            .collect();
        let foreign = states.iter().filter(|state| state.class == Class::Foreign).count();
        let owned = lock.applied.entry_count() + foreign;
        let many = removed > FREE && removed * 100 > owned * PERCENT;
        (many || !emptied.is_empty()).then_some(Self { removed, owned, many, emptied })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Values, Workspace, compare_files, rendering};

    fn check(last: &[(&'static str, u8)], wanted: &[(&'static str, u8)], expect: Option<&[&str]>) {
        let last: Values = last.iter().copied().collect();
        let wanted: Values = wanted.iter().copied().collect();
        let style = super::super::testing::TextStyle::Pretty;
        let workspace = Workspace { actual: last.clone(), base: last, foreign: true, style };
        let wanted = rendering(&wanted);
        let (_, plan) = compare_files(&wanted, workspace.lock().as_deref(), &workspace.files());
        let emptied = plan.prune.map(|prune| {
            prune.emptied.iter().map(|path| path.as_str().to_owned()).collect::<Vec<_>>()
        });
        let expect = expect.map(|paths| paths.iter().map(|path| (*path).to_owned()).collect());
        assert_eq!(emptied, expect);
    }

    #[test]
    fn a_file_that_loses_all_of_ours_is_guarded() {
        check(&[("server a", 1), ("server b", 1)], &[("server a", 1)], None);
        check(&[("server a", 1)], &[("server b", 1)], None);
        check(&[("server a", 1)], &[], Some(&[".mcp.json"]));
        check(&[("block", 1), ("env A", 1)], &[("env A", 2)], Some(&["CLAUDE.md"]));
        // Whole files are managed alone.
        check(&[("file one", 1), ("file two", 1)], &[], None);
    }

    #[test]
    fn many_entries_at_once_are_guarded() {
        let every = [
            ("server a", 1),
            ("server b", 1),
            ("server c", 1),
            ("env A", 1),
            ("env B", 1),
            ("item X", 1),
            ("item Y", 1),
            ("leaf", 1),
        ];
        let five = [("server a", 1), ("leaf", 1), ("env A", 1)];
        check(&every, &five, None);
        check(&every, &[("server a", 1), ("leaf", 1)], Some(&[]));
    }
}
