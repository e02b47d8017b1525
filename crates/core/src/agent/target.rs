//! The table of an agent: one row for each file that it reads and that people also edit.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::content::ContentFolder;
use crate::rule::Rule;
use crate::source::{KeyPath, Pointer};

/// The first line of the managed block in a text file.
pub const BLOCK_BEGIN: &str = "<!-- claude-env:begin -->";
/// The last line of the managed block in a text file.
pub const BLOCK_END: &str = "<!-- claude-env:end -->";

/// An agent: a program that reads files of a workspace.
pub struct Agent {
    /// The name, for messages.
    pub name: &'static str,
    /// Whether workspaces are rendered for it.
    pub is_rendered: bool,
    /// The files with managed entries.
    pub targets: &'static [Target],
    /// How it reads the content folders of layers.
    pub content: &'static [ContentFolder],
    /// The rules about what it reads.
    pub rules: &'static [Rule],
}

/// A file of a workspace with managed entries.
#[derive(Debug)]
pub struct Target {
    /// Path in the workspace.
    pub path: &'static str,
    /// Path of the personal file, which overrides [`Target::path`] and is kept out of git; `None` if the agent reads none.
    pub personal: Option<&'static str>,
    /// Other names that people use for the file.
    pub aliases: &'static [&'static str],
    /// The part of the configuration that goes there.
    pub content: Content,
    /// How entries are written.
    pub format: Format,
    /// Whether the file may be a symbolic link to another file of the workspace.
    pub may_be_link: bool,
    /// The alternatives to changing the file, where there is no personal file.
    pub advice: Option<&'static Advice>,
}

/// The alternatives to changing a committed file. Each takes the name of an entry, and returns help without a full stop.
#[derive(Debug)]
pub struct Advice {
    /// For an entry that the user layer changes.
    pub changed: fn(&str) -> String,
    /// For an entry that the user layer adds.
    pub added: fn(&str) -> String,
    /// For an entry that the user layer removes.
    pub removed: fn(&str) -> String,
}

/// A part of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// The memory fragments of all layers, and the imports of packs.
    Instructions,
    /// The MCP servers.
    Servers,
    /// The settings, permissions and hooks.
    Settings,
}

/// How entries are written into a target.
#[derive(Debug)]
pub enum Format {
    /// The lines between [`BLOCK_BEGIN`] and [`BLOCK_END`].
    Block,
    /// Entries of a JSON document.
    Json(JsonFormat),
}

/// How entries are written into a JSON document.
#[derive(Debug)]
pub struct JsonFormat {
    /// What an entry is.
    pub layout: Layout,
    /// Top-level keys of the document, each with the table of a layer that it is written from.
    pub tables: &'static [(&'static str, &'static str)],
    /// Returns a value in a normal form, in which values that the agent reads alike are equal; `None` where every difference
    /// counts.
    pub normalize: Option<fn(&Json) -> Cow<'_, Json>>,
    /// How the agent merges the personal file over the shared one.
    pub merge: MergeRules,
}

/// The exceptions to how an agent merges a personal file over the shared one: tables key by key, lists united, the personal
/// value otherwise.
#[derive(Debug)]
pub struct MergeRules {
    /// Lists that the personal file replaces.
    pub replaced: &'static [&'static [&'static str]],
    /// Top-level tables whose entries are taken whole from one file.
    pub whole_entries: &'static [&'static str],
    /// Switches that are on if either file has them on.
    pub sticky: &'static [&'static [&'static str]],
    /// Top-level tables whose items run scripts.
    pub scripts: &'static [&'static str],
}

impl MergeRules {
    /// No exceptions.
    pub const NONE: Self = Self { replaced: &[], whole_entries: &[], sticky: &[], scripts: &[] };

    /// Returns true for a list that the personal file replaces.
    pub fn is_replaced<S: AsRef<str>>(&self, pointer: &[S]) -> bool {
        self.replaced.iter().any(|path| is_same(path, pointer))
    }

    /// Returns true for a switch that is on if either file has it on.
    pub fn is_sticky<S: AsRef<str>>(&self, pointer: &[S]) -> bool {
        self.sticky.iter().any(|path| is_same(path, pointer))
    }

    /// Returns true for an item that runs scripts.
    pub fn runs_scripts<S: AsRef<str>>(&self, pointer: &[S]) -> bool {
        pointer.first().is_some_and(|first| self.scripts.contains(&first.as_ref()))
    }

    /// Returns the path of the entry that a pointer belongs to, where entries are taken whole; `None` elsewhere.
    pub fn whole_entry<'p, S: AsRef<str>>(&self, pointer: &'p [S]) -> Option<&'p [S]> {
        let first = pointer.first()?.as_ref();
        self.whole_entries.contains(&first).then(|| pointer.get(..2)).flatten()
    }
}

/// Returns true if a pointer is a path of the table; `*` is any key.
fn is_same<S: AsRef<str>>(path: &[&str], pointer: &[S]) -> bool {
    let same = |(known, segment): (&&str, &S)| *known == "*" || *known == segment.as_ref();
    path.len() == pointer.len() && path.iter().zip(pointer).all(same)
}

/// What an entry of a JSON document is.
#[derive(Debug)]
pub enum Layout {
    /// Each member of the object at this top-level key. The agent rejects a file without the key.
    Members(&'static str),
    /// Each leaf of the document. Keys that are in no table come from the layer's table [`Layout::Leaves::other`].
    Leaves {
        /// The table of a layer for the keys that [`JsonFormat::tables`] does not have.
        other: &'static str,
        /// Paths of the arrays whose items are entries, because the agent unites them; `*` is any key.
        set_like: &'static [&'static [&'static str]],
    },
}

/// What is at the pointer of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// The value of the entry: a leaf, or a whole member.
    Value,
    /// An array that is a set; the entry is one item, identified by its value.
    Item,
}

/// One entry of a JSON document.
#[derive(Clone, Debug, PartialEq)]
pub struct SplitEntry {
    /// The place of the value, or of the array that holds the item.
    pub pointer: Pointer,
    /// What is at the pointer.
    pub kind: EntryKind,
    /// The entry's value.
    pub value: Json,
}

impl Target {
    /// Returns the JSON format; `None` for a text file.
    pub const fn json(&self) -> Option<&JsonFormat> {
        match &self.format {
            Format::Block => None,
            Format::Json(format) => Some(format),
        }
    }

    /// Returns the layer key of the entry at a pointer. An item has the key of its list.
    pub fn layer_key(&self, pointer: &Pointer) -> KeyPath {
        let Some(format) = self.json() else {
            return [INSTRUCTIONS_KEY].into_iter().collect();
        };
        let (first, rest) = match pointer.segments() {
            [first, rest @ ..] => (&**first, rest),
            [] => ("", &[][..]),
        };
        let rest = rest.iter().map(|segment| &**segment);
        match format.tables.iter().find(|(key, _)| *key == first) {
            Some((_, table)) => [*table].into_iter().chain(rest).collect(),
            None => format.layout.other_table().into_iter().chain([first]).chain(rest).collect(),
        }
    }
}

/// The key that stands for the instructions block as a whole.
const INSTRUCTIONS_KEY: &str = "instructions";

impl JsonFormat {
    /// Returns the content of a file without entries.
    pub fn skeleton(&self) -> Json {
        let mut root = Map::new();
        if let Layout::Members(key) = self.layout {
            root.insert(key.to_owned(), Json::Object(Map::new()));
        }
        Json::Object(root)
    }
}

impl Layout {
    /// Returns the table of a layer for all other keys; `None` where there are none.
    fn other_table(&self) -> Option<&'static str> {
        match self {
            Layout::Members(_) => None,
            Layout::Leaves { other, .. } => Some(other),
        }
    }

    /// Returns true for the path of an array whose items are entries.
    pub fn is_set_like<S: AsRef<str>>(&self, path: &[S]) -> bool {
        let Layout::Leaves { set_like, .. } = self else { return false };
        set_like.iter().any(|known| is_same(known, path))
    }

    /// Returns true for a table or a list whose content is made of entries of its own, so that an empty one only says that
    /// it is there.
    pub fn holds_entries(&self, pointer: &Pointer, value: &Json) -> bool {
        match (self, value) {
            (Layout::Leaves { .. }, Json::Object(_)) => true,
            (_, Json::Array(_)) => self.is_set_like(pointer.segments()),
            _ => false,
        }
    }

    /// Returns the entries of a document.
    pub fn split(&self, document: &Json) -> Vec<SplitEntry> {
        match self {
            Layout::Members(key) => {
                let members = document.get(key).and_then(Json::as_object);
                let entries = members.into_iter().flatten().map(|(name, value)| SplitEntry {
                    pointer: [*key, name].into_iter().collect(),
                    kind: EntryKind::Value,
                    value: value.clone(),
                });
                entries.collect()
            }
            Layout::Leaves { .. } => {
                let mut entries = Vec::new();
                for (key, value) in document.as_object().into_iter().flatten() {
                    self.split_leaves(value, &mut vec![Arc::from(key.as_str())], &mut entries);
                }
                entries
            }
        }
    }

    /// Adds an entry for every leaf below a value.
    fn split_leaves(
        &self,
        value: &Json,
        pointer: &mut Vec<Arc<str>>,
        entries: &mut Vec<SplitEntry>,
    ) {
        let mut push = |kind, value: &Json| {
            let pointer = pointer.iter().cloned().collect();
            entries.push(SplitEntry { pointer, kind, value: value.clone() });
        };
        match value {
            Json::Object(map) => {
                for (key, value) in map {
                    pointer.push(Arc::from(key.as_str()));
                    self.split_leaves(value, pointer, entries);
                    pointer.pop();
                }
            }
            Json::Array(items) if self.is_set_like(pointer) => {
                items.iter().for_each(|item| push(EntryKind::Item, item));
            }
            _ => push(EntryKind::Value, value),
        }
    }
}
