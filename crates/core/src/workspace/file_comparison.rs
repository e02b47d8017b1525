//! Comparing the entries of one file.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value as Json;

use super::actual::ActualFile;
use super::class::{Decision, Policy, classify};
use super::digest::Digest;
use super::document_view::{DocumentView, EntryLookup, is_there};
use super::entry::{DesiredEntry, DesiredFile, EntryKey};
use super::entry_state::EntryState;
use super::lock_state::LockState;
use super::orphans::Orphans;
use super::problem::{Problem, ProblemKind};
use super::text::block;
use super::text::json_text::{Document, JsonError};
use crate::render::Part;
use crate::source::RepoPath;

/// The comparison of one file.
pub(super) struct FileComparison<'f, 'r> {
    /// The file, relative to the root of the workspace.
    pub(super) path: &'f RepoPath,
    /// The rendered file; `None` when none is configured.
    pub(super) desired: Option<&'f DesiredFile<'r>>,
    /// The lock.
    pub(super) lock: &'f LockState,
    /// Which side wins.
    pub(super) policy: Policy,
}

impl<'r> FileComparison<'_, 'r> {
    /// Classifies the entries of the file. Fails when the file must not be written or cannot be parsed.
    pub(super) fn compare(&self, actual: &ActualFile) -> Result<Vec<EntryState<'r>>, Problem> {
        if super::is_forbidden(self.path) {
            let help = "remove it from the layers".to_owned();
            return Err(self.problem(
                ProblemKind::Forbidden,
                None,
                "is a file that claude-env never renders",
                help,
            ));
        }
        let (bytes, executable) = match actual {
            ActualFile::Unusable { kind, reason, help, .. } => {
                return Err(self.problem(*kind, None, reason.clone(), help.clone()));
            }
            ActualFile::Missing => return Ok(self.states(|_| None)),
            ActualFile::Bytes { bytes, executable } => (bytes.as_slice(), *executable),
        };
        match self.kind() {
            FileKind::Whole => {
                let same = self.desired.is_some_and(|desired| {
                    desired.executable() == executable
                        && matches!(&desired.file.part, Part::Whole { bytes: ours, .. } if **ours == *bytes)
                });
                let digest = match self.desired.and_then(|desired| desired.entries.first()) {
                    Some(entry) if same => entry.digest,
                    _ => Digest::of_file(bytes, executable),
                };
                Ok(self.states(|key| (*key == EntryKey::File).then_some((digest, None))))
            }
            FileKind::Block | FileKind::Json if self.is_pristine(bytes) => Ok(self.states(|key| {
                let entry = self.desired.and_then(|desired| desired.get(key));
                entry.map(|entry| (entry.digest, None))
            })),
            FileKind::Block => self.compare_block(self.text(bytes)?),
            FileKind::Json => self.compare_json(self.text(bytes)?),
        }
    }

    /// Returns what kind of entries the file has: by the rendering, or else by the lock.
    fn kind(&self) -> FileKind {
        match self.desired.map(|desired| &desired.file.part) {
            Some(Part::Whole { .. }) => FileKind::Whole,
            Some(Part::Block { .. }) => FileKind::Block,
            Some(Part::Json(_)) => FileKind::Json,
            None => match self.known().next() {
                Some(EntryKey::File) => FileKind::Whole,
                Some(EntryKey::Block) => FileKind::Block,
                _ => FileKind::Json,
            },
        }
    }

    /// Returns the names of the entries of this file in the lock and the pending lock.
    fn known(&self) -> impl Iterator<Item = &EntryKey> {
        let locks = [Some(&self.lock.applied), self.lock.pending.as_ref()];
        let entries = locks.into_iter().flatten().filter_map(|lock| lock.entries(self.path));
        entries.flat_map(|entries| entries.keys()).collect::<BTreeSet<_>>().into_iter()
    }

    fn is_pristine(&self, bytes: &[u8]) -> bool {
        let pristine = self.desired.and_then(DesiredFile::pristine);
        pristine.is_some_and(|pristine| *pristine == *bytes)
    }

    /// Returns the states of all entries. `found` looks an entry up in the workspace.
    fn states(
        &self,
        found: impl Fn(&EntryKey) -> Option<(Digest, Option<Json>)>,
    ) -> Vec<EntryState<'r>> {
        let wanted = self.desired.map_or(&[][..], |desired| &desired.entries);
        let mut states = Vec::with_capacity(wanted.len());
        for entry in wanted {
            states.extend(self.state(&entry.key, Some(entry), found(&entry.key)));
        }
        for key in self.unwanted(wanted) {
            states.extend(self.state(key, None, found(key)));
        }
        states
    }

    /// Returns the names that are in a lock but not in the rendering.
    fn unwanted(&self, wanted: &[DesiredEntry<'r>]) -> Vec<&EntryKey> {
        let kind = self.kind();
        let wanted: HashSet<&EntryKey> = wanted.iter().map(|entry| &entry.key).collect();
        self.known().filter(|key| kind.has(key) && !wanted.contains(key)).collect()
    }

    fn state(
        &self,
        key: &EntryKey,
        wanted: Option<&DesiredEntry<'r>>,
        found: Option<(Digest, Option<Json>)>,
    ) -> Option<EntryState<'r>> {
        let desired = wanted.map(|entry| entry.digest);
        let base = self.lock.applied.get(self.path, key);
        let pending = self.lock.pending.as_ref().map(|lock| lock.get(self.path, key));
        let (actual, found) = match found {
            Some((digest, value)) => (Some(digest), value),
            None => (None, None),
        };
        let class = classify(desired, base, pending, actual)?;
        Some(EntryState {
            path: self.path.clone(),
            key: key.clone(),
            class,
            desired,
            base,
            actual,
            file: self.desired.filter(|_| wanted.is_some()).map(|desired| desired.file),
            json: wanted.and_then(|entry| entry.json),
            found: found.filter(|_| actual != desired),
            merged: None,
        })
    }

    fn text<'b>(&self, bytes: &'b [u8]) -> Result<&'b str, Problem> {
        str::from_utf8(bytes).map_err(|_| {
            self.problem(
                ProblemKind::Unreadable,
                None,
                "is not UTF-8",
                "save it as UTF-8, then run `claude-env sync`".to_owned(),
            )
        })
    }

    fn problem(
        &self,
        kind: ProblemKind,
        line: Option<usize>,
        message: impl Into<String>,
        help: String,
    ) -> Problem {
        Problem { path: self.path.clone(), line, message: message.into(), help, kind }
    }

    fn compare_block(&self, text: &str) -> Result<Vec<EntryState<'r>>, Problem> {
        if let Some(Part::Block { text, .. }) = self.desired.map(|desired| &desired.file.part)
            && !block::can_hold(text)
        {
            let help = "remove the marker from the memory fragments".to_owned();
            return Err(self.problem(
                ProblemKind::InvalidContent,
                None,
                "would get a block that contains a claude-env marker",
                help,
            ));
        }
        let found = block::read(text).map_err(|error| {
            let help = "keep one begin and one end marker, each on its own line; or remove both, and `claude-env sync` \
                        writes the block again";
            self.problem(ProblemKind::Unreadable, Some(error.line), error.message, help.to_owned())
        })?;
        Ok(self.states(|key| {
            let content = found.filter(|_| *key == EntryKey::Block)?;
            Some((Digest::of_text(content), None))
        }))
    }

    fn compare_json(&self, text: &str) -> Result<Vec<EntryState<'r>>, Problem> {
        let broken = |error: JsonError| {
            let help = "fix it, then run `claude-env sync`; the file was left unchanged".to_owned();
            self.problem(
                ProblemKind::Unreadable,
                Some(error.line),
                format!("cannot be read: {}", error.message),
                help,
            )
        };
        let document = Document::parse(text).map_err(broken)?;
        let wanted = self.desired.map_or(&[][..], |desired| &desired.entries);
        let mut view = DocumentView::new(self.path, &document);
        let mut orphans = Orphans::default();
        let mut unwanted = Vec::new();
        for key in self.unwanted(wanted) {
            let found = match view.entry(key).map_err(broken)? {
                EntryLookup::Value(digest, value) => {
                    let base = self.lock.applied.get(self.path, key);
                    match base.filter(|base| is_there(self.path, key, *base, &value)) {
                        Some(base) => Some((base, Some(value))),
                        None => Some((digest, Some(value))),
                    }
                }
                // A value on the way was replaced, so the entry is gone too.
                EntryLookup::Missing | EntryLookup::Blocked { .. } => None,
            };
            if let Some(state) = self.state(key, None, found) {
                let holds = state
                    .found
                    .as_ref()
                    .zip(state.base)
                    .is_some_and(|(found, base)| is_there(self.path, key, base, found));
                if state.class.decision(self.policy) == Decision::Apply && !holds {
                    orphans.insert(key);
                }
                unwanted.push(state);
            }
        }
        let mut states = Vec::with_capacity(wanted.len() + unwanted.len());
        for entry in wanted {
            let found = match view.entry(&entry.key).map_err(broken)? {
                EntryLookup::Missing => None,
                EntryLookup::Value(..) if orphans.holds_array_of(&entry.key) => None,
                EntryLookup::Value(digest, _) if digest == entry.digest => Some((digest, None)),
                EntryLookup::Value(_, value)
                    if is_there(self.path, &entry.key, entry.digest, &value) =>
                {
                    Some((entry.digest, None))
                }
                EntryLookup::Value(digest, value) => match orphans.taken_from(&entry.key, &value) {
                    Some(rest) => rest.map(|rest| (Digest::of_json(&rest), Some(rest))),
                    None => Some((digest, Some(value))),
                },
                EntryLookup::Blocked { pointer, .. } if orphans.has_value(&pointer) => None,
                EntryLookup::Blocked { pointer, line, wanted } => {
                    let name = pointer.plain();
                    let place = if name.is_empty() {
                        "the document".to_owned()
                    } else {
                        format!("`{name}`")
                    };
                    let help = format!(
                        "make it {wanted}, then run `claude-env sync`; the file was left unchanged"
                    );
                    return Err(self.problem(
                        ProblemKind::WrongType,
                        Some(line),
                        format!("{place} is not {wanted}"),
                        help,
                    ));
                }
            };
            states.extend(self.state(&entry.key, Some(entry), found));
        }
        states.append(&mut unwanted);
        Ok(states)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FileKind {
    Whole,
    Block,
    Json,
}

impl FileKind {
    fn has(self, key: &EntryKey) -> bool {
        self == match key {
            EntryKey::File => FileKind::Whole,
            EntryKey::Block => FileKind::Block,
            EntryKey::Value(_) | EntryKey::Item(..) => FileKind::Json,
        }
    }
}
