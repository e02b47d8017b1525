//! Reading the text of a lock.

use toml::de::{DeTable, DeValue};

use super::digest::Digest;
use super::entry::EntryKey;
use super::lock::{Lock, LockError, VERSION};
use crate::agent::{self, Format};
use crate::source::{Pointer, RepoPath};

impl Lock {
    /// Parses a lock. `file` is its name, for errors.
    ///
    /// Fails on conflict markers, on a newer format version and on anything that is not a valid lock.
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

/// A lock that is being parsed.
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
        // Unknown keys come from a later version that considered them optional.
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
            let path = self.path(key.get_ref(), key.span().start, kind)?;
            lock.insert(&path, kind.clone(), self.digest(digest)?);
        }
        Ok(())
    }

    fn values(&self, value: &Spanned<'_>, lock: &mut Lock) -> Result<(), LockError> {
        for (key, entries) in self.table(value)? {
            let any = EntryKey::Value(Pointer::default());
            let path = self.path(key.get_ref(), key.span().start, &any)?;
            for (pointer, digest) in self.table(entries)? {
                let pointer = self.pointer(pointer.get_ref(), pointer.span().start)?;
                lock.insert(&path, EntryKey::Value(pointer), self.digest(digest)?);
            }
        }
        Ok(())
    }

    fn items(&self, value: &Spanned<'_>, lock: &mut Lock) -> Result<(), LockError> {
        for (key, entries) in self.table(value)? {
            let any = EntryKey::Value(Pointer::default());
            let path = self.path(key.get_ref(), key.span().start, &any)?;
            for (pointer, items) in self.table(entries)? {
                let pointer = self.pointer(pointer.get_ref(), pointer.span().start)?;
                let DeValue::Array(list) = items.get_ref() else {
                    return Err(self.corrupt(items.span().start, "expected a list of digests"));
                };
                for item in list {
                    let digest = self.digest(item)?;
                    lock.insert(&path, EntryKey::Item(pointer.clone(), digest), digest);
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

    /// Parses a path at which claude-env may have written an entry of this kind. A lock comes with a repository, so it must not
    /// claim any other file.
    fn path(&self, text: &str, offset: usize, kind: &EntryKey) -> Result<RepoPath, LockError> {
        let path = RepoPath::parse(text)
            .map_err(|error| self.corrupt(offset, format!("`{text}` is not a path: {error}")))?;
        if super::is_forbidden(&path) || !can_hold(&path, kind) {
            let message = format!(
                "`{text}` is not a file in which this version of claude-env writes such an entry"
            );
            return Err(self.corrupt(offset, message));
        }
        Ok(path)
    }

    fn pointer(&self, text: &str, offset: usize) -> Result<Pointer, LockError> {
        Pointer::parse(text)
            .filter(|pointer| !pointer.is_empty())
            .ok_or_else(|| self.corrupt(offset, format!("`{text}` is not a JSON pointer")))
    }
}

/// Returns true if some target renders entries of this kind to a path.
fn can_hold(path: &RepoPath, kind: &EntryKey) -> bool {
    match (agent::target(path).map(|target| &target.format), kind) {
        (Some(Format::Block), EntryKey::Block)
        | (Some(Format::Json(_)), EntryKey::Value(_) | EntryKey::Item(..)) => true,
        (None, EntryKey::File) => agent::is_content(path),
        _ => false,
    }
}
