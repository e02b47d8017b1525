//! `.claude/settings.local.json`: what one set of settings has beyond another, in the way the client merges both.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{LOCAL_SETTINGS, OR_LOCAL, Unsaid};
use crate::model::Model;
use crate::render::target::settings;
use crate::render::{JsonEntry, JsonPart, Part, RenderedFile, Slot};
use crate::source::RepoPath;

/// Arrays of the settings of which the client takes the highest file's alone.
const REPLACED: &[&str] = &["fallbackModel"];
/// Tables of the settings of which newer clients take an entry from one file as a whole.
const WHOLE_ENTRIES: &[&str] = &["extraKnownMarketplaces", "managedMcpServers"];
/// Switches of `permissions` that are on if any file has them on.
const STICKY: &[&str] = &[
    "blockReadsOutsideWorkingDirectories",
    "blockWritesOutsideWorkingDirectories",
    "denyInsteadOfPrompting",
];
/// The settings that the shared ones lack, but for hooks that run what is left out.
pub(super) fn render(
    shared: &Model,
    full: &Model,
    left_out: &[&str],
    unsaid: &mut Vec<Unsaid>,
) -> Option<RenderedFile> {
    let (shared, full) = (settings::entries(shared), settings::entries(full));
    let mut entries = Vec::new();
    Difference::new(&shared).over(full, left_out, &mut entries, unsaid);
    if entries.is_empty() {
        return None;
    }
    let part = Part::Json(JsonPart { entries, skeleton: json!({}) });
    Some(RenderedFile {
        path: RepoPath::parse(LOCAL_SETTINGS).ok()?,
        part,
        origins: Arc::default(),
    })
}

/// The shared settings, as what another set of settings is compared with.
struct Difference<'s> {
    shared: &'s [JsonEntry],
    values: BTreeMap<&'s [Arc<str>], &'s JsonEntry>,
    items: BTreeMap<&'s [Arc<str>], Vec<&'s Json>>,
    /// Every place above a shared value.
    above: BTreeSet<&'s [Arc<str>]>,
}

impl<'s> Difference<'s> {
    fn new(shared: &'s [JsonEntry]) -> Self {
        let mut difference = Self {
            shared,
            values: BTreeMap::new(),
            items: BTreeMap::new(),
            above: BTreeSet::new(),
        };
        for entry in shared {
            let pointer = entry.pointer.as_slice();
            match entry.slot {
                Slot::Value => {
                    difference.values.insert(pointer, entry);
                }
                Slot::Item => difference.items.entry(pointer).or_default().push(&entry.value),
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
                self.values.get(entry.pointer.as_slice()).map(|s| &s.value) != Some(&entry.value)
            })
            .filter_map(|entry| whole_entry(&entry.pointer).map(<[_]>::to_vec))
            .collect();
        self.removed(&full, unsaid);
        for mut entry in full {
            if whole_entry(&entry.pointer).is_some_and(|name| whole.contains(name)) {
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
                    unsaid.push(of_settings(&entry, message.to_owned(), help.to_owned()));
                }
            }
        }
    }

    /// What of an entry has to be said in the local file.
    fn beyond(&self, entry: &JsonEntry, left_out: &[&str]) -> Beyond {
        let pointer = entry.pointer.as_slice();
        if entry.slot == Slot::Item {
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
            (Json::Array(_), Json::Array(_)) if is_replaced(pointer) => Beyond::All,
            (Json::Array(lower), Json::Array(higher)) => {
                let new: Vec<Json> =
                    higher.iter().filter(|item| !lower.contains(item)).cloned().collect();
                if new.is_empty() { Beyond::Nothing } else { Beyond::Items(new) }
            }
            (Json::Array(_), _) | (_, Json::Array(_)) => Beyond::KIND,
            (Json::Bool(true), Json::Bool(false)) if is_sticky(pointer) => Beyond::Unsaid(
                "Claude Code has it on if any settings file has it on",
                "change it in a shared layer, or use mode `local`",
            ),
            _ => Beyond::All,
        }
    }

    /// What the shared settings have and the full ones have not: the client would bring it back.
    fn removed(&self, full: &[JsonEntry], unsaid: &mut Vec<Unsaid>) {
        let mut places: BTreeMap<&[Arc<str>], Vec<&JsonEntry>> = BTreeMap::new();
        for entry in full {
            places.entry(&entry.pointer).or_default().push(entry);
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
            let pointer = entry.pointer.as_slice();
            let found = places.get(pointer).map(Vec::as_slice).unwrap_or_default();
            match entry.slot {
                Slot::Item => {
                    if !found.iter().any(|other| other.value == entry.value) {
                        unsaid.push(of_settings(
                            entry,
                            stays(),
                            format!("take it out of the shared layer, {OR_LOCAL}"),
                        ));
                    }
                }
                // Said once, of the value that wants to be there instead.
                Slot::Value if found.is_empty() && changes_kind(pointer) => {}
                Slot::Value if found.is_empty() => {
                    unsaid.push(of_settings(
                        entry,
                        stays(),
                        format!("set another value, {OR_LOCAL}"),
                    ));
                }
                Slot::Value => {
                    let (Json::Array(lower), Some(Json::Array(higher))) =
                        (&entry.value, found.first().map(|other| &other.value))
                    else {
                        continue;
                    };
                    if is_replaced(pointer) {
                        continue;
                    }
                    for item in lower.iter().filter(|item| !higher.contains(item)) {
                        let item =
                            JsonEntry { slot: Slot::Item, value: item.clone(), ..entry.clone() };
                        unsaid.push(of_settings(
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

fn is_replaced(pointer: &[Arc<str>]) -> bool {
    matches!(pointer, [key] if REPLACED.contains(&&**key))
}

fn is_sticky(pointer: &[Arc<str>]) -> bool {
    matches!(pointer, [table, key] if &**table == "permissions" && STICKY.contains(&&**key))
}

/// The entry that a place belongs to, where the client takes entries whole.
fn whole_entry(pointer: &[Arc<str>]) -> Option<&[Arc<str>]> {
    let first = pointer.first()?;
    WHOLE_ENTRIES.contains(&&**first).then(|| pointer.get(..2)).flatten()
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

fn of_settings(entry: &JsonEntry, message: String, help: String) -> Unsaid {
    let mut name = entry.pointer.join("/");
    if entry.slot == Slot::Item {
        let item = match &entry.value {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        name = format!("{name}  {item}");
    }
    Unsaid {
        path: settings::PATH.to_owned(),
        entry: name,
        message,
        help,
        place: Some(entry.origin),
        file: None,
    }
}
