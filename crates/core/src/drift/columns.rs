//! The two columns of `status`: what happened to an entry since the last sync, and what the next sync does with it.

use crate::workspace::{Class, EntryState};

/// What happened in the workspace since the last sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkspaceChange {
    /// Nothing.
    Not,
    /// It was changed.
    Changed,
    /// It was added.
    Added,
    /// It was deleted.
    Deleted,
}

impl WorkspaceChange {
    /// Returns the character of the column.
    pub fn sign(self) -> char {
        match self {
            Self::Not => ' ',
            Self::Changed => 'M',
            Self::Added => 'A',
            Self::Deleted => 'D',
        }
    }
}

/// What the next sync does with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextAction {
    /// Nothing.
    Nothing,
    /// Changes it.
    Change,
    /// Adds it.
    Add,
    /// Deletes it.
    Delete,
    /// Records it in the lock.
    Record,
    /// Keeps it, although the configuration differs.
    Keep,
}

impl NextAction {
    /// Returns the character of the column.
    pub fn sign(self) -> char {
        match self {
            Self::Nothing => ' ',
            Self::Change => 'M',
            Self::Add => 'A',
            Self::Delete => 'D',
            Self::Record => '=',
            Self::Keep => '!',
        }
    }
}

/// Returns both columns of an entry.
pub fn columns(state: &EntryState<'_>) -> (WorkspaceChange, NextAction) {
    let moved = match (state.base.is_some(), state.actual.is_some()) {
        (false, true) => WorkspaceChange::Added,
        (true, false) => WorkspaceChange::Deleted,
        _ => WorkspaceChange::Changed,
    };
    match state.class {
        Class::Clean => (WorkspaceChange::Not, NextAction::Nothing),
        Class::Pending => (WorkspaceChange::Not, NextAction::Change),
        Class::New => (WorkspaceChange::Not, NextAction::Add),
        Class::Orphan => (WorkspaceChange::Not, NextAction::Delete),
        Class::Converged => (moved, NextAction::Record),
        Class::Merged => (moved, NextAction::Change),
        Class::Drift
        | Class::Conflict
        | Class::ForeignCollision
        | Class::OrphanDrifted
        | Class::Foreign => (moved, NextAction::Keep),
    }
}
