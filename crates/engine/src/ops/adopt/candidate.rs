//! Finds the entries of a workspace that can be adopted.

use crate::edge::env::Env;
use crate::edge::fs::Root;
use crate::ops::Failure;
use crate::ops::repository::mode::Renderings;
use crate::ops::state::plan::origin;
use crate::ops::state::target::{TargetState, Watch};
use claude_env_core::adopt::{Audience, LocalChange, NamedEntry};
use claude_env_core::diagnostic::mask;
use claude_env_core::drift::layer_key;
use claude_env_core::render::{Part, Rendering};
use claude_env_core::source::{KeyPath, SourceId};
use claude_env_core::workspace::{
    Actual, ActualFile, Class, Digest, EntryContent, EntryKey, EntryState, Foreign, Origin, Policy,
    Problem, Side, block_text,
};
use serde_json::Value as Json;

use super::Row;

/// One entry of a workspace.
#[derive(Debug)]
pub(super) struct Candidate {
    /// The change in the workspace.
    pub(super) change: LocalChange,
    /// The digest of its value in the workspace; `None` when it is missing there.
    pub(super) digest: Option<Digest>,
    /// How it differs from the configuration, as one word.
    pub(super) class: &'static str,
    origin: String,
    /// The source that defines the entry; `None` for whole files, and for entries that no layer has.
    source: Option<SourceId>,
    /// Whether it differs from the configuration.
    pub(super) adoptable: bool,
    /// Whether it is adopted when no entry is named.
    pub(super) by_default: bool,
    /// Whether it is a text that the next sync will merge.
    pub(super) is_merged: bool,
    /// Whether it is foreign: not written by claude-env.
    pub(super) foreign: bool,
    /// Whether the output mentions it when it is not adopted.
    pub(super) mentioned: bool,
    key: KeyPath,
}

impl Candidate {
    /// Returns the names by which the command line can select it.
    pub(super) fn named(&self) -> NamedEntry<'_> {
        let item = self.change.expected.as_ref().or(match &self.change.actual {
            EntryContent::Value(value) => Some(value),
            _ => None,
        });
        let item = item.filter(|_| matches!(self.change.entry, EntryKey::Item(..)));
        NamedEntry { path: &self.change.path, entry: &self.change.entry, key: &self.key, item }
    }
}

/// The candidates of a workspace.
#[derive(Debug)]
pub(super) struct Candidates {
    /// The entries.
    pub(super) candidates: Vec<Candidate>,
    /// The files that cannot be read.
    pub(super) problems: Vec<Problem>,
}

impl Candidates {
    /// Compares a workspace with the configuration. With `named`, includes foreign entries: the command line may name them.
    ///
    /// Fails when the lock is not valid.
    pub(super) fn new(target: &TargetState<'_>, named: bool, env: &Env) -> Result<Self, Failure> {
        let mut root = Root::new(&target.workspace.root);
        let watch = if named { Watch::Everything } else { Watch::Values };
        let digests = &mut *target.opened.digests.lock();
        let mut state = target.read(&mut root, watch, Policy::Keep, digests)?;
        state.merge_texts(target.opened, env);
        let Renderings { shared, personal, .. } = &target.renderings;
        let mut candidates = Self { candidates: Vec::new(), problems: Vec::new() };
        candidates.add(target, Audience::Shared, shared, &state.shared);
        candidates.add(target, Audience::Personal, &personal.rendering, &state.personal);
        Ok(candidates)
    }

    /// Adds the entries of one rendering.
    fn add(
        &mut self,
        target: &TargetState<'_>,
        audience: Audience,
        rendering: &Rendering,
        side: &Side<'_>,
    ) {
        for state in &side.comparison().states {
            let change = of_state(state, audience, rendering, &side.actual);
            let drifted = matches!(
                state.class,
                Class::Drift
                    | Class::Conflict
                    | Class::Merged
                    | Class::OrphanDrifted
                    | Class::ForeignCollision
            );
            let foreign = state.class == Class::ForeignCollision;
            let accepted =
                target.drift_policy.ignoring(&layer_key(&state.path, &state.key)).is_some();
            self.candidates.push(Candidate {
                key: change.key.clone(),
                digest: state.actual,
                class: state.class.word(),
                origin: origin(&state.origin(), &target.opened.repository.sources),
                source: match state.origin() {
                    Origin::Place(span) => Some(span.source),
                    Origin::Files(_) | Origin::Nowhere => None,
                },
                adoptable: drifted,
                by_default: drifted && !foreign && !accepted,
                is_merged: state.class == Class::Merged,
                mentioned: foreign,
                foreign,
                change,
            });
        }
        for foreign in &side.foreign {
            let change = of_foreign(foreign, audience, &side.actual);
            self.candidates.push(Candidate {
                key: change.key.clone(),
                digest: Some(foreign.digest),
                class: "foreign",
                origin: String::new(),
                source: None,
                adoptable: true,
                by_default: false,
                is_merged: false,
                // What the agent writes into personal files is rarely meant for a layer.
                mentioned: audience == Audience::Shared,
                foreign: true,
                change,
            });
        }
        self.problems.extend(side.comparison().problems.iter().cloned());
    }

    /// Returns the digest of an entry in the workspace; `None` when it is missing there.
    pub(super) fn digest(&self, change: &LocalChange) -> Option<Digest> {
        self.candidates.iter().find(|candidate| candidate.change == *change)?.digest
    }

    /// Returns the source that defines an entry; `None` for whole files, and for entries that no layer has.
    pub(super) fn source(&self, change: &LocalChange) -> Option<SourceId> {
        self.candidates.iter().find(|candidate| candidate.change == *change)?.source
    }

    /// Returns an entry for display, with secrets masked.
    pub(super) fn row(&self, change: &LocalChange, layers: &[String]) -> Row {
        let found = self.candidates.iter().find(|candidate| candidate.change == *change);
        let mut entry = change.entry.to_string();
        if let Some(item) = found.and_then(|candidate| candidate.named().item) {
            let shown = match mask::value("", item) {
                Json::String(text) => text,
                other => other.to_string(),
            };
            entry = format!("{entry}  {shown}");
        }
        Row {
            file: change.path.to_string(),
            pointer: change.entry.pointer().to_string(),
            entry,
            class: found.map_or("", |candidate| candidate.class),
            key: change.key.to_string(),
            origin: found.map(|candidate| candidate.origin.clone()).unwrap_or_default(),
            layers: layers.to_vec(),
        }
    }
}

fn of_state(
    state: &EntryState<'_>,
    audience: Audience,
    rendering: &Rendering,
    actual: &Actual,
) -> LocalChange {
    let file = rendering.files.iter().find(|file| file.path == state.path);
    let expected_text = match file.map(|file| &file.part) {
        Some(Part::Block { text }) => Some(text.clone()),
        _ => None,
    };
    let actual = match (&state.key, actual.get(&state.path)) {
        (EntryKey::File, ActualFile::Bytes { bytes, executable }) => {
            EntryContent::File { bytes: bytes.as_slice().into(), executable: *executable }
        }
        (EntryKey::Block, ActualFile::Bytes { bytes, .. }) => {
            let text = str::from_utf8(bytes).ok().and_then(|text| block_text(text).ok().flatten());
            text.map_or(EntryContent::Missing, |text| EntryContent::Text(text.to_owned()))
        }
        _ => state.found.clone().map_or(EntryContent::Missing, EntryContent::Value),
    };
    LocalChange {
        path: state.path.clone(),
        entry: state.key.clone(),
        key: layer_key(&state.path, &state.key),
        audience,
        expected: state.json.map(|entry| entry.value.clone()),
        expected_text,
        actual,
    }
}

fn of_foreign(foreign: &Foreign, audience: Audience, actual: &Actual) -> LocalChange {
    let actual = match (&foreign.value, actual.get(&foreign.path)) {
        (Some(value), _) => EntryContent::Value(value.clone()),
        (None, ActualFile::Bytes { bytes, executable }) => {
            EntryContent::File { bytes: bytes.as_slice().into(), executable: *executable }
        }
        _ => EntryContent::Missing,
    };
    LocalChange {
        path: foreign.path.clone(),
        entry: foreign.key.clone(),
        key: layer_key(&foreign.path, &foreign.key),
        audience,
        expected: None,
        expected_text: None,
        actual,
    }
}
