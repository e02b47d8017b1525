//! The lock, `.claude-env.lock`: what was written last, as a digest for every entry.
//!
//! The file is TOML with one entry a line, sorted, without dates, absolute paths or names of machines, so that git merges
//! it line by line and two people who sync the same revision get the same bytes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

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
const VERSION: i64 = 1;
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
    fn only(&self, keep: &impl Fn(&RepoPath) -> bool) -> Self {
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

    /// Reads a lock. `file` is its name, for errors.
    pub fn parse(file: &str, text: &str) -> Result<Self, LockError> {
        for (index, line) in text.lines().enumerate() {
            if line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ") {
                return Err(LockError::Merge { file: file.to_owned(), line: index + 1 });
            }
        }
        let parser = LockParser { file, text };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let table = DeTable::parse(text).map_err(|error| {
            let message = error.message().lines().next().unwrap_or("not valid TOML");
            parser.corrupt(
                error.span().map_or(0, |span| span.start),
                format!("not a lock: {message}"),
            )
        })?;
        parser.lock(table.get_ref())
    }
}

/// What is known of earlier runs: the lock, and what an interrupted run was about to make of it.
#[derive(Clone, Debug, Default)]
pub struct LockState {
    pub lock: Lock,
    pub pending: Option<Lock>,
    /// What the lock file holds now; `None` when it is not there.
    pub(super) text: Option<String>,
    /// Whether there is a pending file, if only an unfinished one.
    pub(super) leftover: bool,
    /// Whether the lock file is what a finished sync of the current rendering leaves.
    current: bool,
    file: String,
}

impl LockState {
    /// Reads the lock `file` from its bytes, and from those of its pending twin (see [`PENDING_SUFFIX`]) if a run was
    /// interrupted.
    ///
    /// `expected` gives the lock that a finished sync of the current rendering leaves, and is asked only where there is a lock:
    /// where the text equals its text, nothing is parsed. A pending file that was not written to its end means that nothing had been applied yet.
    pub fn read(
        file: &str,
        lock: Option<&[u8]>,
        pending: Option<&[u8]>,
        expected: impl FnOnce() -> Lock,
    ) -> Result<Self, LockError> {
        let text = lock.map(|bytes| utf8(file, bytes)).transpose()?;
        let expected = text.map(|_| expected()).filter(|lock| Some(&*lock.to_text()) == text);
        let current = expected.is_some();
        let parsed = match (text, expected) {
            (None, _) => Lock::default(),
            (Some(_), Some(expected)) => expected,
            (Some(text), None) => Lock::parse(file, text)?,
        };
        let name = format!("{file}{PENDING_SUFFIX}");
        let unfinished = match pending.and_then(|bytes| str::from_utf8(bytes).ok()) {
            Some(text) if Lock::is_complete(text) => Some(Lock::parse(&name, text)?),
            _ => None,
        };
        Ok(Self {
            lock: parsed,
            pending: unfinished,
            text: text.map(str::to_owned),
            leftover: pending.is_some(),
            current,
            file: file.to_owned(),
        })
    }

    /// Whether the last sync was finished, and was one of the current rendering.
    pub fn is_current(&self) -> bool {
        self.current && !self.leftover
    }

    /// Whether there is a lock.
    pub fn has_lock(&self) -> bool {
        self.text.is_some()
    }

    /// Whether an apply did not come to its end.
    pub fn is_interrupted(&self) -> bool {
        self.leftover
    }

    /// The name of the lock file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Whether there is a lock, or what an interrupted run left of one.
    pub fn has_lock_or_pending(&self) -> bool {
        self.text.is_some() || self.leftover
    }

    /// The part that is about some files.
    pub fn only(&self, keep: impl Fn(&RepoPath) -> bool) -> Self {
        Self {
            lock: self.lock.only(&keep),
            pending: self.pending.as_ref().map(|lock| lock.only(&keep)),
            text: self.text.clone(),
            leftover: self.leftover,
            current: false,
            file: self.file.clone(),
        }
    }

    /// The files that either lock knows, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &RepoPath> {
        let paths = self.lock.paths().chain(self.pending.iter().flat_map(Lock::paths));
        paths.collect::<std::collections::BTreeSet<_>>().into_iter()
    }
}

fn utf8<'t>(file: &str, bytes: &'t [u8]) -> Result<&'t str, LockError> {
    str::from_utf8(bytes).map_err(|error| LockError::Corrupt {
        file: file.to_owned(),
        line: memchr::memchr_iter(b'\n', bytes.get(..error.valid_up_to()).unwrap_or_default())
            .count()
            + 1,
        message: "not a lock: the file is not UTF-8".to_owned(),
    })
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

struct LockParser<'t> {
    file: &'t str,
    text: &'t str,
}

type Spanned<'t> = toml::Spanned<DeValue<'t>>;

impl LockParser<'_> {
    fn corrupt(&self, offset: usize, message: impl Into<String>) -> LockError {
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        LockError::Corrupt {
            file: self.file.to_owned(),
            line: memchr::memchr_iter(b'\n', before).count() + 1,
            message: message.into(),
        }
    }

    fn lock(&self, table: &DeTable<'_>) -> Result<Lock, LockError> {
        let Some(version) = table.get("version") else {
            return Err(self.corrupt(0, "not a lock: there is no `version`"));
        };
        match version.get_ref() {
            DeValue::Integer(number) => {
                match i64::from_str_radix(number.as_str(), number.radix()) {
                    Ok(found) if found > VERSION => {
                        return Err(LockError::Newer { file: self.file.to_owned(), found });
                    }
                    Ok(VERSION) => {}
                    _ => return Err(self.corrupt(version.span().start, "`version` is not 1")),
                }
            }
            _ => return Err(self.corrupt(version.span().start, "`version` is not a number")),
        }
        let mut lock = Lock::default();
        // Keys that are not known come from a later version that thought them harmless.
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "repository" => lock.header.repository = self.string(value)?.to_owned(),
                "revision" => lock.header.revision = self.string(value)?.to_owned(),
                "local" => lock.header.local = matches!(value.get_ref(), DeValue::Boolean(true)),
                "scope" => {
                    for (key, name) in self.table(value)? {
                        let name = self.string(name)?.to_owned();
                        lock.header.scope.insert(key.get_ref().to_string(), name);
                    }
                }
                "files" => self.plain(value, &EntryKey::File, &mut lock)?,
                "blocks" => self.plain(value, &EntryKey::Block, &mut lock)?,
                "values" => self.values(value, &mut lock)?,
                "items" => self.items(value, &mut lock)?,
                _ => {}
            }
        }
        Ok(lock)
    }

    fn plain(
        &self,
        value: &Spanned<'_>,
        kind: &EntryKey,
        lock: &mut Lock,
    ) -> Result<(), LockError> {
        for (key, digest) in self.table(value)? {
            let path = self.path(key.get_ref(), key.span().start)?;
            lock.insert(&path, kind.clone(), self.digest(digest)?);
        }
        Ok(())
    }

    fn values(&self, value: &Spanned<'_>, lock: &mut Lock) -> Result<(), LockError> {
        for (key, entries) in self.table(value)? {
            let path = self.path(key.get_ref(), key.span().start)?;
            for (pointer, digest) in self.table(entries)? {
                let pointer = self.pointer(pointer.get_ref(), pointer.span().start)?;
                lock.insert(&path, EntryKey::Value(pointer), self.digest(digest)?);
            }
        }
        Ok(())
    }

    fn items(&self, value: &Spanned<'_>, lock: &mut Lock) -> Result<(), LockError> {
        for (key, entries) in self.table(value)? {
            let path = self.path(key.get_ref(), key.span().start)?;
            for (pointer, items) in self.table(entries)? {
                let pointer = self.pointer(pointer.get_ref(), pointer.span().start)?;
                let DeValue::Array(list) = items.get_ref() else {
                    return Err(self.corrupt(items.span().start, "expected a list of digests"));
                };
                for item in list {
                    let digest = self.digest(item)?;
                    lock.insert(&path, EntryKey::Item(Arc::clone(&pointer), digest), digest);
                }
            }
        }
        Ok(())
    }

    fn table<'v, 't>(&self, value: &'v Spanned<'t>) -> Result<&'v DeTable<'t>, LockError> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(table),
            _ => Err(self.corrupt(value.span().start, "expected a table")),
        }
    }

    fn string<'v>(&self, value: &'v Spanned<'_>) -> Result<&'v str, LockError> {
        match value.get_ref() {
            DeValue::String(text) => Ok(text),
            _ => Err(self.corrupt(value.span().start, "expected a string")),
        }
    }

    fn digest(&self, value: &Spanned<'_>) -> Result<Digest, LockError> {
        let text = self.string(value)?;
        Digest::parse(text)
            .ok_or_else(|| self.corrupt(value.span().start, format!("`{text}` is not a digest")))
    }

    /// A path that we may have written. A lock comes with the repository: it must not be able to point anywhere else.
    fn path(&self, text: &str, offset: usize) -> Result<RepoPath, LockError> {
        let path = RepoPath::parse(text)
            .map_err(|error| self.corrupt(offset, format!("`{text}` is not a path: {error}")))?;
        if super::is_forbidden(&path) {
            return Err(self.corrupt(offset, format!("`{text}` is no file that claude-env writes")));
        }
        Ok(path)
    }

    fn pointer(&self, text: &str, offset: usize) -> Result<Arc<str>, LockError> {
        if text.starts_with('/') {
            Ok(Arc::from(text))
        } else {
            Err(self.corrupt(offset, format!("`{text}` is not a JSON pointer")))
        }
    }
}

#[cfg(test)]
mod tests;
