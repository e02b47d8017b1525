//! The new content of one file, made from the entries that are applied to it.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::action::Action;
use super::actual::ActualFile;
use super::class::{Decision, Policy};
use super::digest::Digest;
use super::document_view::is_there;
use super::entry::EntryKey;
use super::entry_state::EntryState;
use super::problem::{Problem, ProblemKind};
use super::text::block;
use super::text::json_edit;
use super::text::json_text::Document;
use crate::agent::{EntryKind, skeleton as skeleton_of};
use crate::render::{Part, RenderedFile};
use crate::source::{Pointer, RepoPath};

/// Returns what happens to one file; `None` when it does not change.
///
/// Fails when the file cannot be edited although it was readable before: a bug.
pub(super) fn change(
    path: &RepoPath,
    file: Option<&RenderedFile>,
    states: &[EntryState<'_>],
    actual: &ActualFile,
    policy: Policy,
) -> Result<Option<Action>, Problem> {
    let applied: Vec<&EntryState<'_>> =
        states.iter().filter(|state| state.class.decision(policy) == Decision::Apply).collect();
    let Some(first) = applied.first() else { return Ok(None) };
    let before = match actual {
        ActualFile::Bytes { bytes, .. } => Some(bytes),
        ActualFile::Missing | ActualFile::Unusable { .. } => None,
    };
    if first.key == EntryKey::File {
        return Ok(whole(first, before));
    }
    let problem = |line, message: String| Problem {
        path: path.clone(),
        line,
        message,
        help: "the file was left unchanged; please report this bug".to_owned(),
        kind: ProblemKind::Internal,
    };
    let Some(before) = before else {
        let text = match file.map(|file| &file.part) {
            Some(Part::Block { text, .. }) => Some(block::new_file(text)),
            Some(Part::Json(part)) => {
                let entries = applied.iter().filter_map(|state| state.json);
                json_edit::new_file(&part.skeleton, entries)
            }
            _ => None,
        };
        return Ok(text.map(|text| Action::Create {
            bytes: Arc::from(text.into_bytes()),
            executable: false,
        }));
    };
    let text = str::from_utf8(before).map_err(|_| problem(None, "is not UTF-8".to_owned()))?;
    let edited = match file.map(|file| &file.part) {
        Some(Part::Block { text: content, .. }) if first.key == EntryKey::Block => {
            let merged = first.merged.as_ref();
            if merged.is_some_and(|merged| merged.there) {
                return Ok(None);
            }
            let merged = merged.and_then(|merged| str::from_utf8(&merged.bytes).ok());
            block::write(text, merged.unwrap_or(content))
        }
        _ if first.key == EntryKey::Block => block::remove(text),
        _ => return json(path, file, &applied, text, before),
    };
    let edited = edited.map_err(|error| problem(Some(error.line), error.message))?;
    Ok(rewritten(before, edited, |text| text.trim_start_matches('\u{feff}').trim().is_empty()))
}

fn whole(state: &EntryState<'_>, before: Option<&Vec<u8>>) -> Option<Action> {
    if let (Some(merged), Some(before)) = (&state.merged, before) {
        return (!merged.there).then(|| Action::Update {
            before: before.clone(),
            bytes: Arc::clone(&merged.bytes),
            executable: Some(merged.executable),
            // It contains a person's lines.
            shared: true,
        });
    }
    let Some(Part::Whole { bytes, executable }) = state.file.map(|file| &file.part) else {
        return before.map(|before| Action::Delete { before: before.clone() });
    };
    let (bytes, executable) = (Arc::clone(bytes), *executable);
    Some(match before {
        None => Action::Create { bytes, executable },
        Some(before) => Action::Update {
            before: before.clone(),
            bytes,
            executable: Some(executable),
            shared: false,
        },
    })
}

/// Returns the action for a file that also holds unmanaged content; `None` when the text stays the same.
fn rewritten(before: &[u8], text: String, is_empty: impl Fn(&str) -> bool) -> Option<Action> {
    if is_empty(&text) {
        Some(Action::Delete { before: before.to_vec() })
    } else if text.as_bytes() == before {
        None
    } else {
        let bytes = Arc::from(text.into_bytes());
        Some(Action::Update { before: before.to_vec(), bytes, executable: None, shared: true })
    }
}

fn json(
    path: &RepoPath,
    file: Option<&RenderedFile>,
    applied: &[&EntryState<'_>],
    text: &str,
    before: &[u8],
) -> Result<Option<Action>, Problem> {
    let broken = |line: usize, message: &str| Problem {
        path: path.clone(),
        line: Some(line),
        message: format!("cannot be edited: {message}"),
        help: "the file was left unchanged; please report this bug".to_owned(),
        kind: ProblemKind::Internal,
    };
    let skeleton = match file.map(|file| &file.part) {
        Some(Part::Json(part)) => part.skeleton.clone(),
        _ => skeleton_of(path),
    };
    let mut document = Document::parse(text).map_err(|error| broken(error.line, &error.message))?;
    let (gone, set): (Vec<&EntryState<'_>>, Vec<&EntryState<'_>>) =
        applied.iter().copied().partition(|state| state.desired.is_none());
    if document.is_blank() {
        let entries = set.iter().filter_map(|state| state.json);
        let fresh = json_edit::new_file(&skeleton, entries).unwrap_or_default();
        return Ok(rewritten(before, fresh, str::is_empty));
    }
    let mut items: BTreeMap<&Pointer, HashSet<Digest>> = BTreeMap::new();
    for state in &gone {
        match &state.key {
            EntryKey::Item(pointer, digest) => {
                items.entry(pointer).or_default().insert(*digest);
            }
            // What others put into it stays; an empty one goes below.
            key if state
                .found
                .as_ref()
                .zip(state.base)
                .is_some_and(|(found, base)| is_there(path, key, base, found)) => {}
            key => document.remove(&key.pointer()),
        }
    }
    for (pointer, digests) in &items {
        document.remove_items(pointer, digests);
    }
    let mut values: HashSet<Pointer> = match file.map(|file| &file.part) {
        Some(Part::Json(part)) => {
            let values = part.entries.iter().filter(|entry| entry.kind == EntryKind::Value);
            values.map(|entry| entry.pointer.clone()).collect()
        }
        _ => HashSet::new(),
    };
    for (state, entry) in set.iter().filter_map(|state| Some((state, state.json?))) {
        let place = state.key.pointer();
        match state.key {
            EntryKey::Item(..) => document.add_item(&place, &entry.value),
            _ => {
                document.set(&place, &entry.value);
                values.insert(place);
            }
        }
    }
    let kept = |place: &Pointer| {
        values.contains(place)
            || place.segments().iter().try_fold(&skeleton, |value, key| value.get(&**key)).is_some()
    };
    for state in &gone {
        document.prune(&state.key.pointer(), kept);
    }
    let empty = !gone.is_empty() && set.is_empty() && document.is_skeleton(&skeleton);
    let edited = document.to_text();
    Document::parse(&edited).map_err(|error| broken(error.line, &error.message))?;
    Ok(rewritten(before, edited, |_| empty))
}
