//! One rendering beside what a folder has of it: what a plan and a report of drift start from.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap};

use super::actual::{Actual, ActualFile};
use super::class::{Class, Policy};
use super::compare::{changes_text, compare, is_up_to_date, paths};
use super::comparison::Comparison;
use super::entry::{Desired, DesiredFile, EntryKey};
use super::entry_lines::EntryLines;
use super::foreign::{Foreign, foreign};
use super::lock::Header;
use super::lock_state::LockState;
use super::plan::Plan;
use super::problem::{Problem, ProblemKind};
use crate::render::Rendering;
use crate::source::RepoPath;

/// A rendering, its lock and the files. They are compared once, when that is first asked for.
#[derive(Debug)]
pub struct Side<'r> {
    /// What is rendered.
    pub desired: Desired<'r>,
    /// What was written last.
    pub lock: LockState,
    /// What is there.
    pub actual: Actual,
    /// The entries at the watched paths that are not ours.
    pub foreign: Vec<Foreign>,
    /// Why some of the watched paths could not be looked at.
    unreadable: Vec<Problem>,
    policy: Policy,
    comparison: OnceCell<Comparison<'r>>,
    /// Where the entries are, of each file that was asked about.
    lines: RefCell<HashMap<RepoPath, EntryLines>>,
}

impl<'r> Side<'r> {
    /// Reads the files with `read`, which returns what is at some paths. Foreign entries are looked for at the paths of
    /// `watched`.
    pub fn new(
        desired: Desired<'r>,
        lock: LockState,
        watched: &[RepoPath],
        policy: Policy,
        read: impl FnOnce(Vec<RepoPath>) -> Actual,
    ) -> Self {
        let mut all = paths(&desired, &lock);
        if !watched.is_empty() {
            all.extend(watched.iter().cloned());
            all.sort();
            all.dedup();
        }
        let actual = read(all);
        let (mut entries, mut unreadable) = (Vec::new(), Vec::new());
        for found in foreign(&desired, &lock, &actual, watched) {
            match found {
                Ok(entry) => entries.push(entry),
                Err(problem) => unreadable.push(problem),
            }
        }
        let comparison = OnceCell::new();
        Self {
            desired,
            lock,
            actual,
            foreign: entries,
            unreadable,
            policy,
            comparison,
            lines: RefCell::default(),
        }
    }

    /// Returns how all entries compare.
    pub fn comparison(&self) -> &Comparison<'r> {
        self.comparison.get_or_init(|| self.compare())
    }

    fn compare(&self) -> Comparison<'r> {
        let mut comparison = compare(&self.desired, &self.lock, &self.actual, self.policy);
        for problem in &self.unreadable {
            if !comparison.problems.iter().any(|known| known.path == problem.path) {
                comparison.problems.push(problem.clone());
            }
        }
        comparison
    }

    fn edit(&mut self, edit: impl FnOnce(&mut Comparison<'r>, &Self)) {
        let mut comparison = self.comparison.take().unwrap_or_else(|| self.compare());
        edit(&mut comparison, self);
        self.comparison = OnceCell::from(comparison);
    }

    /// Returns true if there is a text that both sides changed, which [`Self::merge_texts`] may merge.
    pub fn has_text_in_conflict(&self) -> bool {
        changes_text(&self.desired, &self.lock) && self.comparison().has_text_in_conflict()
    }

    /// Merges texts that both sides changed. `base` is what the lock says was rendered last, rendered again.
    pub fn merge_texts(&mut self, base: &Rendering) {
        self.edit(|comparison, side| comparison.merge_texts(base, &side.actual));
    }

    /// Has the plan remove the foreign entries for which `goes` returns true.
    pub fn remove_foreign(&mut self, goes: impl Fn(&Foreign) -> bool) {
        let going: Vec<Foreign> =
            self.foreign.iter().filter(|entry| goes(entry)).cloned().collect();
        if !going.is_empty() {
            self.edit(|comparison, _| comparison.add_foreign(&going));
        }
    }

    /// Has the plan leave some files unchanged.
    pub fn refuse(&mut self, refused: &[Problem]) {
        let known = paths(&self.desired, &self.lock);
        self.edit(|comparison, _| {
            for problem in refused {
                let path = &problem.path;
                let stays = |kind| kind == ProblemKind::Forbidden;
                comparison.states.retain(|state| state.path != *path);
                comparison.problems.retain(|known| known.path != *path || stays(known.kind));
                let is_said = comparison.problems.iter().any(|known| known.path == *path);
                if known.binary_search(path).is_ok() && !is_said {
                    comparison.problems.push(problem.clone());
                }
            }
        });
    }

    /// Returns every path that the plan is about, sorted.
    pub fn paths(&self) -> Vec<RepoPath> {
        let mut all = paths(&self.desired, &self.lock);
        if let Some(comparison) = self.comparison.get() {
            let foreign = comparison.states.iter().filter(|state| state.class == Class::Foreign);
            all.extend(foreign.map(|state| state.path.clone()));
            all.sort();
            all.dedup();
        }
        all
    }

    /// Plans how to bring the files to the rendering. `header` is that of the next lock.
    pub fn plan(&self, header: Header) -> Plan {
        let is_there = |file: &DesiredFile<'_>| file.is_pristine(self.actual.get(&file.file.path));
        if self.comparison.get().is_none()
            && self.unreadable.is_empty()
            && is_up_to_date(&self.desired, &self.lock, is_there)
        {
            return Plan::noop(&self.lock);
        }
        Plan::new(&self.desired, &self.lock, &self.actual, self.comparison(), header)
    }

    /// Returns the names of all entries that are wanted or were written in a file.
    pub fn names(&self, path: &RepoPath) -> BTreeSet<EntryKey> {
        let wanted = self.desired.get(path).into_iter().flat_map(|file| &file.entries);
        let written =
            self.lock.applied.entries(path).into_iter().flat_map(|entries| entries.keys());
        wanted.map(|entry| &entry.key).chain(written).cloned().collect()
    }

    /// Returns the line, 1-based, on which an entry stands; that of what is left around it, if it is gone.
    pub fn line(&self, path: &RepoPath, key: &EntryKey) -> usize {
        let mut lines = self.lines.borrow_mut();
        lines.entry(path.clone()).or_insert_with(|| lines_of(self.actual.get(path))).of(key)
    }
}

fn lines_of(file: &ActualFile) -> EntryLines {
    match file {
        ActualFile::Bytes { bytes, .. } => {
            str::from_utf8(bytes).map_or_else(|_| EntryLines::default(), EntryLines::of_text)
        }
        _ => EntryLines::default(),
    }
}
