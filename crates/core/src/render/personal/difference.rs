//! The entries of a personal JSON file: what one set of entries adds to another, as the agent merges them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value as Json;

use super::{OR_LOCAL, Unrepresentable};
use crate::agent::{EntryKind, JsonFormat, MergeRules, Target};
use crate::model::Model;
use crate::render::target::json;
use crate::render::{JsonEntry, RenderedFile};

/// A JSON target that has a personal file.
pub(super) struct PersonalFile<'t> {
    pub(super) target: &'t Target,
    pub(super) format: &'t JsonFormat,
    /// Path of the personal file.
    pub(super) path: &'t str,
}

impl PersonalFile<'_> {
    /// Renders the entries that the shared file lacks, without hooks that run a script in `left_out`; `None` when there are
    /// none.
    pub(super) fn render(
        &self,
        shared: &Model,
        personal: &Model,
        left_out: &[&str],
        unrepresentable: &mut Vec<Unrepresentable>,
    ) -> Option<RenderedFile> {
        let entries_of = |model| json::entries(self.target, self.format, model);
        let (shared, personal) = (entries_of(shared), entries_of(personal));
        let mut entries = Vec::new();
        let file = SharedFile { path: self.target.path, rules: &self.format.merge };
        Difference::new(&shared, file).over(personal, left_out, &mut entries, unrepresentable);
        json::file(self.path, self.format, entries)
    }
}

/// The shared file, and how the agent merges a personal file over it.
#[derive(Clone, Copy)]
struct SharedFile<'s> {
    /// Path of the shared file.
    path: &'s str,
    rules: &'s MergeRules,
}

/// The shared settings, indexed for the comparison with others.
struct Difference<'s> {
    file: SharedFile<'s>,
    shared: &'s [JsonEntry],
    values: BTreeMap<&'s [Arc<str>], &'s JsonEntry>,
    items: BTreeMap<&'s [Arc<str>], Vec<&'s Json>>,
    /// Every place that contains a shared value.
    above: BTreeSet<&'s [Arc<str>]>,
}

impl<'s> Difference<'s> {
    fn new(shared: &'s [JsonEntry], file: SharedFile<'s>) -> Self {
        let mut difference = Self {
            file,
            shared,
            values: BTreeMap::new(),
            items: BTreeMap::new(),
            above: BTreeSet::new(),
        };
        for entry in shared {
            let pointer = entry.pointer.segments();
            match entry.kind {
                EntryKind::Value => {
                    difference.values.insert(pointer, entry);
                }
                EntryKind::Item => difference.items.entry(pointer).or_default().push(&entry.value),
            }
            let parents = (1..pointer.len()).filter_map(|depth| pointer.get(..depth));
            difference.above.extend(parents);
        }
        difference
    }

    fn over(
        &self,
        personal: Vec<JsonEntry>,
        left_out: &[&str],
        entries: &mut Vec<JsonEntry>,
        unrepresentable: &mut Vec<Unrepresentable>,
    ) {
        let whole: BTreeSet<Vec<Arc<str>>> = (personal.iter())
            .filter(|entry| {
                self.values.get(entry.pointer.segments()).map(|s| &s.value) != Some(&entry.value)
            })
            .filter_map(|entry| {
                self.file.rules.whole_entry(entry.pointer.segments()).map(<[_]>::to_vec)
            })
            .collect();
        self.removed(&personal, unrepresentable);
        for mut entry in personal {
            if self
                .file
                .rules
                .whole_entry(entry.pointer.segments())
                .is_some_and(|name| whole.contains(name))
            {
                entries.push(entry);
                continue;
            }
            match self.addition(&entry, left_out) {
                Addition::Nothing => {}
                Addition::All => entries.push(entry),
                Addition::Items(items) => {
                    entry.value = Json::Array(items);
                    entries.push(entry);
                }
                Addition::Unrepresentable(message, help) => {
                    unrepresentable.push(self.file.unrepresentable(
                        &entry,
                        message.to_owned(),
                        help.to_owned(),
                    ));
                }
            }
        }
    }

    /// Returns what of an entry the personal file must contain.
    fn addition(&self, entry: &JsonEntry, left_out: &[&str]) -> Addition {
        let pointer = entry.pointer.segments();
        if entry.kind == EntryKind::Item {
            let known = self.items.get(pointer).is_some_and(|items| items.contains(&&entry.value));
            if known {
                return Addition::Nothing;
            }
            if self.file.rules.runs_scripts(pointer) && runs(&entry.value, left_out) {
                return Addition::Unrepresentable(
                    "the hook runs a script of the user layer, which is left out",
                    "keep the script outside of the workspace and name it by its path, or use mode `local`",
                );
            }
            return Addition::All;
        }
        let below_a_value = (1..pointer.len())
            .filter_map(|depth| pointer.get(..depth))
            .any(|parent| self.values.contains_key(parent));
        let Some(lower) = self.values.get(pointer) else {
            return if below_a_value || self.above.contains(pointer) {
                Addition::KIND
            } else {
                Addition::All
            };
        };
        match (&lower.value, &entry.value) {
            (lower, higher) if lower == higher => Addition::Nothing,
            (Json::Array(_), Json::Array(_)) if self.file.rules.is_replaced(pointer) => {
                Addition::All
            }
            (Json::Array(lower), Json::Array(higher)) => {
                let new: Vec<Json> =
                    higher.iter().filter(|item| !lower.contains(item)).cloned().collect();
                if new.is_empty() { Addition::Nothing } else { Addition::Items(new) }
            }
            (Json::Array(_), _) | (_, Json::Array(_)) => Addition::KIND,
            (Json::Bool(true), Json::Bool(false)) if self.file.rules.is_sticky(pointer) => {
                Addition::Unrepresentable(
                    "it is on if any settings file has it on",
                    "change it in a shared layer, or use mode `local`",
                )
            }
            _ => Addition::All,
        }
    }

    /// Reports what the user layer removes from the shared settings: the agent reads it from the shared file.
    fn removed(&self, personal: &[JsonEntry], unrepresentable: &mut Vec<Unrepresentable>) {
        let mut places: BTreeMap<&[Arc<str>], Vec<&JsonEntry>> = BTreeMap::new();
        for entry in personal {
            places.entry(entry.pointer.segments()).or_default().push(entry);
        }
        let changes_kind = |pointer: &[Arc<str>]| {
            places.keys().any(|other| {
                other.len() != pointer.len()
                    && (other.starts_with(pointer) || pointer.starts_with(other))
            })
        };
        let stays = || "the user layer removes it, and the committed file still has it".to_owned();
        for entry in self.shared {
            let pointer = entry.pointer.segments();
            let found = places.get(pointer).map(Vec::as_slice).unwrap_or_default();
            match entry.kind {
                EntryKind::Item => {
                    if !found.iter().any(|other| other.value == entry.value) {
                        unrepresentable.push(self.file.unrepresentable(
                            entry,
                            stays(),
                            format!("take it out of the shared layer, {OR_LOCAL}"),
                        ));
                    }
                }
                // SharedFile once, of the value that wants to be there instead.
                EntryKind::Value if found.is_empty() && changes_kind(pointer) => {}
                EntryKind::Value if found.is_empty() => {
                    unrepresentable.push(self.file.unrepresentable(
                        entry,
                        stays(),
                        format!("set another value, {OR_LOCAL}"),
                    ));
                }
                EntryKind::Value => {
                    let (Json::Array(lower), Some(Json::Array(higher))) =
                        (&entry.value, found.first().map(|other| &other.value))
                    else {
                        continue;
                    };
                    if self.file.rules.is_replaced(pointer) {
                        continue;
                    }
                    for item in lower.iter().filter(|item| !higher.contains(item)) {
                        let item = JsonEntry {
                            kind: EntryKind::Item,
                            value: item.clone(),
                            ..entry.clone()
                        };
                        unrepresentable.push(self.file.unrepresentable(
                            &item,
                            stays(),
                            format!("take it out of the shared layer, {OR_LOCAL}"),
                        ));
                    }
                }
            }
        }
    }
}

/// What of an entry the personal file must contain.
enum Addition {
    Nothing,
    All,
    /// Some items of an array that the agent unites.
    Items(Vec<Json>),
    Unrepresentable(&'static str, &'static str),
}

impl Addition {
    const KIND: Self = Self::Unrepresentable(
        "the shared layers have a value of another type there, and the agent merges both",
        "give it the same type, or use mode `local`",
    );
}

/// Returns true if a hook names one of these files.
fn runs(hook: &Json, files: &[&str]) -> bool {
    match hook {
        Json::String(text) => files.iter().any(|file| text.contains(file)),
        Json::Array(items) => items.iter().any(|item| runs(item, files)),
        Json::Object(fields) => fields.values().any(|field| runs(field, files)),
        _ => false,
    }
}

impl SharedFile<'_> {
    /// Returns the report about an entry.
    fn unrepresentable(self, entry: &JsonEntry, message: String, help: String) -> Unrepresentable {
        let mut name = entry.pointer.plain();
        if entry.kind == EntryKind::Item {
            let item = match &entry.value {
                Json::String(text) => text.clone(),
                other => other.to_string(),
            };
            name = format!("{name}  {item}");
        }
        Unrepresentable {
            path: self.path.to_owned(),
            entry: name,
            message,
            help,
            place: Some(entry.origin),
            file: None,
        }
    }
}
