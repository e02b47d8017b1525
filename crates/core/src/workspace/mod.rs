//! Comparing a workspace with its configuration, and planning a sync.
//!
//! [`compare()`] compares [`Desired`] (the rendering), [`LockState`] (the lock) and [`Actual`] (the files) entry by entry. A
//! [`Plan`] describes the changes as data; `edge` applies them. Nothing here does IO.
//!
//! An apply first writes the next lock as a pending file beside the current lock, then the files, and finally renames the
//! pending lock over the current one. A run that finds a pending lock knows that an apply was interrupted, and treats what
//! either lock names as managed. So the next sync repairs an interrupted one, and never mistakes a manual change for a
//! leftover.

mod action;
mod actual;
mod change;
mod class;
mod compare;
mod comparison;
mod content;
mod diff;
mod digest;
mod document_view;
mod entry;
mod entry_lines;
mod entry_state;
mod file_comparison;
mod file_mode;
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
mod room;
mod side;
pub mod text;
mod text_merge;
mod verify;

pub use action::{Action, FileChange};
pub use actual::{Actual, ActualFile, MAX_FILE_SIZE, Obstacle};
pub use class::{Class, Policy};
pub use compare::{changes_text, compare, is_up_to_date, paths};
pub use comparison::Comparison;
pub use content::EntryContent;
pub use diff::{unified, unified_file};
pub use digest::{Digest, DigestCache, is_script};
pub use entry::{Desired, DesiredFile, EntryKey};
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

use crate::agent;
use crate::source::RepoPath;

/// Returns true for paths that claude-env never writes, whatever a rendering or a lock says: git's files and claude-env's
/// own.
pub fn is_forbidden(path: &RepoPath) -> bool {
    let first = path.as_str().split('/').next().unwrap_or("");
    path.as_str().split('/').any(|segment| segment.eq_ignore_ascii_case(".git"))
        || first.to_ascii_lowercase().starts_with(".claude-env")
}

/// Returns true for a path at which some target renders a file, or a part of one: no lock can claim any other.
pub fn can_be_ours(path: &RepoPath) -> bool {
    !is_forbidden(path) && (agent::target(path).is_some() || agent::is_content(path))
}

#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
