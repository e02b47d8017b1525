//! The lock, `.claude-env.lock`: what was written last, as a digest for every entry.
//!
//! The file is TOML with one entry a line, sorted, without dates, absolute paths or names of machines, so that git merges
//! it line by line and two people who sync the same revision get the same bytes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use toml::de::DeTable;

use super::digest::Digest;
use super::entry::{Desired, EntryKey};
use crate::source::RepoPath;

/// The lock of a workspace.
pub const LOCK_FILE: &str = ".claude-env.lock";
/// The lock of one person's own files in a workspace that commits its others.
pub const LOCAL_LOCK_FILE: &str = ".claude-env.local.lock";
/// What is added to the name of a lock while an apply is under way.
pub const PENDING_SUFFIX: &str = ".pending";

/// The newest format that this version reads, and the one that it writes.
pub(super) const VERSION: i64 = 1;
const FIRST_LINE: &str =
    "# Written by claude-env: what it wrote last. Do not edit; commit it together with the files.";
/// The same where nothing is to be committed.
const FIRST_LINE_LOCAL: &str =
    "# Written by claude-env: what it wrote last. Do not edit, and do not commit.";
/// The last line: a file without it was not written to its end.
const LAST_LINE: &str = "# end";

/// What a lock says about where its contents came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The config repository, as the binding has it.
    pub repository: String,
    /// The commit that was rendered; empty when a folder is read as it stands.
    pub revision: String,
    /// The scope: `team`, `project` and so on, with their names.
    pub scope: BTreeMap<String, String>,
    /// Whether the files are kept out of git.
    pub local: bool,
}

/// What was written last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    pub header: Header,
    pub(super) files: BTreeMap<RepoPath, Entries>,
}

/// The entries of one file, with their digests.
pub(super) type Entries = BTreeMap<EntryKey, Digest>;

/// Why a lock cannot be used. A lock that cannot be used changes nothing: no file is written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    #[error(
        "{file} has format version {found}, and this claude-env knows versions up to {VERSION}"
    )]
    Newer { file: String, found: i64 },
    #[error("{file}:{line}: a merge conflict is not resolved")]
    Merge { file: String, line: usize },
    #[error("{file}:{line}: {message}")]
    Corrupt { file: String, line: usize, message: String },
}

impl LockError {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            LockError::Newer { .. } => "upgrade claude-env".to_owned(),
            LockError::Merge { file, .. } => format!(
                "keep either side of each conflict in {file}, then sync: an entry whose digest is not right counts as \
                 changed by hand and is never overwritten"
            ),
            LockError::Corrupt { file, .. } => format!(
                "bring it back with `git checkout -- {file}`; or delete it and sync: what the workspace has is then kept, \
                 and what equals the configuration is taken into a new lock"
            ),
        }
    }
}

impl Lock {
    /// The lock after everything of a rendering was written.
    pub fn of(header: Header, desired: &Desired<'_>) -> Self {
        let files = desired.files().iter().filter(|file| !file.entries.is_empty()).map(|file| {
            let entries = file.entries.iter().map(|entry| (entry.key.clone(), entry.digest));
            (file.file.path.clone(), entries.collect())
        });
        Self { header, files: files.collect() }
    }

    /// The digest of an entry, if it was written.
    pub fn get(&self, path: &RepoPath, key: &EntryKey) -> Option<Digest> {
        self.files.get(path)?.get(key).copied()
    }

    /// The entries of a file.
    pub fn entries(&self, path: &RepoPath) -> Option<&Entries> {
        self.files.get(path)
    }

    /// The files that have entries.
    pub fn paths(&self) -> impl Iterator<Item = &RepoPath> {
        self.files.keys()
    }

    /// The number of entries.
    pub fn entry_count(&self) -> usize {
        self.files.values().map(BTreeMap::len).sum()
    }

    /// The part that is about some files.
    pub(super) fn only(&self, keep: &impl Fn(&RepoPath) -> bool) -> Self {
        let files = self.files.iter().filter(|(path, _)| keep(path));
        let files = files.map(|(path, entries)| (path.clone(), entries.clone())).collect();
        Self { header: self.header.clone(), files }
    }

    pub(super) fn insert(&mut self, path: &RepoPath, key: EntryKey, digest: Digest) {
        self.files.entry(path.clone()).or_default().insert(key, digest);
    }

    pub(super) fn remove(&mut self, path: &RepoPath, key: &EntryKey) {
        if let Some(entries) = self.files.get_mut(path) {
            entries.remove(key);
            if entries.is_empty() {
                self.files.remove(path);
            }
        }
    }

    /// The text of the lock: the same for the same entries, on every machine.
    pub fn to_text(&self) -> String {
        let first = if self.header.local { FIRST_LINE_LOCAL } else { FIRST_LINE };
        let mut out = format!("{first}\nversion = {VERSION}\n");
        if self.header.local {
            out.push_str("local = true\n");
        }
        line(&mut out, "repository", &self.header.repository);
        line(&mut out, "revision", &self.header.revision);
        if !self.header.scope.is_empty() {
            out.push_str("\n[scope]\n");
            for (key, name) in &self.header.scope {
                line(&mut out, &quoted(key), name);
            }
        }
        for (title, wanted) in [("files", EntryKey::File), ("blocks", EntryKey::Block)] {
            let mut title = Some(title);
            for (path, entries) in &self.files {
                let Some(digest) = entries.get(&wanted) else { continue };
                if let Some(title) = title.take() {
                    let _ = writeln!(out, "\n[{title}]");
                }
                let _ = writeln!(out, "{} = \"{digest}\"", quoted(path.as_str()));
            }
        }
        for (path, entries) in &self.files {
            write_json(&mut out, path, entries);
        }
        out.push_str(LAST_LINE);
        out.push('\n');
        out
    }

    /// Whether a text was written to its end.
    pub fn is_complete(text: &str) -> bool {
        text.trim_end().ends_with(LAST_LINE)
    }

    /// The revision that the text of a lock names; empty if it names none, or is no lock.
    pub fn revision_of(text: &str) -> String {
        // It stands before the first table, and what comes after is long.
        let head = text.split("\n[").next().unwrap_or_default();
        let table = DeTable::parse(head.trim_start_matches('\u{feff}')).ok();
        match table.as_ref().and_then(|table| table.get_ref().get("revision")?.get_ref().as_str()) {
            Some(revision) => revision.to_owned(),
            None => String::new(),
        }
    }
}

/// The tables of a JSON file.
fn write_json(out: &mut String, path: &RepoPath, entries: &Entries) {
    let mut titled = false;
    for (key, digest) in entries {
        if let EntryKey::Value(pointer) = key {
            if !std::mem::replace(&mut titled, true) {
                let _ = writeln!(out, "\n[values.{}]", quoted(path.as_str()));
            }
            let _ = writeln!(out, "{} = \"{digest}\"", quoted(pointer));
        }
    }
    let mut open: Option<&Arc<str>> = None;
    for (key, digest) in entries {
        if let EntryKey::Item(pointer, _) = key {
            if open.is_none() {
                let _ = writeln!(out, "\n[items.{}]", quoted(path.as_str()));
            }
            if open != Some(pointer) {
                out.push_str(if open.is_some() { "]\n" } else { "" });
                let _ = writeln!(out, "{} = [", quoted(pointer));
                open = Some(pointer);
            }
            let _ = writeln!(out, "  \"{digest}\",");
        }
    }
    out.push_str(if open.is_some() { "]\n" } else { "" });
}

fn line(out: &mut String, key: &str, value: &str) {
    let _ = writeln!(out, "{key} = {}", quoted(value));
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    // Control characters beyond ASCII start with this byte.
    let plain = |b: u8| !matches!(b, b'"' | b'\\' | 0xc2) && !b.is_ascii_control();
    if text.bytes().all(plain) {
        return ["\"", text, "\""].concat();
    }
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests;
