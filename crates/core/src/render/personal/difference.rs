//! A personal JSON file: what one set of entries has beyond another, in the way the agent merges both.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value as Json;

use super::{OR_LOCAL, Unsaid};
use crate::agent::{EntryKind, JsonFormat, MergeRules, Target};
use crate::model::Model;
use crate::render::target::json;
use crate::render::{JsonEntry, RenderedFile};

/// A JSON target that has a personal file.
pub(super) struct Whole<'t> {
    pub(super) target: &'t Target,
    pub(super) format: &'t JsonFormat,
    /// Path of the personal file.
    pub(super) path: &'t str,
}

impl Whole<'_> {
    /// Renders the entries that the shared file lacks, but for hooks that run what is left out.
    pub(super) fn render(
        &self,
        shared: &Model,
        full: &Model,
        left_out: &[&str],
        unsaid: &mut Vec<Unsaid>,
    ) -> Option<RenderedFile> {
        let entries_of = |model| json::entries(self.target, self.format, model);
        let (shared, full) = (entries_of(shared), entries_of(full));
        let mut entries = Vec::new();
        let said = Said { path: self.target.path, rules: &self.format.merge };
        Difference::new(&shared, said).over(full, left_out, &mut entries, unsaid);
        json::file(self.path, self.format, entries)
    }
}

/// Where shared entries are, and how the agent merges a personal file over them.
#[derive(Clone, Copy)]
struct Said<'s> {
    /// Path of the shared file.
    path: &'s str,
    rules: &'s MergeRules,
}

/// The shared settings, as what another set of settings is compared with.
struct Difference<'s> {
    said: Said<'s>,
    shared: &'s [JsonEntry],
    values: BTreeMap<&'s [Arc<str>], &'s JsonEntry>,
    items: BTreeMap<&'s [Arc<str>], Vec<&'s Json>>,
    /// Every place above a shared value.
    above: BTreeSet<&'s [Arc<str>]>,
}

impl<'s> Difference<'s> {
    fn new(shared: &'s [JsonEntry], said: Said<'s>) -> Self {
        let mut difference = Self {
            said,
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
        full: Vec<JsonEntry>,
        left_out: &[&str],
        entries: &mut Vec<JsonEntry>,
        unsaid: &mut Vec<Unsaid>,
    ) {
        let whole: BTreeSet<Vec<Arc<str>>> = (full.iter())
            .filter(|entry| {
                self.values.get(entry.pointer.segments()).map(|s| &s.value) != Some(&entry.value)
            })
            .filter_map(|entry| {
                self.said.rules.whole_entry(entry.pointer.segments()).map(<[_]>::to_vec)
            })
            .collect();
        self.removed(&full, unsaid);
        for mut entry in full {
            if self
                .said
                .rules
                .whole_entry(entry.pointer.segments())
                .is_some_and(|name| whole.contains(name))
            {
                entries.push(entry);
                continue;
            }
            match self.beyond(&entry, left_out) {
                Beyond::Nothing => {}
                Beyond::All => entries.push(entry),
                Beyond::Items(items) => {
                    entry.value = Json::Array(items);
                    entries.push(entry);
                }
                Beyond::Unsaid(message, help) => {
                    unsaid.push(self.said.unsaid(&entry, message.to_owned(), help.to_owned()));
                }
            }
        }
    }

    /// What of an entry has to be said in the local file.
    fn beyond(&self, entry: &JsonEntry, left_out: &[&str]) -> Beyond {
        let pointer = entry.pointer.segments();
        if entry.kind == EntryKind::Item {
            let known = self.items.get(pointer).is_some_and(|items| items.contains(&&entry.value));
            if known {
                return Beyond::Nothing;
            }
            if pointer.first().is_some_and(|first| &**first == "hooks")
                && runs(&entry.value, left_out)
            {
                return Beyond::Unsaid(
                    "the hook runs a script of the user layer, which is left out",
                    "keep the script outside of the workspace and name it by its path, or use mode `local`",
                );
            }
            return Beyond::All;
        }
        let below_a_value = (1..pointer.len())
            .filter_map(|depth| pointer.get(..depth))
            .any(|parent| self.values.contains_key(parent));
        let Some(lower) = self.values.get(pointer) else {
            return if below_a_value || self.above.contains(pointer) {
                Beyond::KIND
            } else {
                Beyond::All
            };
        };
        match (&lower.value, &entry.value) {
            (lower, higher) if lower == higher => Beyond::Nothing,
            (Json::Array(_), Json::Array(_)) if self.said.rules.is_replaced(pointer) => Beyond::All,
            (Json::Array(lower), Json::Array(higher)) => {
                let new: Vec<Json> =
                    higher.iter().filter(|item| !lower.contains(item)).cloned().collect();
                if new.is_empty() { Beyond::Nothing } else { Beyond::Items(new) }
            }
            (Json::Array(_), _) | (_, Json::Array(_)) => Beyond::KIND,
            (Json::Bool(true), Json::Bool(false)) if self.said.rules.is_sticky(pointer) => {
                Beyond::Unsaid(
                    "Claude Code has it on if any settings file has it on",
                    "change it in a shared layer, or use mode `local`",
                )
            }
            _ => Beyond::All,
        }
    }

    /// What the shared settings have and the full ones have not: the client would bring it back.
    fn removed(&self, full: &[JsonEntry], unsaid: &mut Vec<Unsaid>) {
        let mut places: BTreeMap<&[Arc<str>], Vec<&JsonEntry>> = BTreeMap::new();
        for entry in full {
            places.entry(entry.pointer.segments()).or_default().push(entry);
        }
        let changes_kind = |pointer: &[Arc<str>]| {
            places.keys().any(|other| {
                other.len() != pointer.len()
                    && (other.starts_with(pointer) || pointer.starts_with(other))
            })
        };
        let stays = || {
            "the user layer removes it, and Claude Code takes it from the committed file".to_owned()
        };
        for entry in self.shared {
            let pointer = entry.pointer.segments();
            let found = places.get(pointer).map(Vec::as_slice).unwrap_or_default();
            match entry.kind {
                EntryKind::Item => {
                    if !found.iter().any(|other| other.value == entry.value) {
                        unsaid.push(self.said.unsaid(
                            entry,
                            stays(),
                            format!("take it out of the shared layer, {OR_LOCAL}"),
                        ));
                    }
                }
                // Said once, of the value that wants to be there instead.
                EntryKind::Value if found.is_empty() && changes_kind(pointer) => {}
                EntryKind::Value if found.is_empty() => {
                    unsaid.push(self.said.unsaid(
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
                    if self.said.rules.is_replaced(pointer) {
                        continue;
                    }
                    for item in lower.iter().filter(|item| !higher.contains(item)) {
                        let item = JsonEntry {
                            kind: EntryKind::Item,
                            value: item.clone(),
                            ..entry.clone()
                        };
                        unsaid.push(self.said.unsaid(
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

/// What of a value has to be said.
enum Beyond {
    Nothing,
    All,
    /// These items of an array that the client unites.
    Items(Vec<Json>),
    Unsaid(&'static str, &'static str),
}

impl Beyond {
    const KIND: Self = Self::Unsaid(
        "the shared layers have a value of another kind there, and Claude Code merges both",
        "give it the same kind, or use mode `local`",
    );
}

/// Whether a hook names one of these files.
fn runs(hook: &Json, files: &[&str]) -> bool {
    match hook {
        Json::String(text) => files.iter().any(|file| text.contains(file)),
        Json::Array(items) => items.iter().any(|item| runs(item, files)),
        Json::Object(fields) => fields.values().any(|field| runs(field, files)),
        _ => false,
    }
}

impl Said<'_> {
    /// Says that an entry cannot be had.
    fn unsaid(self, entry: &JsonEntry, message: String, help: String) -> Unsaid {
        let mut name = entry.pointer.plain();
        if entry.kind == EntryKind::Item {
            let item = match &entry.value {
                Json::String(text) => text.clone(),
                other => other.to_string(),
            };
            name = format!("{name}  {item}");
        }
        Unsaid {
            path: self.path.to_owned(),
            entry: name,
            message,
            help,
            place: Some(entry.origin),
            file: None,
        }
    }
}
