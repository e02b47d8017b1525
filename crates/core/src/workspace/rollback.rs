//! Rolling a workspace back to the state before an apply.
//!
//! A file that is still as the applies left it is restored byte for byte. In a file that was changed since, the entries that
//! the applies changed are restored one by one, and later changes stay.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::action::{Action, FileChange};
use super::actual::{Actual, ActualFile};
use super::class::{Class, Decision, Policy};
use super::compare::compare;
use super::comparison::Comparison;
use super::digest::{Digest, DigestCache};
use super::document_view::{DocumentView, EntryLookup};
use super::entry::{Desired, EntryKey};
use super::generation::{Generation, Old, Saved};
use super::lock::{Lock, LockError};
use super::lock_change::LockChange;
use super::lock_state::LockState;
use super::plan::Plan;
use super::plan::{folders, record_written};
use super::plan_line::{Origin, PlanLine, Sign};
use super::problem::{Problem, ProblemKind};
use super::remedy::Remedy;
use super::text::block;
use super::text::json_text::Document;
use crate::agent::{EntryKind, skeleton};
use crate::render::{JsonEntry, JsonPart, Part, RenderedFile, Rendering};
use crate::source::{Pointer, RepoPath, Sources, Span};

/// The state of a workspace before the apply of a generation.
#[derive(Clone, Debug)]
pub struct Past {
    /// The first generation that is undone.
    pub number: u64,
    locks: BTreeMap<String, PastLock>,
}

/// The former state of one lock, and of the files that applies changed with it since.
#[derive(Clone, Debug, Default)]
pub struct PastLock {
    text: Option<String>,
    files: BTreeMap<RepoPath, PastFile>,
}

#[derive(Clone, Debug)]
struct PastFile {
    before: Option<Old>,
    /// The digests of the content that the applies found and wrote, as long as nobody else wrote in between.
    known: BTreeSet<Option<Digest>>,
    unbroken: bool,
}

impl Past {
    /// Returns the state before the apply of a generation, or of the interrupted apply that it finished; `None` when there
    /// is no such generation. `generations` are sorted by number.
    pub fn before(number: u64, generations: &[Generation]) -> Option<Self> {
        let find = |number| generations.iter().find(|generation| generation.number == number);
        let mut first = find(number)?;
        while let Some(earlier) = first.continues.and_then(find) {
            first = earlier;
        }
        let mut locks: BTreeMap<String, PastLock> = BTreeMap::new();
        let later = generations.iter().filter(|one| one.number >= first.number);
        for saved in later.flat_map(|generation| &generation.locks) {
            let lock = locks
                .entry(saved.file.clone())
                .or_insert_with(|| PastLock { text: saved.text.clone(), ..PastLock::default() });
            saved.files.iter().for_each(|file| lock.follow(file));
        }
        for file in locks.values_mut().flat_map(|lock| lock.files.values_mut()) {
            if !file.unbroken {
                file.known.clear();
            }
        }
        Some(Self { number: first.number, locks })
    }

    /// Returns the former state of a lock; `None` if no apply used it since.
    pub fn lock(&self, file: &str) -> Option<&PastLock> {
        self.locks.get(file)
    }
}

impl PastLock {
    /// Adds what one more apply did to a file.
    fn follow(&mut self, saved: &Saved) {
        let before = saved.before.as_ref().map(|old| Digest::of_bytes(&old.bytes));
        let file = self.files.entry(saved.path.clone()).or_insert_with(|| PastFile {
            before: saved.before.clone(),
            known: BTreeSet::from([before]),
            unbroken: true,
        });
        file.unbroken &= file.known.contains(&before);
        if file.unbroken {
            file.known.insert(saved.after);
        }
    }

    /// Returns the former text; `None` if the lock did not exist.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// Returns every path that has to be read.
    pub fn paths(&self, lock: &LockState) -> BTreeSet<RepoPath> {
        let ours = lock.paths().filter(|_| lock.pending.is_some());
        self.files.keys().chain(ours).cloned().collect()
    }
}

impl PastFile {
    /// Returns true if a rollback removes the file: it did not exist before, and is as the applies left it.
    fn is_removed(&self, found: &ActualFile, policy: Policy) -> bool {
        let ActualFile::Bytes { bytes, .. } = found else { return false };
        let known = self.known.contains(&Some(Digest::of_bytes(bytes)));
        self.before.is_none() && (policy == Policy::Force || known)
    }
}

/// Plans the rollback of one lock and its files. [`Policy::Force`] also overwrites changes that were made since.
///
/// Fails when the former lock cannot be parsed.
pub fn roll_back(
    past: &PastLock,
    lock: &LockState,
    actual: &Actual,
    policy: Policy,
) -> Result<Plan, LockError> {
    let old = match &past.text {
        Some(text) => Lock::parse(lock.file(), text)?,
        None => Lock::default(),
    };
    let mut changes = Vec::new();
    let mut lines = Vec::new();
    let mut rest: Vec<(&RepoPath, &PastFile)> = Vec::new();
    let removed: BTreeSet<&RepoPath> = (past.files.iter())
        .filter(|(path, file)| file.is_removed(actual.get(path), policy))
        .map(|(path, _)| path)
        .collect();
    for (path, file) in &past.files {
        let found = match actual.get(path) {
            // What stands in the way is removed first.
            ActualFile::Unusable { obstacle: Some(obstacle), .. }
                if obstacle.files().iter().all(|file| removed.contains(file)) =>
            {
                &ActualFile::Missing
            }
            found => found,
        };
        let digest = match found {
            ActualFile::Missing => Some(None),
            ActualFile::Bytes { bytes, .. } => Some(Some(Digest::of_bytes(bytes))),
            ActualFile::Unusable { .. } => None,
        };
        match digest {
            Some(digest) if policy == Policy::Force || file.known.contains(&digest) => {
                if let Some((change, line)) = whole(path, file, found) {
                    changes.push(change);
                    lines.push(line);
                }
            }
            _ => rest.push((path, file)),
        }
    }
    let merged = by_entries(&rest, &old, lock, actual);
    let next = next_lock(&old, lock, &merged);
    changes.extend(merged.plan.changes);
    changes.sort_by_key(|change| matches!(change.action, Action::Delete { .. }));
    lines.extend(merged.plan.lines.into_iter().filter_map(rollback_line));
    lines.sort_by(|a, b| a.path.cmp(&b.path));
    let unchanged = (past.text.as_ref()).filter(|_| next == old);
    let mut problems = merged.plan.problems;
    problems.sort();
    let recovered = recovered(lock, actual).filter(|_| !changes.is_empty());
    let lock = LockChange {
        file: lock.file().to_owned(),
        before: lock.text.clone(),
        next: unchanged.cloned().unwrap_or_else(|| next.to_text()),
        files: next.paths().cloned().collect(),
        recovered,
        leftover: lock.leftover,
        remove_when_empty: past.text.is_none() && next.entry_count() == 0,
        sweep: match lock.leftover {
            true => {
                folders(&Desired::new(&Rendering::default(), &mut DigestCache::default()), lock)
            }
            false => Vec::new(),
        },
    };
    Ok(Plan { changes, lines, problems, prune: None, expected: merged.plan.expected, lock })
}

/// Restores a file as a whole; `None` if it already has its former content.
fn whole(path: &RepoPath, file: &PastFile, found: &ActualFile) -> Option<(FileChange, PlanLine)> {
    // A file that was deleted in between was created again, with another mode.
    let anew = file.known.contains(&None);
    let (action, mode, sign, class) = match (file.before.as_ref(), found) {
        (None, ActualFile::Bytes { bytes, .. }) => {
            (Action::Delete { before: bytes.clone() }, None, Sign::Remove, Class::Orphan)
        }
        (Some(old), ActualFile::Bytes { bytes, executable }) => {
            let moved = *executable != old.is_executable();
            if !moved && !anew && *bytes == old.bytes {
                return None;
            }
            let action = Action::Update {
                before: bytes.clone(),
                bytes: Arc::from(old.bytes.as_slice()),
                executable: None,
                // It may contain content that no rendering can produce again.
                shared: true,
            };
            (action, (moved || anew).then_some(old.mode), Sign::Change, Class::Pending)
        }
        (Some(old), _) => {
            let bytes = Arc::from(old.bytes.as_slice());
            let action = Action::Create { bytes, executable: old.is_executable() };
            (action, Some(old.mode), Sign::Add, Class::New)
        }
        (None, _) => return None,
    };
    let line = PlanLine {
        sign,
        path: path.clone(),
        what: String::new(),
        pointer: Pointer::default(),
        class,
        reason: "",
        remedy: Remedy::None,
        origin: Origin::Nowhere,
    };
    Some((FileChange { path: path.clone(), action, mode }, line))
}

/// The rollback of files entry by entry.
struct EntryRollback {
    plan: Plan,
    /// The entries that are kept, each with its digest in the current lock.
    kept: Vec<(RepoPath, EntryKey, Option<Digest>)>,
}

fn by_entries(
    files: &[(&RepoPath, &PastFile)],
    old: &Lock,
    lock: &LockState,
    actual: &Actual,
) -> EntryRollback {
    let mut rendering = Rendering::default();
    let mut problems = Vec::new();
    for (path, file) in files {
        let Some(before) = &file.before else { continue };
        match part(path, before, &keys(path, old, lock)) {
            Ok(part) => rendering.files.extend(part.map(|part| RenderedFile {
                path: (*path).clone(),
                part,
                origins: Arc::default(),
            })),
            Err(message) => problems.push(Problem {
                path: (*path).clone(),
                line: None,
                message,
                help: "the file was left unchanged; `--force` restores the whole file".to_owned(),
                kind: ProblemKind::NotRestorable,
            }),
        }
    }
    let broken: BTreeSet<&RepoPath> = problems.iter().map(|problem| &problem.path).collect();
    let paths: BTreeSet<&RepoPath> = files.iter().map(|(path, _)| *path).collect();
    let lock = lock.only(|path| paths.contains(path) && !broken.contains(path));
    let desired = Desired::new(&rendering, &mut DigestCache::default());
    let comparison: Comparison<'_> = compare(&desired, &lock, actual, Policy::Keep);
    let kept = (comparison.states.iter())
        .filter(|state| state.class.decision(Policy::Keep) == Decision::Keep)
        .map(|state| (state.path.clone(), state.key.clone(), state.base))
        .collect();
    let header = lock.applied.header.clone();
    let mut plan = Plan::new(&desired, &lock, actual, &comparison, header);
    plan.problems.extend(problems);
    EntryRollback { plan, kept }
}

/// Returns the entries of a file in the former and the current locks.
fn keys<'l>(path: &RepoPath, old: &'l Lock, lock: &'l LockState) -> BTreeSet<&'l EntryKey> {
    let locks = [Some(old), Some(&lock.applied), lock.pending.as_ref()];
    let entries = locks.into_iter().flatten().filter_map(|lock| lock.entries(path));
    entries.flat_map(|entries| entries.keys()).collect()
}

/// Returns the managed part of a file, as if it were rendered; `None` if there was none.
///
/// Fails when the former content cannot be parsed.
fn part(path: &RepoPath, old: &Old, keys: &BTreeSet<&EntryKey>) -> Result<Option<Part>, String> {
    if keys.contains(&EntryKey::File) {
        let bytes = Arc::from(old.bytes.as_slice());
        return Ok(Some(Part::Whole { bytes, executable: old.is_executable() }));
    }
    let text = str::from_utf8(&old.bytes).map_err(|_| "was not UTF-8".to_owned())?;
    if keys.contains(&EntryKey::Block) {
        let block = block::read(text).map_err(|error| format!("was broken: {}", error.message))?;
        return Ok(block.map(|text| Part::Block { text: text.to_owned() }));
    }
    let broken = |message: &str| format!("was broken: {message}");
    let document = Document::parse(text).map_err(|error| broken(&error.message))?;
    let mut view = DocumentView::new(path, &document);
    // No layer defines these values.
    let origin = Span::new(Sources::default().add("", "", ""), 0..0);
    let mut entries = Vec::new();
    for key in keys {
        let found = view.entry(key).map_err(|error| broken(&error.message))?;
        if let EntryLookup::Value(_, value) = found {
            entries.push(JsonEntry {
                pointer: key.pointer(),
                kind: if matches!(key, EntryKey::Item(..)) {
                    EntryKind::Item
                } else {
                    EntryKind::Value
                },
                value,
                origin,
            });
        }
    }
    let part = JsonPart { entries, skeleton: skeleton(path) };
    Ok((!part.entries.is_empty()).then_some(Part::Json(part)))
}

/// Returns the former lock, with the current digests of the entries that are kept.
fn next_lock(old: &Lock, lock: &LockState, merged: &EntryRollback) -> Lock {
    let mut next = old.clone();
    for (path, key, base) in &merged.kept {
        match base {
            Some(digest) => next.insert(path, key.clone(), *digest),
            None => next.remove(path, key),
        }
    }
    for problem in &merged.plan.problems {
        match lock.applied.entries(&problem.path) {
            Some(entries) => next.files.insert(problem.path.clone(), entries.clone()),
            None => next.files.remove(&problem.path),
        };
    }
    next
}

/// Returns the line of an entry in terms of a rollback; `None` for changes that other people made since.
fn rollback_line(line: PlanLine) -> Option<PlanLine> {
    match (line.sign, line.class) {
        (Sign::Keep, Class::Drift) if !line.what.is_empty() => None,
        (Sign::Keep, _) => Some(PlanLine {
            reason: "changed since; kept",
            remedy: Remedy::RestoreFile,
            origin: Origin::Nowhere,
            ..line
        }),
        (Sign::Record, _) => None,
        _ => Some(PlanLine { reason: "", remedy: Remedy::None, origin: Origin::Nowhere, ..line }),
    }
}

/// Returns the lock that must be written first because an apply was interrupted; `None` if none was.
fn recovered(lock: &LockState, actual: &Actual) -> Option<String> {
    lock.pending.as_ref()?;
    let nothing = Rendering::default();
    let desired = Desired::new(&nothing, &mut DigestCache::default());
    let comparison = compare(&desired, lock, actual, Policy::Keep);
    let mut recovered = Lock { header: lock.applied.header.clone(), ..Lock::default() };
    for state in &comparison.states {
        record_written(state, lock, &mut recovered);
    }
    for problem in &comparison.problems {
        if let Some(entries) = lock.applied.entries(&problem.path) {
            recovered.files.insert(problem.path.clone(), entries.clone());
        }
    }
    let text = recovered.to_text();
    let said = lock.text.is_some() || recovered.entry_count() > 0;
    (said && lock.text.as_ref() != Some(&text)).then_some(text)
}
