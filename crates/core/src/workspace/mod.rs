//! What a workspace has, against what it should have.
//!
//! [`Desired`] (the rendering), [`LockState`] (the lock) and [`Actual`] (the files) are compared entry by entry: [`compare()`].
//! A [`Plan`] says what is to be done about it, as data; the rim carries it out. Nothing here reads or writes a disk.
//!
//! An apply writes the next lock beside the old one first, then the files, and at last renames the next lock over the old
//! one. A run that finds the next lock still beside the old one knows that an apply was interrupted, and takes what either
//! of the two names for ours. So a sync that was stopped anywhere is put right by the next one, and no hand-made change is
//! taken for a leftover.

mod action;
mod actual;
mod change;
mod class;
mod compare;
mod content;
mod diff;
mod digest;
mod document_view;
mod entry;
mod entry_state;
mod file_comparison;
mod foreign;
mod generation;
mod lock;
mod lock_change;
mod lock_parser;
mod lock_state;
mod orphans;
mod plan;
mod plan_line;
mod problem;
mod prune;
mod remedy;
mod rollback;
mod side;
pub mod text;
mod text_merge;
mod verify;

pub use action::{Action, FileChange};
pub use actual::{Actual, ActualFile, MAX_FILE_SIZE};
pub use class::{Class, Policy};
pub use compare::{Comparison, changes_text, compare, is_up_to_date, paths};
pub use content::EntryContent;
pub use diff::{unified, unified_file};
pub use digest::{Digest, DigestCache};
pub use entry::{Desired, DesiredFile, EntryKey, segments};
pub use entry_state::EntryState;
pub use foreign::{Foreign, foreign};
pub use generation::{Generation, Saved};
pub use lock::{Header, LOCAL_LOCK_FILE, LOCK_FILE, Lock, LockError, PENDING_SUFFIX};
pub use lock_change::LockChange;
pub use lock_state::LockState;
pub use plan::Plan;
pub use plan_line::{Origin, PlanLine, Sign, shortened};
pub use problem::{Problem, ProblemKind};
pub use prune::Prune;
pub use remedy::Remedy;
pub use rollback::{Past, roll_back};
pub use side::Side;
pub use text::block::read as block_text;
pub use verify::{Accepts, verify, verify_new};

use crate::source::RepoPath;

/// Whether a path is none that we ever write, whatever a rendering or a lock says: git's own files, and the binding.
pub fn is_forbidden(path: &RepoPath) -> bool {
    let first = path.as_str().split('/').next().unwrap_or("");
    path.as_str().split('/').any(|segment| segment.eq_ignore_ascii_case(".git"))
        || first.to_ascii_lowercase().starts_with(".claude-env")
}

#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
