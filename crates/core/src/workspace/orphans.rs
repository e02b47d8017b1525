//! Entries that a sync removes, so that others can take their place.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use serde_json::Value as Json;

use super::digest::Digest;
use super::entry::EntryKey;
use crate::source::Pointer;

/// The entries of one file that are about to be removed.
#[derive(Default)]
pub(super) struct Orphans {
    values: BTreeSet<Pointer>,
    items: BTreeMap<Pointer, HashSet<Digest>>,
}

impl Orphans {
    /// Adds an entry; whole files and blocks are ignored.
    pub(super) fn insert(&mut self, key: &EntryKey) {
        match key {
            EntryKey::Value(pointer) => {
                self.values.insert(pointer.clone());
            }
            EntryKey::Item(pointer, digest) => {
                self.items.entry(pointer.clone()).or_default().insert(*digest);
            }
            EntryKey::File | EntryKey::Block => {}
        }
    }

    /// Returns true if the value at a pointer is removed.
    pub(super) fn has_value(&self, pointer: &Pointer) -> bool {
        self.values.contains(pointer)
    }

    /// Returns true if the array of a configured item is itself a managed value that is removed.
    pub(super) fn holds_array_of(&self, key: &EntryKey) -> bool {
        matches!(key, EntryKey::Item(pointer, _) if self.values.contains(pointer))
    }

    /// Returns what is left of a value after the removal: `Some(None)` when nothing is, `None` when nothing of it is
    /// removed.
    pub(super) fn taken_from(&self, key: &EntryKey, value: &Json) -> Option<Option<Json>> {
        let EntryKey::Value(pointer) = key else { return None };
        let values: Vec<&Pointer> =
            self.values.iter().filter(|other| other.is_within(pointer)).collect();
        let items: Vec<(&Pointer, &HashSet<Digest>)> =
            self.items.iter().filter(|(other, _)| other.is_within(pointer)).collect();
        if values.is_empty() && items.is_empty() {
            return None;
        }
        let mut rest = value.clone();
        let depth = pointer.segments().len();
        for (other, digests) in items {
            let path = other.segments().get(depth..).unwrap_or_default();
            if let Some(Json::Array(list)) = at(&mut rest, path) {
                list.retain(|item| !digests.contains(&Digest::of_json(item)));
            }
        }
        for other in values {
            let path = other.segments().get(depth..).unwrap_or_default();
            if let Some((last, parents)) = path.split_last()
                && let Some(Json::Object(map)) = at(&mut rest, parents)
            {
                map.shift_remove(&**last);
            }
        }
        Some((!is_hollow(&rest)).then_some(rest))
    }
}

fn at<'v>(value: &'v mut Json, path: &[Arc<str>]) -> Option<&'v mut Json> {
    path.iter().try_fold(value, |value, segment| value.get_mut(&**segment))
}

/// Returns true if a value contains nothing but empty objects and arrays.
fn is_hollow(value: &Json) -> bool {
    match value {
        Json::Object(map) => map.values().all(is_hollow),
        Json::Array(items) => items.is_empty(),
        _ => false,
    }
}
