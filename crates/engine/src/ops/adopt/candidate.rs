//! The entries of a workspace that could be adopted.

use crate::edge::clock;
use crate::edge::env::Env;
use crate::edge::fs::Root;
use crate::ops::Failure;
use crate::ops::drift::masked;
use crate::ops::repository::load::Opened;
use crate::ops::repository::mode::Renderings;
use crate::ops::state::merge_base as former;
use crate::ops::state::reconcile::{self, Provenance};
use crate::ops::sync::origin;
use claude_env_core::adopt::{Audience, Held, Named, Wish};
use claude_env_core::drift::{Judge, layer_key};
use claude_env_core::layer::{ContentKind, Mode};
use claude_env_core::render::personal::LOCAL_SETTINGS;
use claude_env_core::render::{Part, Rendering, json_files};
use claude_env_core::source::{KeyPath, RepoPath};
use claude_env_core::workspace::{
    Actual, ActualFile, Class, Digest, DigestCache, EntryKey, EntryState, Foreign, LOCAL_LOCK_FILE,
    LOCK_FILE, Problem, Side, block_text,
};
use serde_json::Value as Json;

use super::Row;

/// One entry of a workspace.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) wish: Wish,
    /// What it holds; `None` if it is not there.
    pub(super) digest: Option<Digest>,
    pub(super) class: &'static str,
    origin: String,
    /// Whether the workspace has it otherwise than the configuration.
    pub(super) adoptable: bool,
    /// Whether it is adopted where no entry is named.
    pub(super) by_default: bool,
    /// Whether it is a text that the next sync merges.
    pub(super) is_merged: bool,
    /// Whether it is, as far as we know, somebody's own.
    pub(super) foreign: bool,
    /// Whether people hear that it was passed over.
    pub(super) mentioned: bool,
    key: KeyPath,
}

impl Candidate {
    /// As the command line may name it.
    pub(super) fn named(&self) -> Named<'_> {
        let item = self.wish.expected.as_ref().or(match &self.wish.actual {
            Held::Value(value) => Some(value),
            _ => None,
        });
        let item = item.filter(|_| matches!(self.wish.entry, EntryKey::Item(..)));
        Named { path: &self.wish.path, entry: &self.wish.entry, key: &self.key, item }
    }
}

/// What was seen of a workspace.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) candidates: Vec<Candidate>,
    pub(super) problems: Vec<Problem>,
}

impl Seen {
    /// Looks at a workspace. `named` says that somebody names entries, which may be anybody's.
    pub(super) fn new(
        opened: &Opened,
        renderings: &Renderings,
        named: bool,
        env: &Env,
    ) -> Result<Self, Failure> {
        let workspace = opened.bound()?;
        let repository = &opened.repository;
        let revision = repository.source.commit().unwrap_or_default();
        let local = workspace.binding.mode == Mode::Local;
        let scope = &renderings.scope;
        let provenance = Provenance { repository: &opened.name, revision, scope, local };
        let of_person = Provenance { scope: &opened.scope, local: true, ..provenance.clone() };
        let mut root = Root::new(&workspace.root);
        let mut watched: Vec<RepoPath> = json_files().collect();
        if named {
            for kind in ContentKind::ALL.into_iter().filter(|kind| *kind != ContentKind::Memory) {
                watched.extend(root.files_below(&format!(".claude/{}", kind.folder())));
            }
        }
        let own: Vec<RepoPath> = match local {
            true => Vec::new(),
            false => RepoPath::parse(LOCAL_SETTINGS).into_iter().collect(),
        };
        let judge = Judge::new(&repository.manifest, &clock::today());
        let digests = &mut DigestCache::default();
        let (main, personal) = (&renderings.main, &renderings.personal.rendering);
        let sides = [
            (Audience::Everyone, LOCK_FILE, main, &provenance, &watched),
            (Audience::OnePerson, LOCAL_LOCK_FILE, personal, &of_person, &own),
        ];
        let mut seen = Self { candidates: Vec::new(), problems: Vec::new() };
        for (audience, lock, rendering, provenance, watched) in sides {
            let mut side =
                reconcile::side(&mut root, lock, rendering, provenance, digests, watched)?;
            side.merge_texts(|header| match audience {
                Audience::Everyone => former::main(opened, header, env),
                Audience::OnePerson => former::own(opened, header, env),
            });
            seen.take(opened, &judge, audience, rendering, &side);
        }
        Ok(seen)
    }

    fn take(
        &mut self,
        opened: &Opened,
        judge: &Judge<'_>,
        audience: Audience,
        rendering: &Rendering,
        side: &Side<'_>,
    ) {
        for state in &side.comparison.states {
            let wish = of_state(state, audience, rendering, &side.actual);
            let drifted = matches!(
                state.class,
                Class::Drift
                    | Class::Conflict
                    | Class::Merged
                    | Class::OrphanDrifted
                    | Class::ForeignCollision
            );
            let foreign = state.class == Class::ForeignCollision;
            let accepted = judge.ignoring(&layer_key(&state.path, &state.key)).is_some();
            self.candidates.push(Candidate {
                key: wish.key.clone(),
                digest: state.actual,
                class: state.class.word(),
                origin: origin(&state.origin(), &opened.repository.sources),
                adoptable: drifted,
                by_default: drifted && !foreign && !accepted,
                is_merged: state.class == Class::Merged,
                mentioned: foreign,
                foreign,
                wish,
            });
        }
        for foreign in &side.foreign {
            let wish = of_foreign(foreign, audience, &side.actual);
            self.candidates.push(Candidate {
                key: wish.key.clone(),
                digest: Some(foreign.digest),
                class: "foreign",
                origin: String::new(),
                adoptable: true,
                by_default: false,
                is_merged: false,
                // What Claude Code notes there for one person is rarely meant for a layer.
                mentioned: audience == Audience::Everyone,
                foreign: true,
                wish,
            });
        }
        self.problems.extend(side.comparison.problems.iter().cloned());
    }

    /// The digest that an entry has in the workspace.
    pub(super) fn digest(&self, wish: &Wish) -> Option<Digest> {
        self.candidates.iter().find(|candidate| candidate.wish == *wish)?.digest
    }

    /// Where the configuration has an entry, as people write it.
    pub(super) fn origin(&self, wish: &Wish) -> Option<&str> {
        let found = self.candidates.iter().find(|candidate| candidate.wish == *wish)?;
        Some(&found.origin)
    }

    /// An entry for people: secrets are masked.
    pub(super) fn row(&self, wish: &Wish, layers: &[String]) -> Row {
        let found = self.candidates.iter().find(|candidate| candidate.wish == *wish);
        let mut entry = wish.entry.to_string();
        if let Some(item) = found.and_then(|candidate| candidate.named().item) {
            let shown = match masked("", item) {
                Json::String(text) => text,
                other => other.to_string(),
            };
            entry = format!("{entry}  {shown}");
        }
        Row {
            file: wish.path.to_string(),
            pointer: wish.entry.pointer().to_owned(),
            entry,
            class: found.map_or("", |candidate| candidate.class),
            key: wish.key.to_string(),
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
) -> Wish {
    let file = rendering.files.iter().find(|file| file.path == state.path);
    let expected_text = match file.map(|file| &file.part) {
        Some(Part::Block { text }) => Some(text.clone()),
        _ => None,
    };
    let held = match (&state.key, actual.get(&state.path)) {
        (EntryKey::File, ActualFile::Bytes { bytes, executable }) => {
            Held::File { bytes: bytes.as_slice().into(), executable: *executable }
        }
        (EntryKey::Block, ActualFile::Bytes { bytes, .. }) => {
            let text = str::from_utf8(bytes).ok().and_then(|text| block_text(text).ok().flatten());
            text.map_or(Held::Nothing, |text| Held::Text(text.to_owned()))
        }
        _ => state.found.clone().map_or(Held::Nothing, Held::Value),
    };
    Wish {
        path: state.path.clone(),
        entry: state.key.clone(),
        key: layer_key(&state.path, &state.key),
        audience,
        expected: state.json.map(|entry| entry.value.clone()),
        expected_text,
        actual: held,
    }
}

fn of_foreign(foreign: &Foreign, audience: Audience, actual: &Actual) -> Wish {
    let held = match (&foreign.value, actual.get(&foreign.path)) {
        (Some(value), _) => Held::Value(value.clone()),
        (None, ActualFile::Bytes { bytes, executable }) => {
            Held::File { bytes: bytes.as_slice().into(), executable: *executable }
        }
        _ => Held::Nothing,
    };
    Wish {
        path: foreign.path.clone(),
        entry: foreign.key.clone(),
        key: layer_key(&foreign.path, &foreign.key),
        audience,
        expected: None,
        expected_text: None,
        actual: held,
    }
}
