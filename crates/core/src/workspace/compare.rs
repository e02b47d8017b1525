//! Three states, entry by entry: what is wanted, what was written last, what is there.
//!
//! Meaning is compared, not bytes. A file that is byte for byte what we would write anew is settled without being parsed.
//! A file that cannot be understood is a [`Problem`]: none of its entries has a class, and nothing of it is changed.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value as Json;

use super::actual::{Actual, ActualFile};
use super::digest::Digest;
use super::entry::{
    Class, Decision, Desired, DesiredEntry, DesiredFile, EntryKey, Policy, classify, segments,
};
use super::foreign::Foreign;
use super::lock::LockState;
use super::problem::{Problem, ProblemKind};
use super::text::block;
use super::text::json_edit::Lookup;
use super::text::json_text::{Document, JsonError};
use super::text::three_way;
use crate::agent::normalize;
use crate::render::{JsonEntry, Part, RenderedFile, Rendering};
use crate::source::RepoPath;

/// How one entry stands.
#[derive(Clone, Debug)]
pub struct EntryState<'r> {
    pub path: RepoPath,
    pub key: EntryKey,
    pub class: Class,
    /// The digests behind the class: wanted, written last, there.
    pub desired: Option<Digest>,
    pub base: Option<Digest>,
    pub actual: Option<Digest>,
    /// The rendered file, if the entry is wanted.
    pub file: Option<&'r RenderedFile>,
    /// The rendered value with its origin, if the entry is wanted and lies in a JSON file.
    pub json: Option<&'r JsonEntry>,
    /// The value that is there, for an entry of a JSON file that is not as wanted.
    pub found: Option<Json>,
    /// What is written instead of what is wanted, for an entry that is merged.
    pub merged: Option<MergedText>,
}

/// A text with the changes of both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedText {
    /// The whole file, or what goes between the markers of a block.
    pub bytes: Arc<[u8]>,
    pub executable: bool,
    /// Whether the workspace has it already.
    pub there: bool,
}

impl EntryState<'_> {
    /// What the entry is once the plan is carried out.
    pub fn written(&self) -> Option<Digest> {
        let Some(merged) = &self.merged else { return self.desired };
        Some(match (&self.key, str::from_utf8(&merged.bytes)) {
            (EntryKey::Block, Ok(text)) => Digest::of_text(text),
            _ => Digest::of_file(&merged.bytes, merged.executable),
        })
    }
}

/// All entries, with what could not be compared.
#[derive(Clone, Debug, Default)]
pub struct Comparison<'r> {
    /// By path; within a file in the order of writing, then what is no longer wanted.
    pub states: Vec<EntryState<'r>>,
    pub problems: Vec<Problem>,
    /// Whose side is taken: what goes makes room for what is wanted in its place.
    pub policy: Policy,
}

impl Comparison<'_> {
    /// Whether both sides changed a text that both still have.
    pub fn has_text_in_conflict(&self) -> bool {
        self.states.iter().any(EntryState::is_text_in_conflict)
    }

    /// Merges the texts in conflict whose base is known: what `base` renders, where that is what the lock has.
    pub fn merge_texts(&mut self, base: &Rendering, actual: &Actual) {
        for state in self.states.iter_mut().filter(|state| state.is_text_in_conflict()) {
            let file = base.files.iter().find(|file| file.path == state.path);
            let found = actual.get(&state.path);
            if let Some(merged) = file.and_then(|base| merged(state, base, found)) {
                state.class = Class::Merged;
                state.merged = Some(merged);
            }
        }
    }

    /// Takes in what is not ours, and what could not be looked at.
    pub fn add_foreign(&mut self, foreign: &[Foreign], problems: &[Problem]) {
        for problem in problems {
            if !self.problems.iter().any(|known| known.path == problem.path) {
                self.problems.push(problem.clone());
            }
        }
        let broken = |path: &RepoPath| self.problems.iter().any(|problem| problem.path == *path);
        self.states.extend(foreign.iter().filter(|entry| !broken(&entry.path)).map(|entry| {
            EntryState {
                path: entry.path.clone(),
                key: entry.key.clone(),
                class: Class::Foreign,
                desired: None,
                base: None,
                actual: Some(entry.digest),
                file: None,
                json: None,
                found: entry.value.clone(),
                merged: None,
            }
        }));
        // In the order of before within each file.
        self.states.sort_by(|a, b| a.path.cmp(&b.path));
    }
}

#[cfg(any(test, feature = "testing"))]
impl Comparison<'_> {
    /// Whether all is as wanted, and known to be.
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty() && self.states.iter().all(|state| state.class == Class::Clean)
    }

    /// The number of entries of a class.
    pub fn count(&self, class: Class) -> usize {
        self.states.iter().filter(|state| state.class == class).count()
    }
}

impl EntryState<'_> {
    fn is_text_in_conflict(&self) -> bool {
        self.class == Class::Conflict
            && self.actual.is_some()
            && matches!(self.key, EntryKey::File | EntryKey::Block)
    }
}

/// The text of an entry with the changes of both sides since `base`; `None` where they meet, or `base` is not what was written.
fn merged(state: &EntryState<'_>, base: &RenderedFile, found: &ActualFile) -> Option<MergedText> {
    let ActualFile::Bytes { bytes: found, executable } = found else { return None };
    match (&base.part, &state.file?.part) {
        (
            Part::Whole { bytes: base, executable: base_runs },
            Part::Whole { bytes: wanted, executable: wanted_runs },
        ) => {
            if Some(Digest::of_file(base, *base_runs)) != state.base {
                return None;
            }
            let bytes = three_way::merge(base, found, wanted)?;
            // Of two sides, one has the bit as it was, or both changed it.
            let runs = if executable == base_runs { *wanted_runs } else { *executable };
            let there = bytes == *found && runs == *executable;
            Some(MergedText { bytes: bytes.into(), executable: runs, there })
        }
        (Part::Block { text: base }, Part::Block { text: wanted }) => {
            if Some(Digest::of_text(base)) != state.base {
                return None;
            }
            let found = block::read(str::from_utf8(found).ok()?).ok().flatten()?;
            let bytes = three_way::merge(base.as_bytes(), found.as_bytes(), wanted.as_bytes())?;
            let text = str::from_utf8(&bytes).ok().filter(|text| block::can_hold(text))?;
            let there = Digest::of_text(text) == Digest::of_text(found);
            Some(MergedText { bytes: bytes.into(), executable: false, there })
        }
        _ => None,
    }
}

/// Every path that has to be looked at, sorted.
pub fn paths(desired: &Desired<'_>, ledger: &LockState) -> Vec<RepoPath> {
    let wanted = desired.files().iter().map(|file| &file.file.path);
    let all: BTreeSet<&RepoPath> = wanted.chain(ledger.paths()).collect();
    all.into_iter().cloned().collect()
}

/// Whether every file is as it would be written anew, and the lock says so: then no entry has to be looked at. `is_there` says
/// whether a file is as it would be.
pub fn is_up_to_date(
    desired: &Desired<'_>,
    ledger: &LockState,
    is_there: impl FnMut(&DesiredFile<'_>) -> bool,
) -> bool {
    ledger.is_current() && !desired.files().is_empty() && desired.files().iter().all(is_there)
}

/// Whether a text is wanted otherwise than it was written last.
pub fn changes_text(desired: &Desired<'_>, ledger: &LockState) -> bool {
    desired.files().iter().any(|file| {
        let mut texts = file.entries.iter().filter(|entry| entry.json.is_none());
        texts.any(|entry| {
            let last = ledger.lock.get(&file.file.path, &entry.key);
            last.is_some_and(|last| last != entry.digest)
        })
    })
}

/// Classifies every entry that is wanted or was written.
pub fn compare<'r>(
    desired: &Desired<'r>,
    ledger: &LockState,
    actual: &Actual,
    policy: Policy,
) -> Comparison<'r> {
    let mut comparison = Comparison { policy, ..Comparison::default() };
    let wanted = desired.files().iter().map(|file| file.entries.len()).sum();
    comparison.states.reserve(wanted);
    for path in paths(desired, ledger) {
        let file = FileComparison { path: &path, desired: desired.get(&path), ledger, policy };
        match file.compare(actual.get(&path)) {
            Ok(states) => comparison.states.extend(states),
            Err(problem) => comparison.problems.push(problem),
        }
    }
    comparison
}

/// One file under comparison.
struct FileComparison<'f, 'r> {
    path: &'f RepoPath,
    desired: Option<&'f DesiredFile<'r>>,
    ledger: &'f LockState,
    policy: Policy,
}

impl<'r> FileComparison<'_, 'r> {
    fn compare(&self, actual: &ActualFile) -> Result<Vec<EntryState<'r>>, Problem> {
        if super::is_forbidden(self.path) {
            let help = "leave it out of the layers".to_owned();
            return Err(self.problem(
                ProblemKind::Forbidden,
                None,
                "is a file that claude-env never renders",
                help,
            ));
        }
        let (bytes, executable) = match actual {
            ActualFile::Unusable { kind, reason, help } => {
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

    /// What kind of entries the file has: the rendering decides, then the lock.
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

    /// The names that the locks have for this file, without those of another kind.
    fn known(&self) -> impl Iterator<Item = &EntryKey> {
        let locks = [Some(&self.ledger.lock), self.ledger.pending.as_ref()];
        let entries = locks.into_iter().flatten().filter_map(|lock| lock.entries(self.path));
        entries.flat_map(|entries| entries.keys()).collect::<BTreeSet<_>>().into_iter()
    }

    fn is_pristine(&self, bytes: &[u8]) -> bool {
        let pristine = self.desired.and_then(DesiredFile::pristine);
        pristine.is_some_and(|pristine| *pristine == *bytes)
    }

    /// The states of all entries, given what is there for each name.
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

    /// The names that a lock has and the rendering has not.
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
        let base = self.ledger.lock.get(self.path, key);
        let pending = self.ledger.pending.as_ref().map(|lock| lock.get(self.path, key));
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
            let help = "take the marker out of the memory fragments".to_owned();
            return Err(self.problem(
                ProblemKind::InvalidContent,
                None,
                "would get a block with a claude-env marker in it",
                help,
            ));
        }
        let found = block::read(text).map_err(|error| {
            let help = "leave one begin and one end marker, each on its own line; or remove both, and sync writes the \
                        block anew";
            self.problem(ProblemKind::Unreadable, Some(error.line), error.message, help.to_owned())
        })?;
        Ok(self.states(|key| {
            let content = found.filter(|_| *key == EntryKey::Block)?;
            Some((Digest::of_text(content), None))
        }))
    }

    fn compare_json(&self, text: &str) -> Result<Vec<EntryState<'r>>, Problem> {
        let broken = |error: JsonError| {
            let help = "mend it, then sync again: nothing in this file was changed".to_owned();
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
                EntryLookup::Value(digest, value) => Some((digest, Some(value))),
                // What took the place of a value on the way there took the entry with it.
                EntryLookup::Nothing | EntryLookup::Blocked { .. } => None,
            };
            if let Some(state) = self.state(key, None, found) {
                if state.class.decision(self.policy) == Decision::Apply {
                    orphans.insert(key);
                }
                unwanted.push(state);
            }
        }
        let mut states = Vec::with_capacity(wanted.len() + unwanted.len());
        for entry in wanted {
            let found = match view.entry(&entry.key).map_err(broken)? {
                EntryLookup::Nothing => None,
                EntryLookup::Value(..) if orphans.holds_array_of(&entry.key) => None,
                EntryLookup::Value(digest, _) if digest == entry.digest => Some((digest, None)),
                EntryLookup::Value(digest, value) => match orphans.taken_from(&entry.key, &value) {
                    Some(rest) => rest.map(|rest| (Digest::of_json(&rest), Some(rest))),
                    None => Some((digest, Some(value))),
                },
                EntryLookup::Blocked { pointer, .. } if orphans.values.contains(&*pointer) => None,
                EntryLookup::Blocked { pointer, line, wanted } => {
                    let name = segments(&pointer).join("/");
                    let place = if name.is_empty() {
                        "the document".to_owned()
                    } else {
                        format!("`{name}`")
                    };
                    let help = format!(
                        "make it {wanted}, then sync again: nothing in this file was changed"
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

/// What a document has in the place of an entry.
pub(super) enum EntryLookup {
    Nothing,
    Value(Digest, Json),
    /// Something on the way is not what it must be; says where, and what it must be.
    Blocked {
        pointer: String,
        line: usize,
        wanted: &'static str,
    },
}

/// A document, with the digests of the arrays that were asked for.
pub(super) struct DocumentView<'d, 't> {
    path: &'d RepoPath,
    document: &'d Document<'t>,
    arrays: HashMap<Arc<str>, HashMap<Digest, Json>>,
}

impl<'d, 't> DocumentView<'d, 't> {
    pub(super) fn new(path: &'d RepoPath, document: &'d Document<'t>) -> Self {
        Self { path, document, arrays: HashMap::new() }
    }

    /// What is in the place of an entry.
    pub(super) fn entry(&mut self, key: &EntryKey) -> Result<EntryLookup, JsonError> {
        let pointer = key.pointer();
        if let EntryKey::Item(_, digest) = key
            && let Some(items) = self.arrays.get(pointer)
        {
            return Ok(items
                .get(digest)
                .map_or(EntryLookup::Nothing, |item| EntryLookup::Value(*digest, item.clone())));
        }
        match (self.document.find(&segments(pointer))?, key) {
            (Lookup::Missing, _) => Ok(EntryLookup::Nothing),
            (Lookup::Blocked { depth, line }, _) => {
                let pointer = pointer.split('/').take(depth + 1).collect::<Vec<_>>().join("/");
                Ok(EntryLookup::Blocked { pointer, line, wanted: "an object" })
            }
            (Lookup::Found(value), EntryKey::Item(pointer, _)) => match value.items() {
                Some(items) => {
                    let items = items.into_iter().map(|item| (Digest::of_json(&item), item));
                    self.arrays.insert(Arc::clone(pointer), items.collect());
                    self.entry(key)
                }
                None => Ok(EntryLookup::Blocked {
                    pointer: pointer.to_string(),
                    line: value.line,
                    wanted: "an array",
                }),
            },
            (Lookup::Found(value), _) => {
                let value = value.to_json();
                Ok(EntryLookup::Value(Digest::of_json(&normalize(self.path, &value)), value))
            }
        }
    }
}

/// The entries that are about to go, for what is wanted in their place.
#[derive(Default)]
struct Orphans {
    values: BTreeSet<String>,
    items: BTreeMap<String, HashSet<Digest>>,
}

impl Orphans {
    fn insert(&mut self, key: &EntryKey) {
        match key {
            EntryKey::Value(pointer) => {
                self.values.insert(pointer.to_string());
            }
            EntryKey::Item(pointer, digest) => {
                self.items.entry(pointer.to_string()).or_default().insert(*digest);
            }
            EntryKey::File | EntryKey::Block => {}
        }
    }

    /// Whether the array that an item is wanted in is itself a value of ours that goes.
    fn holds_array_of(&self, key: &EntryKey) -> bool {
        matches!(key, EntryKey::Item(pointer, _) if self.values.contains(&**pointer))
    }

    /// What is left of a value once the entries in it that go are gone: `Some(None)` when nothing is left of it, `None`
    /// when none of it goes.
    fn taken_from(&self, key: &EntryKey, value: &Json) -> Option<Option<Json>> {
        let EntryKey::Value(pointer) = key else { return None };
        let below = format!("{pointer}/");
        let within = |other: &&String| other.starts_with(&below) || **other == **pointer;
        let values: Vec<&String> = self.values.iter().filter(within).collect();
        let items: Vec<(&String, &HashSet<Digest>)> =
            self.items.iter().filter(|(other, _)| within(other)).collect();
        if values.is_empty() && items.is_empty() {
            return None;
        }
        let mut rest = value.clone();
        let depth = segments(pointer).len();
        for (other, digests) in items {
            let path = segments(other);
            if let Some(Json::Array(list)) = at(&mut rest, path.get(depth..).unwrap_or_default()) {
                list.retain(|item| !digests.contains(&Digest::of_json(item)));
            }
        }
        for other in values {
            let path = segments(other);
            if let Some((last, parents)) = path.get(depth..).unwrap_or_default().split_last()
                && let Some(Json::Object(map)) = at(&mut rest, parents)
            {
                map.shift_remove(last);
            }
        }
        Some((!is_hollow(&rest)).then_some(rest))
    }
}

fn at<'v>(value: &'v mut Json, path: &[String]) -> Option<&'v mut Json> {
    path.iter().try_fold(value, |value, segment| value.get_mut(segment))
}

/// Whether a value holds nothing but empty objects and arrays.
fn is_hollow(value: &Json) -> bool {
    match value {
        Json::Object(map) => map.values().all(is_hollow),
        Json::Array(items) => items.is_empty(),
        _ => false,
    }
}
