//! Two columns: what happened to an entry since the last sync, and what the next one would do with it.

use crate::workspace::{Class, EntryState};

/// What happened in the workspace since the last sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    Not,
    Changed,
    Added,
    Deleted,
}

impl Moved {
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
pub enum Todo {
    Nothing,
    Change,
    Add,
    Delete,
    /// Take note of what is there.
    Record,
    /// Leave what is there, though the configuration says otherwise.
    Keep,
}

impl Todo {
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
pub fn columns(state: &EntryState<'_>) -> (Moved, Todo) {
    let moved = match (state.base.is_some(), state.actual.is_some()) {
        (false, true) => Moved::Added,
        (true, false) => Moved::Deleted,
        _ => Moved::Changed,
    };
    match state.class {
        Class::Clean => (Moved::Not, Todo::Nothing),
        Class::Pending => (Moved::Not, Todo::Change),
        Class::New => (Moved::Not, Todo::Add),
        Class::Orphan => (Moved::Not, Todo::Delete),
        Class::Converged => (moved, Todo::Record),
        Class::Merged => (moved, Todo::Change),
        Class::Drift
        | Class::Conflict
        | Class::ForeignCollision
        | Class::OrphanDrifted
        | Class::Foreign => (moved, Todo::Keep),
    }
}
