//! One rendering beside what a folder has of it: what a plan and a report of drift start from.

use std::collections::BTreeSet;

use super::actual::{Actual, ActualFile};
use super::class::Policy;
use super::compare::{Comparison, compare, paths};
use super::digest::Digest;
use super::entry::{Desired, EntryKey, segments};
use super::foreign::{Foreign, foreign};
use super::lock::Header;
use super::lock_state::LockState;
use super::text::block;
use super::text::json_edit::Lookup;
use super::text::json_text::Document;
use crate::render::Rendering;
use crate::source::RepoPath;

/// A rendering, its lock, the files, and how they compare.
#[derive(Debug)]
pub struct Side<'r> {
    pub desired: Desired<'r>,
    pub ledger: LockState,
    pub actual: Actual,
    pub comparison: Comparison<'r>,
    /// What is not ours, at the paths that were watched.
    pub foreign: Vec<Foreign>,
}

impl<'r> Side<'r> {
    /// Compares; `read` gives what is at some paths. At the paths of `watched` foreign entries are looked for too.
    pub fn new(
        desired: Desired<'r>,
        ledger: LockState,
        watched: &[RepoPath],
        read: impl FnOnce(Vec<RepoPath>) -> Actual,
    ) -> Self {
        let mut all: BTreeSet<RepoPath> = paths(&desired, &ledger).into_iter().collect();
        all.extend(watched.iter().cloned());
        let actual = read(all.into_iter().collect());
        let mut comparison = compare(&desired, &ledger, &actual, Policy::Keep);
        let mut entries = Vec::new();
        for found in foreign(&desired, &ledger, &actual, watched) {
            match found {
                Ok(entry) => entries.push(entry),
                Err(problem) if comparison.problems.iter().any(|p| p.path == problem.path) => {}
                Err(problem) => comparison.problems.push(problem),
            }
        }
        Self { desired, ledger, actual, comparison, foreign: entries }
    }

    /// Merges texts that both sides changed, as a sync would. `former` renders again what a lock says was rendered last; it is
    /// asked only if there is such a text.
    pub fn merge_texts(&mut self, former: impl FnOnce(&Header) -> Option<Rendering>) {
        if self.comparison.has_text_in_conflict()
            && let Some(base) = former(&self.ledger.lock.header)
        {
            self.comparison.merge_texts(&base, &self.actual);
        }
    }

    /// The names of all entries that are wanted or were written in a file.
    pub fn names(&self, path: &RepoPath) -> BTreeSet<EntryKey> {
        let wanted = self.desired.get(path).into_iter().flat_map(|file| &file.entries);
        let written = self.ledger.lock.entries(path).into_iter().flat_map(|entries| entries.keys());
        wanted.map(|entry| &entry.key).chain(written).cloned().collect()
    }

    /// The line, 1-based, on which an entry stands; that of what is left around it, if it is gone.
    pub fn line(&self, path: &RepoPath, key: &EntryKey) -> usize {
        let ActualFile::Bytes { bytes, .. } = self.actual.get(path) else { return 1 };
        let Ok(text) = str::from_utf8(bytes) else { return 1 };
        match key {
            EntryKey::File => 1,
            EntryKey::Block => block::line(text),
            EntryKey::Value(pointer) | EntryKey::Item(pointer, _) => {
                let Ok(document) = Document::parse(text) else { return 1 };
                let mut segments = segments(pointer);
                while !segments.is_empty() {
                    if let Ok(Lookup::Found(value)) = document.find(&segments) {
                        let item = match key {
                            EntryKey::Item(at, digest) if **at == **pointer => {
                                value.line_of(|item| Digest::of_json(item) == *digest)
                            }
                            _ => None,
                        };
                        return item.unwrap_or(value.line).max(1);
                    }
                    segments.pop();
                }
                1
            }
        }
    }
}
