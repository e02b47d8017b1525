//! The lock, `.claude-env.lock`: the last applied state, as a digest for each entry.
//!
//! The file is TOML with one entry per line, sorted, without dates, absolute paths or host names. So git merges it line by
//! line, and two people who sync the same revision get the same bytes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use toml::de::DeTable;

use super::digest::Digest;
use super::entry::{Desired, EntryKey};
use crate::source::{Pointer, RepoPath};

/// The name of the lock of a workspace.
pub const LOCK_FILE: &str = ".claude-env.lock";
/// The name of the lock of the personal files in a workspace that commits the shared ones.
pub const LOCAL_LOCK_FILE: &str = ".claude-env.local.lock";
/// The suffix of the name of the pending lock, which exists during an apply.
pub const PENDING_SUFFIX: &str = ".pending";

/// The format version that is written, and the newest one that is read.
pub(super) const VERSION: i64 = 1;
const FIRST_LINE: &str =
    "# Written by claude-env: what it wrote last. Do not edit; commit it together with the files.";
/// The first line of a lock that must not be committed.
const FIRST_LINE_LOCAL: &str =
    "# Written by claude-env: what it wrote last. Do not edit, and do not commit.";
/// The last line; a file without it is incomplete.
const LAST_LINE: &str = "# end";

/// Where the content of a lock came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The config repository, as written in the binding.
    pub repository: String,
    /// The commit that was rendered; empty when a folder was rendered without git.
    pub revision: String,
    /// The scope: `team`, `project` and so on, each with its name.
    pub scope: BTreeMap<String, String>,
    /// Whether the files are kept out of git.
    pub local: bool,
}

/// The last applied state of the managed entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// Where the content came from.
    pub header: Header,
    /// The entries of each file.
    pub(super) files: BTreeMap<RepoPath, Entries>,
}

/// The digests of the entries of one file.
pub(super) type Entries = BTreeMap<EntryKey, Digest>;

/// Why a lock cannot be used. Nothing is written in that case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// A newer version of claude-env wrote it.
    #[error("{file} has format version {found}; this claude-env supports versions up to {VERSION}")]
    Newer {
        /// The name of the lock file.
        file: String,
        /// Its format version.
        found: i64,
    },
    /// It contains git conflict markers.
    #[error("{file}:{line}: unresolved merge conflict")]
    Merge {
        /// The name of the lock file.
        file: String,
        /// The line of the marker, 1-based.
        line: usize,
    },
    /// It is not valid.
    #[error("{file}:{line}: {message}")]
    Corrupt {
        /// The name of the lock file.
        file: String,
        /// The line to blame, 1-based.
        line: usize,
        /// What is wrong.
        message: String,
    },
}

impl LockError {
    /// Returns what to do about it.
    pub fn help(&self) -> String {
        match self {
            LockError::Newer { .. } => "upgrade claude-env".to_owned(),
            LockError::Merge { file, .. } => format!(
                "take the same side for {file} and for the files, then run `claude-env sync`; a file that does not match \
                 the lock counts as changed locally and is not overwritten"
            ),
            LockError::Corrupt { file, .. } => format!(
                "restore it with `git checkout -- {file}`; or delete it and run `claude-env sync`, which keeps all local \
                 content and records what equals the configuration in a new lock"
            ),
        }
    }
}

impl Lock {
    /// Makes the lock of a rendering that was written completely.
    pub fn of(header: Header, desired: &Desired<'_>) -> Self {
        let files = desired.files().iter().filter(|file| !file.entries.is_empty()).map(|file| {
            let entries = file.entries.iter().map(|entry| (entry.key.clone(), entry.digest));
            (file.file.path.clone(), entries.collect())
        });
        Self { header, files: files.collect() }
    }

    /// Returns the digest of an entry; `None` if it was never written.
    pub fn get(&self, path: &RepoPath, key: &EntryKey) -> Option<Digest> {
        self.files.get(path)?.get(key).copied()
    }

    /// Returns the entries of a file; `None` if it has none.
    pub fn entries(&self, path: &RepoPath) -> Option<&Entries> {
        self.files.get(path)
    }

    /// Returns the files that have entries, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &RepoPath> {
        self.files.keys()
    }

    /// Returns the number of entries.
    pub fn entry_count(&self) -> usize {
        self.files.values().map(BTreeMap::len).sum()
    }

    /// Returns the part of the lock for some files.
    pub(super) fn only(&self, keep: &impl Fn(&RepoPath) -> bool) -> Self {
        let files = self.files.iter().filter(|(path, _)| keep(path));
        let files = files.map(|(path, entries)| (path.clone(), entries.clone())).collect();
        Self { header: self.header.clone(), files }
    }

    /// Records an entry.
    pub(super) fn insert(&mut self, path: &RepoPath, key: EntryKey, digest: Digest) {
        self.files.entry(path.clone()).or_default().insert(key, digest);
    }

    /// Removes an entry.
    pub(super) fn remove(&mut self, path: &RepoPath, key: &EntryKey) {
        if let Some(entries) = self.files.get_mut(path) {
            entries.remove(key);
            if entries.is_empty() {
                self.files.remove(path);
            }
        }
    }

    /// Returns the text of the lock; the same entries give the same text on every machine.
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

    /// Returns true if the text of a lock is complete.
    pub fn is_complete(text: &str) -> bool {
        text.trim_end().ends_with(LAST_LINE)
    }

    /// Returns the revision in the text of a lock; empty if there is none or the text is not a lock.
    pub fn revision_of(text: &str) -> String {
        // It comes before the first table, and the rest is long.
        let head = text.split("\n[").next().unwrap_or_default();
        let table = DeTable::parse(head.trim_start_matches('\u{feff}')).ok();
        match table.as_ref().and_then(|table| table.get_ref().get("revision")?.get_ref().as_str()) {
            Some(revision) => revision.to_owned(),
            None => String::new(),
        }
    }
}

/// Writes the tables of a JSON file.
fn write_json(out: &mut String, path: &RepoPath, entries: &Entries) {
    let mut titled = false;
    for (key, digest) in entries {
        if let EntryKey::Value(pointer) = key {
            if !std::mem::replace(&mut titled, true) {
                let _ = writeln!(out, "\n[values.{}]", quoted(path.as_str()));
            }
            let _ = writeln!(out, "{} = \"{digest}\"", quoted(&pointer.to_string()));
        }
    }
    let mut open: Option<&Pointer> = None;
    for (key, digest) in entries {
        if let EntryKey::Item(pointer, _) = key {
            if open.is_none() {
                let _ = writeln!(out, "\n[items.{}]", quoted(path.as_str()));
            }
            if open != Some(pointer) {
                out.push_str(if open.is_some() { "]\n" } else { "" });
                let _ = writeln!(out, "{} = [", quoted(&pointer.to_string()));
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

/// Returns the text as a basic string of TOML.
fn quoted(text: &str) -> String {
    // Control characters outside ASCII start with this byte.
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
