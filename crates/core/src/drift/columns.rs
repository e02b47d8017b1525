//! Two columns: what happened to an entry since the last sync, and what the next one would do with it.

use crate::workspace::{Class, EntryState};

/// What happened in the workspace since the last sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkspaceChange {
    Not,
    Changed,
    Added,
    Deleted,
}

impl WorkspaceChange {
    /// The sign for it.
    pub fn sign(self) -> char {
        match self {
            Self::Not => ' ',
            Self::Changed => 'M',
            Self::Added => 'A',
            Self::Deleted => 'D',
        }
    }
}

/// What a sync would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextAction {
    Nothing,
    Change,
    Add,
    Delete,
    /// Take note of what is there.
    Record,
    /// Leave what is there, though the configuration says otherwise.
    Keep,
}

impl NextAction {
    /// The sign for it.
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

/// Both columns of an entry.
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
