//! The three-way comparison, entry by entry: configured, last written, in the workspace.
//!
//! Compares meaning, not bytes. A file that equals what would be written anew is clean without being parsed. A file that
//! cannot be parsed is a [`Problem`](super::Problem): none of its entries has a class, and it is left unchanged.

use std::collections::BTreeSet;

use super::actual::Actual;
use super::class::Policy;
use super::comparison::Comparison;
use super::entry::{Desired, DesiredFile};
use super::file_comparison::FileComparison;
use super::lock_state::LockState;
use super::room::make_room;
use crate::source::RepoPath;

/// Returns every path that has to be read, sorted.
pub fn paths(desired: &Desired<'_>, lock: &LockState) -> Vec<RepoPath> {
    let wanted = desired.files().iter().map(|file| &file.file.path);
    let all: BTreeSet<&RepoPath> = wanted.chain(lock.paths()).collect();
    all.into_iter().cloned().collect()
}

/// Returns true if the lock records this rendering and every file equals what would be written anew, so that no entry has to
/// be compared. `is_there` tells whether a file does.
pub fn is_up_to_date(
    desired: &Desired<'_>,
    lock: &LockState,
    is_there: impl FnMut(&DesiredFile<'_>) -> bool,
) -> bool {
    lock.is_current() && !desired.files().is_empty() && desired.files().iter().all(is_there)
}

/// Returns true if the configuration changed a text since it was last written.
pub fn changes_text(desired: &Desired<'_>, lock: &LockState) -> bool {
    desired.files().iter().any(|file| {
        let mut texts = file.entries.iter().filter(|entry| entry.json.is_none());
        texts.any(|entry| {
            let last = lock.applied.get(&file.file.path, &entry.key);
            last.is_some_and(|last| last != entry.digest)
        })
    })
}

/// Classifies every entry that is configured or in the lock.
pub fn compare<'r>(
    desired: &Desired<'r>,
    lock: &LockState,
    actual: &Actual,
    policy: Policy,
) -> Comparison<'r> {
    let mut comparison = Comparison { policy, ..Comparison::default() };
    let wanted = desired.files().iter().map(|file| file.entries.len()).sum();
    comparison.states.reserve(wanted);
    for path in paths(desired, lock) {
        let file = FileComparison { path: &path, desired: desired.get(&path), lock, policy };
        match file.compare(actual.get(&path)) {
            Ok(states) => comparison.states.extend(states),
            Err(problem) => comparison.problems.push(problem),
        }
    }
    make_room(&mut comparison, desired, lock, actual);
    comparison
}
