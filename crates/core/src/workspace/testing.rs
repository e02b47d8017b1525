//! Random workspaces for tests, and a small model of what a sync makes of them.
//!
//! The model knows entries as numbers and never looks at a file; it shares no code with what it checks.

#![expect(
    clippy::expect_used,
    reason = "a test that cannot go on has failed, with a place and a message"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::digest::{Digest, DigestCache};
use super::{
    Action, Actual, ActualFile, Class, Comparison, Desired, EntryKey, Header, LOCK_FILE, Lock,
    LockState, Plan, Policy, compare, is_up_to_date, paths,
};
use crate::agent::EntryKind;
use crate::render::{JsonEntry, JsonPart, Part, RenderedFile, Rendering};
use crate::source::{RepoPath, Sources, Span};

/// Random numbers from a seed (SplitMix64): the same in every run.
pub struct Random(u64);

impl Random {
    /// Creates a source of random numbers.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns a number below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).expect("below a limit of the same type")
    }

    /// Returns true once in so many times.
    pub fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }

    /// Returns one of some words.
    pub fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }

    /// Returns about half of some words, in their order.
    pub fn subset<'a>(&mut self, words: &[&'a str]) -> Vec<&'a str> {
        words.iter().copied().filter(|_| self.chance(2)).collect()
    }
}

/// Every entry that a workspace may have.
pub const NAMES: [&str; 11] = [
    "file one", "file two", "block", "server a", "server b", "server c", "env A", "env B",
    "item X", "item Y", "leaf",
];

/// What each name has: a number for its value, or nothing.
pub type Values = BTreeMap<&'static str, u8>;

/// A workspace: what is foreign in it, how it is written, and what it has of ours.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// The values of the managed entries in the files.
    pub actual: Values,
    /// What the lock says, if there is a lock.
    pub base: Values,
    /// Whether the files have foreign content.
    pub foreign: bool,
    /// How the files are written.
    pub style: TextStyle,
}

/// How the files of a workspace are written.
#[derive(Clone, Copy, Debug)]
pub enum TextStyle {
    /// Indented JSON.
    Pretty,
    /// JSON on one line.
    Compact,
    /// Lines that end with CR LF.
    Crlf,
    /// JSON with comments.
    Commented,
}

/// The class that the model gives: by which of the three are equal, as a table.
pub fn model_class(wanted: Option<u8>, last: Option<u8>, there: Option<u8>) -> Option<Class> {
    Some(match (wanted, last, there) {
        (None, None, _) => return None,
        (Some(w), Some(l), Some(t)) if w == l && l == t => Class::Clean,
        (Some(_), Some(l), Some(t)) if l == t => Class::Pending,
        (Some(w), Some(_), Some(t)) if w == t => Class::Converged,
        (Some(w), Some(l), _) if w == l => Class::Drift,
        (Some(_), Some(_), _) => Class::Conflict,
        (Some(w), None, Some(t)) if w == t => Class::Converged,
        (Some(_), None, Some(_)) => Class::ForeignCollision,
        (Some(_), None, None) => Class::New,
        (None, Some(_), None) => Class::Converged,
        (None, Some(l), Some(t)) if l == t => Class::Orphan,
        (None, Some(_), Some(_)) => Class::OrphanDrifted,
    })
}

/// What the workspace and the lock have of an entry after a sync.
pub fn model_sync(
    wanted: Option<u8>,
    last: Option<u8>,
    there: Option<u8>,
) -> (Option<u8>, Option<u8>) {
    match model_class(wanted, last, there) {
        None => (there, None),
        Some(Class::Clean | Class::Converged) => (there, wanted),
        Some(Class::New | Class::Pending | Class::Orphan) => (wanted, wanted),
        Some(_) => (there, last),
    }
}

/// A random workspace.
pub fn any_workspace() -> impl Strategy<Value = Workspace> {
    let styles = vec![TextStyle::Pretty, TextStyle::Compact, TextStyle::Crlf, TextStyle::Commented];
    (any_values(), any_values(), any::<bool>(), prop::sample::select(styles))
        .prop_map(|(actual, base, foreign, style)| Workspace { actual, base, foreign, style })
}

/// Random values; an item has no value but its own.
pub fn any_values() -> impl Strategy<Value = Values> {
    prop::collection::vec(prop::option::weighted(0.7, 1..3_u8), NAMES.len()).prop_map(|values| {
        let pairs = NAMES.into_iter().zip(values);
        let fixed = |name: &str, value| if name.starts_with("item") { 1 } else { value };
        pairs.filter_map(|(name, value)| Some((name, fixed(name, value?)))).collect()
    })
}

fn path(text: &str) -> RepoPath {
    RepoPath::parse(text).expect("a path")
}

fn server(value: u8) -> Json {
    json!({"type": "stdio", "command": format!("run-{value}"), "args": ["-y", value]})
}

/// The rendering of some values. `leaf` is a number, or an object of one: what a pointer holds may change its shape.
pub fn rendering(values: &Values) -> Rendering {
    let origin = Span::new(Sources::default().add("base/layer.toml", "base", ""), 0..0);
    let mut files: BTreeMap<&str, Part> = BTreeMap::new();
    for (name, &value) in values {
        let mut add = |file, skeleton: Json, pointer: &[&str], kind, value: Json| {
            let pointer = pointer.iter().copied().collect();
            let part = files
                .entry(file)
                .or_insert_with(|| Part::Json(JsonPart { entries: Vec::new(), skeleton }));
            if let Part::Json(part) = part {
                part.entries.push(JsonEntry { pointer, kind, value, origin });
            }
        };
        let settings = ".claude/settings.json";
        match name.split_once(' ').unwrap_or((name, "")) {
            ("server", name) => add(
                ".mcp.json",
                json!({"mcpServers": {}}),
                &["mcpServers", name],
                EntryKind::Value,
                server(value),
            ),
            ("env", name) => {
                add(
                    settings,
                    json!({}),
                    &["env", name],
                    EntryKind::Value,
                    value.to_string().into(),
                );
            }
            ("item", name) => {
                add(settings, json!({}), &["permissions", "deny"], EntryKind::Item, name.into());
            }
            ("leaf", _) => add(settings, json!({}), &["leaf"], EntryKind::Value, value.into()),
            ("file", name) => {
                let bytes = Arc::from(format!("file {name}\n{value}\n").into_bytes());
                let path =
                    if name == "one" { ".claude/agents/one.md" } else { ".claude/hooks/two.sh" };
                files.insert(path, Part::Whole { bytes, executable: value == 2 });
            }
            _ => {
                let text = format!("block\n{value}\n");
                files.insert("CLAUDE.md", Part::Block { text });
            }
        }
    }
    let files = files.into_iter().map(|(name, part)| RenderedFile {
        path: path(name),
        part,
        origins: Arc::default(),
    });
    Rendering { files: files.collect() }
}

/// The name of an entry in the model.
pub fn name_of(path: &RepoPath, key: &EntryKey) -> &'static str {
    let name = match (path.as_str(), key) {
        (".claude/agents/one.md", _) => "file one".to_owned(),
        (".claude/hooks/two.sh", _) => "file two".to_owned(),
        ("CLAUDE.md", _) => "block".to_owned(),
        (_, EntryKey::Item(_, digest)) if *digest == Digest::of_json(&json!("X")) => {
            "item X".to_owned()
        }
        (_, EntryKey::Item(..)) => "item Y".to_owned(),
        (_, key) => key.to_string().replace("mcpServers/", "server ").replace("env/", "env "),
    };
    NAMES.into_iter().find(|known| *known == name).expect("a known name")
}

impl Workspace {
    /// The files of the workspace.
    pub fn files(&self) -> BTreeMap<RepoPath, (Vec<u8>, bool)> {
        let mut files = BTreeMap::new();
        let mut settings = json!({});
        let mut servers = json!({});
        if self.foreign {
            settings =
                json!({"model": "opus", "env": {"MINE": "1"}, "permissions": {"deny": ["M"]}});
            servers = json!({"mcpServers": {"mine": {"url": "x"}}, "other": [1]});
            let notes = "# Mine\n\nKeep this.".to_owned();
            files.insert(path("CLAUDE.md"), (notes.into_bytes(), false));
            files.insert(path(".claude/agents/mine.md"), (b"mine\n".to_vec(), false));
        }
        for file in rendering(&self.actual).files {
            match file.part {
                Part::Whole { bytes, executable } => {
                    files.insert(file.path, (bytes.to_vec(), executable));
                }
                Part::Block { text, .. } => {
                    let before = if self.foreign { "# Mine\n\nKeep this." } else { "" };
                    let text =
                        super::text::block::write(before, &text).expect("a text without markers");
                    files.insert(file.path, (text.into_bytes(), false));
                }
                Part::Json(part) => {
                    let document = if file.path.as_str() == ".mcp.json" {
                        &mut servers
                    } else {
                        &mut settings
                    };
                    for entry in part.entries {
                        let mut place = &mut *document;
                        for (depth, segment) in entry.pointer.segments().iter().enumerate() {
                            let last = depth + 1 == entry.pointer.segments().len();
                            let map = place.as_object_mut().expect("an object");
                            let fresh = if last { Json::Null } else { json!({}) };
                            place = map.entry(&**segment).or_insert(fresh);
                        }
                        match (entry.kind, place) {
                            (EntryKind::Item, Json::Array(items)) => items.push(entry.value),
                            (EntryKind::Item, place) => *place = json!([entry.value]),
                            (EntryKind::Value, place) => *place = entry.value,
                        }
                    }
                }
            }
        }
        for (name, value) in [(".claude/settings.json", settings), (".mcp.json", servers)] {
            if value != json!({}) {
                files.insert(path(name), (self.write(&value).into_bytes(), false));
            }
        }
        files
    }

    fn write(&self, value: &Json) -> String {
        match self.style {
            TextStyle::Pretty => format!("{value:#}\n"),
            TextStyle::Compact => value.to_string(),
            TextStyle::Crlf => format!("{value:#}\n").replace('\n', "\r\n"),
            TextStyle::Commented => format!("{value:#}\n").replace("{\n", "{ // mine\n"),
        }
    }

    /// The text of the lock.
    pub fn lock(&self) -> Option<String> {
        let rendering = rendering(&self.base);
        let desired = Desired::new(&rendering, &mut DigestCache::default());
        (!self.base.is_empty()).then(|| Lock::of(Header::default(), &desired).to_text())
    }
}

/// The three values of the entries in a comparison, as the model has them, for what is really there.
pub fn values_in(files: &BTreeMap<RepoPath, (Vec<u8>, bool)>) -> Values {
    let mut values = Values::new();
    // Asks for every value of every name, one rendering at a time.
    for value in [1, 2] {
        let all: Values = NAMES.into_iter().map(|name| (name, value)).collect();
        let rendering = rendering(&all);
        let comparison = compare_files(&rendering, None, files).0;
        for state in comparison.states {
            if state.class == Class::Converged {
                let name = name_of(&state.path, &state.key);
                values.insert(name, if name.starts_with("item") { 1 } else { value });
            }
        }
    }
    values
}

/// Compares a rendering with files, and plans.
pub fn compare_files<'r>(
    rendering: &'r Rendering,
    lock: Option<&str>,
    files: &BTreeMap<RepoPath, (Vec<u8>, bool)>,
) -> (Comparison<'r>, Plan) {
    let desired = Desired::new(rendering, &mut DigestCache::default());
    let expected = Lock::of(Header::default(), &desired);
    let lock = LockState::read(LOCK_FILE, lock.map(str::as_bytes), None, || expected)
        .expect("a good lock");
    let actual: Actual = paths(&desired, &lock)
        .into_iter()
        .filter_map(|path| {
            let (bytes, executable) = files.get(&path)?.clone();
            Some((path, ActualFile::Bytes { bytes, executable }))
        })
        .collect();
    let comparison = compare(&desired, &lock, &actual, Policy::Keep);
    let plan = Plan::new(&desired, &lock, &actual, &comparison, Header::default());
    if is_up_to_date(&desired, &lock, |file| file.is_pristine(actual.get(&file.file.path))) {
        assert!(comparison.is_clean() && plan.is_noop() && plan.lines.is_empty());
        assert_eq!(plan.lock, Plan::noop(&lock).lock);
    }
    (comparison, plan)
}

/// Carries out the file changes of a plan on values.
pub fn apply_plan(plan: &Plan, files: &mut BTreeMap<RepoPath, (Vec<u8>, bool)>) {
    for change in &plan.changes {
        match &change.action {
            Action::Create { bytes, executable } => {
                let before = files.insert(change.path.clone(), (bytes.to_vec(), *executable));
                assert_eq!(before, None, "{} was there", change.path);
            }
            Action::Update { before, bytes, executable, .. } => {
                let file = files.get_mut(&change.path).expect("there");
                assert_eq!(&file.0, before);
                assert!(file.0 != **bytes || Some(file.1) != *executable, "nothing changes");
                *file = (bytes.to_vec(), executable.unwrap_or(file.1));
            }
            Action::Delete { before } => {
                let file = files.remove(&change.path).expect("there");
                assert_eq!(&file.0, before);
            }
        }
    }
}

/// What is foreign in some files: everything but our entries.
pub fn foreign_in(files: &BTreeMap<RepoPath, (Vec<u8>, bool)>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, (bytes, _)) in files {
        let text = String::from_utf8_lossy(bytes);
        for mark in
            ["\"opus\"", "\"MINE\"", "\"M\"", "\"mine\"", "\"other\"", "Keep this.", "mine\n"]
        {
            if text.contains(mark) {
                found.insert(format!("{path} {mark}"));
            }
        }
        if text.contains("// mine") {
            found.insert(format!("{path} comment"));
        }
    }
    found
}
