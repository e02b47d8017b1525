//! The result of a comparison: the state of each entry, and the files that could not be compared.

use super::actual::Actual;
use super::class::{Class, Policy};
use super::entry_state::EntryState;
use super::foreign::Foreign;
use super::problem::Problem;
use super::text_merge::merged;
use crate::render::Rendering;
use crate::source::RepoPath;

/// The states of all entries, and the files that could not be compared.
#[derive(Clone, Debug, Default)]
pub struct Comparison<'r> {
    /// Sorted by path; within a file in the order of writing, then the entries that are no longer configured.
    pub states: Vec<EntryState<'r>>,
    /// The files that could not be compared.
    pub problems: Vec<Problem>,
    /// Which side wins. It matters here too: an entry that is removed makes room for one in its place.
    pub policy: Policy,
}

impl Comparison<'_> {
    /// Returns true if both sides changed a text that both still have.
    pub fn has_text_in_conflict(&self) -> bool {
        self.states.iter().any(EntryState::is_text_in_conflict)
    }

    /// Merges the texts in conflict whose merge base is known. `base` is the rendering that the lock records; files that do
    /// not match the lock are left alone.
    pub fn merge_texts(&mut self, base: &Rendering, actual: &Actual) {
        for state in self.states.iter_mut().filter(|state| state.is_text_in_conflict()) {
            let file = base.files.iter().find(|file| file.path == state.path);
            let found = actual.get(&state.path);
            if let Some(merged) = file.and_then(|base| merged(state, base, found)) {
                state.class = Class::Merged;
                state.merged = Some(merged);
            }
        }
    }

    /// Adds unmanaged entries, which the plan removes.
    pub fn add_foreign(&mut self, foreign: &[Foreign]) {
        let broken = |path: &RepoPath| self.problems.iter().any(|problem| problem.path == *path);
        self.states.extend(foreign.iter().filter(|entry| !broken(&entry.path)).map(|entry| {
            EntryState {
                path: entry.path.clone(),
                key: entry.key.clone(),
                class: Class::Foreign,
                desired: None,
                base: None,
                actual: Some(entry.digest),
                file: None,
                json: None,
                found: entry.value.clone(),
                merged: None,
            }
        }));
        // A stable sort: the order within each file stays.
        self.states.sort_by(|a, b| a.path.cmp(&b.path));
    }
}

#[cfg(any(test, feature = "testing"))]
impl Comparison<'_> {
    /// Returns true if every entry is clean and every file could be compared.
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty() && self.states.iter().all(|state| state.class == Class::Clean)
    }

    /// Returns the number of entries of a class.
    pub fn count(&self, class: Class) -> usize {
        self.states.iter().filter(|state| state.class == class).count()
    }
}
