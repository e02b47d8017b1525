//! What a plan does with each entry, in words for people.

use std::fmt;
use std::sync::Arc;

use serde_json::Value as Json;

use super::class::{Class, Decision, Policy};
use super::entry::EntryKey;
use super::entry_state::EntryState;
use super::remedy::Remedy;
use crate::diagnostic::mask;
use crate::source::{Pointer, RepoPath, Span};

/// What a plan does with one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanLine {
    /// What is done.
    pub sign: Sign,
    /// The file, relative to the root of the workspace.
    pub path: RepoPath,
    /// The name of the entry for people; empty for a whole file.
    pub what: String,
    /// The place of the entry, or of the array of an item; empty for a whole file or a block.
    pub pointer: Pointer,
    /// The class of the entry.
    pub class: Class,
    /// Why an entry is kept, merged or overwritten by force; empty otherwise.
    pub reason: &'static str,
    /// What to do about an entry that is kept.
    pub remedy: Remedy,
    /// Where the configuration defines the entry.
    pub origin: Origin,
}

/// Where the configuration defines an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere (any more).
    #[default]
    Nowhere,
    /// At this place in a layer.
    Place(Span),
    /// In these files of layers, by display path.
    Files(Arc<[Arc<str>]>),
}

/// The first character of a [`PlanLine`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// `+`
    Add,
    /// `~`
    Change,
    /// `-`
    Remove,
    /// `=`: only the lock changes.
    Record,
    /// `!`: kept as it is.
    Keep,
}

impl Sign {
    /// Returns the character.
    pub fn character(self) -> char {
        match self {
            Sign::Add => '+',
            Sign::Change => '~',
            Sign::Remove => '-',
            Sign::Record => '=',
            Sign::Keep => '!',
        }
    }
}

impl fmt::Display for PlanLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.sign.character(), self.path)?;
        if !self.what.is_empty() {
            write!(f, "  {}", self.what)?;
        }
        if !self.reason.is_empty() {
            write!(f, "  {}: {}", self.class.word(), self.reason)?;
        }
        Ok(())
    }
}

/// Returns the line of an entry; `None` when nothing happens to it.
pub(super) fn line(state: &EntryState<'_>, policy: Policy) -> Option<PlanLine> {
    let sign = match state.class.decision(policy) {
        Decision::Nothing => return None,
        Decision::Record => Sign::Record,
        Decision::Keep => Sign::Keep,
        Decision::Apply if state.merged.as_ref().is_some_and(|merged| merged.there) => Sign::Record,
        Decision::Apply if state.desired.is_none() => Sign::Remove,
        Decision::Apply if state.actual.is_none() => Sign::Add,
        Decision::Apply => Sign::Change,
    };
    let missing = state.actual.is_none();
    let (reason, remedy) = match policy {
        Policy::Keep if state.class == Class::Merged => (MERGED, Remedy::None),
        Policy::Keep => kept(state.class, missing),
        Policy::Force => (forced(state.class, missing), Remedy::None),
    };
    Some(PlanLine {
        sign,
        path: state.path.clone(),
        what: state.name(),
        pointer: state.key.pointer(),
        class: state.class,
        reason,
        remedy,
        origin: state.origin(),
    })
}

impl EntryState<'_> {
    /// Returns the name of the entry for people; for an item, with its value.
    pub fn name(&self) -> String {
        let mut name = self.key.to_string();
        if let EntryKey::Item(..) = self.key
            && let Some(item) = self.json.map(|entry| &entry.value).or(self.found.as_ref())
        {
            name.push_str("  ");
            match mask::value("", item) {
                Json::String(text) => name.push_str(&shortened(&text)),
                other => name.push_str(&shortened(&other.to_string())),
            }
        }
        name
    }

    /// Returns where the configuration defines the entry.
    pub fn origin(&self) -> Origin {
        match (self.json, self.file) {
            (Some(entry), _) => Origin::Place(entry.origin),
            (None, Some(file)) => Origin::Files(Arc::clone(&file.origins)),
            (None, None) => Origin::Nowhere,
        }
    }
}

/// The reason for an entry that both sides changed in different places.
const MERGED: &str = "changed here and in the configuration, in different lines; both are kept";

/// Returns what `--force` does with an entry that would otherwise be kept.
fn forced(class: Class, missing: bool) -> &'static str {
    match class {
        Class::Drift if missing => "removed here; put back",
        Class::Drift => "changed here; put back",
        Class::Conflict if missing => "removed here, changed in the configuration; put back",
        Class::Conflict => "changed here and in the configuration; overwritten",
        Class::ForeignCollision => "there before claude-env wrote it; overwritten",
        Class::OrphanDrifted => "no longer in the configuration, changed here; removed",
        Class::Foreign => "not from the configuration, which allows nothing else here; removed",
        _ => "",
    }
}

/// Returns why an entry is kept, and what to do about it.
fn kept(class: Class, missing: bool) -> (&'static str, Remedy) {
    match class {
        Class::Drift if missing => {
            ("removed here, still in the configuration; left out", Remedy::RestoreRemoved)
        }
        Class::Drift => ("changed here, not in the configuration; kept", Remedy::RestoreChanged),
        Class::Conflict if missing => {
            ("removed here, changed in the configuration; left out", Remedy::ResolveRemoved)
        }
        Class::Conflict => ("changed here and in the configuration; kept", Remedy::ResolveChanged),
        Class::ForeignCollision => ("there before claude-env wrote it; kept", Remedy::ClearThePath),
        Class::OrphanDrifted => {
            ("no longer in the configuration, but changed here; kept", Remedy::RemoveOrphan)
        }
        _ => ("", Remedy::None),
    }
}

/// The most characters of [`shortened`] text.
const MAX_SHOWN: usize = 60;

/// Returns the first line of a text, at most 60 characters long, with `…` in place of what is cut.
pub fn shortened(text: &str) -> String {
    if text.chars().count() > MAX_SHOWN || text.contains('\n') {
        let first: String = text.chars().take_while(|&c| c != '\n').take(MAX_SHOWN - 1).collect();
        format!("{first}…")
    } else {
        text.to_owned()
    }
}
