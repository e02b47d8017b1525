//! Generations: the state of a workspace before an apply, stored as one file each.
//!
//! The first line is the manifest, as JSON. Then follow the old locks, each with the old bytes of its files after it. The
//! last line marks a complete file. A file that did not exist is listed in the manifest only. A workspace has a shared and a
//! personal lock: one generation holds what a sync did for both.

use std::fmt::Write;

use serde_json::Value as Json;

use super::action::{Action, FileChange};
use super::digest::{Digest, DigestCache};
use super::lock::Lock;
use super::plan::Plan;
use crate::source::RepoPath;

const FORMAT: u64 = 1;
const LAST_LINE: &[u8] = b"\nend\n";

/// The state before an apply, and the digests of what the apply wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Generation {
    /// The number, counted from 1 within a workspace.
    pub number: u64,
    /// The date on which it was made, `YYYY-MM-DD`; for people.
    pub date: String,
    /// The command that made it, such as `sync`.
    pub verb: String,
    /// The generation that a rollback restored; `None` unless a rollback made this one.
    pub target: Option<u64>,
    /// The generation of the interrupted apply that this one finished; `None` if there was none.
    pub continues: Option<u64>,
    /// The revision of the config repository in the lock before the apply; empty if there was none.
    pub revision_before: String,
    /// The revision after the apply; empty if there is none.
    pub revision_after: String,
    /// One for each plan that was applied, in order.
    pub locks: Vec<SavedLock>,
}

/// A lock, and the files that an apply changed with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedLock {
    /// The name of the lock file.
    pub file: String,
    /// Its content; `None` if it did not exist.
    pub text: Option<String>,
    /// The files, in the order of the plan.
    pub files: Vec<Saved>,
}

/// One file that an apply changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The file, relative to the root of the workspace.
    pub path: RepoPath,
    /// The file before the apply; `None` if it did not exist.
    pub before: Option<Old>,
    /// The digest of the bytes that were written; `None` if the file was deleted.
    pub after: Option<Digest>,
}

/// The old state of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Old {
    /// The content.
    pub bytes: Vec<u8>,
    /// The permission bits.
    pub mode: u32,
}

impl Saved {
    fn of(
        change: &FileChange,
        mode: &mut impl FnMut(&RepoPath) -> u32,
        digests: &mut DigestCache,
    ) -> Self {
        let mut old =
            |before: &Vec<u8>| Some(Old { bytes: before.clone(), mode: mode(&change.path) });
        let (before, after) = match &change.action {
            Action::Create { bytes, .. } => (None, Some(bytes)),
            Action::Update { before, bytes, .. } => (old(before), Some(bytes)),
            Action::Delete { before } => (old(before), None),
        };
        let after = after.map(|bytes| digests.bytes(bytes));
        Self { path: change.path.clone(), before, after }
    }

    /// Writes the entry of the file in the manifest.
    fn write_manifest(&self, out: &mut String) {
        let _ = write!(out, r#"{{"path":{},"before":"#, Json::from(self.path.as_str()));
        let _ = match &self.before {
            None => write!(out, "null"),
            Some(old) => {
                write!(out, r#"{{"length":{},"mode":{}}}"#, old.bytes.len(), old.mode)
            }
        };
        let _ = match &self.after {
            None => write!(out, r#","after":null}}"#),
            Some(digest) => write!(out, r#","after":"{digest}"}}"#),
        };
    }

    /// Parses the entry of a file in the manifest; `take` returns the next bytes of the given length.
    fn parse<'b>(file: &Json, take: &mut impl FnMut(&Json) -> Option<&'b [u8]>) -> Option<Self> {
        let before = match &file["before"] {
            Json::Null => None,
            old => Some(Old {
                bytes: take(&old["length"])?.to_vec(),
                mode: u32::try_from(old["mode"].as_u64()?).ok()? & 0o7777,
            }),
        };
        let after = match &file["after"] {
            Json::Null => None,
            digest => Some(Digest::parse(digest.as_str()?)?),
        };
        let path = RepoPath::parse(file["path"].as_str()?).ok().filter(super::can_be_ours)?;
        Some(Self { path, before, after })
    }
}

impl Old {
    /// Returns true if the owner may execute it.
    pub fn is_executable(&self) -> bool {
        self.mode & 0o100 != 0
    }
}

impl Generation {
    /// Makes the generation of plans that are about to be applied together, the shared one first. `mode` returns the
    /// permission bits of an existing file. Number, date and verb are left empty.
    pub fn of(
        plans: &[&Plan],
        mut mode: impl FnMut(&RepoPath) -> u32,
        digests: &mut DigestCache,
    ) -> Self {
        let locks: Vec<SavedLock> = (plans.iter())
            .map(|plan| SavedLock {
                file: plan.lock.file.clone(),
                text: plan.lock.recovered.clone().or_else(|| plan.lock.before.clone()),
                files: (plan.changes.iter())
                    .map(|change| Saved::of(change, &mut mode, digests))
                    .collect(),
            })
            .collect();
        let first = locks.first().and_then(|lock| lock.text.as_deref());
        let next = plans.first().map(|plan| &plan.lock).filter(|lock| !lock.remove_when_empty);
        Self {
            revision_before: first.map(Lock::revision_of).unwrap_or_default(),
            revision_after: next.map(|lock| Lock::revision_of(&lock.next)).unwrap_or_default(),
            locks,
            ..Self::default()
        }
    }

    /// Returns the files that the apply changed.
    pub fn files(&self) -> impl Iterator<Item = &Saved> {
        self.locks.iter().flat_map(|lock| &lock.files)
    }

    /// Returns true if it holds content that may exist nowhere else.
    pub fn holds_bytes(&self) -> bool {
        self.files().any(|file| file.before.is_some())
    }

    /// Returns the content of the file of the generation.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = String::new();
        self.write_manifest(&mut out);
        out.push('\n');
        let mut out = out.into_bytes();
        for lock in &self.locks {
            out.extend_from_slice(lock.text.as_deref().unwrap_or("").as_bytes());
            for old in lock.files.iter().filter_map(|file| file.before.as_ref()) {
                out.extend_from_slice(&old.bytes);
            }
        }
        out.extend_from_slice(LAST_LINE);
        out
    }

    /// Writes the manifest on one line. Written by hand: building a tree of JSON values takes longer than all the rest.
    fn write_manifest(&self, out: &mut String) {
        let Self { number, date, verb, target, continues, .. } = self;
        let text = |text: &str| Json::from(text).to_string();
        let number_of = |number: &Option<u64>| Json::from(*number).to_string();
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            r#"{{"format":{FORMAT},"number":{number},"date":{},"verb":{},"target":{},"continues":{},"#,
            text(date),
            text(verb),
            number_of(target),
            number_of(continues),
        );
        let (before, after) = (text(&self.revision_before), text(&self.revision_after));
        let _ = write!(out, r#""revision_before":{before},"revision_after":{after},"locks":["#);
        for (index, lock) in self.locks.iter().enumerate() {
            out.push_str(if index == 0 { "" } else { "," });
            let length = number_of(&lock.text.as_ref().map(|text| text.len() as u64));
            let _ = write!(out, r#"{{"file":{},"length":{length},"files":["#, text(&lock.file));
            for (index, file) in lock.files.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                file.write_manifest(out);
            }
            out.push_str("]}");
        }
        out.push_str("]}");
    }

    /// Parses the file of a generation; `None` if it is incomplete or not in this format.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let end = memchr::memchr(b'\n', bytes)?;
        let manifest: Json = serde_json::from_slice(bytes.get(..end)?).ok()?;
        let mut rest = bytes.get(end + 1..)?.strip_suffix(LAST_LINE)?;
        if manifest["format"].as_u64()? != FORMAT {
            return None;
        }
        let mut take = |length: &Json| {
            let (taken, left) = rest.split_at_checked(usize::try_from(length.as_u64()?).ok()?)?;
            rest = left;
            Some(taken)
        };
        let mut locks = Vec::new();
        for lock in manifest["locks"].as_array()? {
            let text = match &lock["length"] {
                Json::Null => None,
                length => Some(str::from_utf8(take(length)?).ok()?.to_owned()),
            };
            let files = lock["files"].as_array()?.iter();
            let files = files.map(|file| Saved::parse(file, &mut take)).collect::<Option<_>>()?;
            locks.push(SavedLock { file: lock["file"].as_str()?.to_owned(), text, files });
        }
        if !rest.is_empty() {
            return None;
        }
        let text = |key: &str| manifest[key].as_str().unwrap_or("").to_owned();
        Some(Self {
            number: manifest["number"].as_u64()?,
            date: text("date"),
            verb: text("verb"),
            target: manifest["target"].as_u64(),
            continues: manifest["continues"].as_u64(),
            revision_before: text("revision_before"),
            revision_after: text("revision_after"),
            locks,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_torn_is_not() {
        let path = |text: &str| RepoPath::parse(text).expect("a path");
        let generation = Generation {
            number: 7,
            date: "2026-01-02".to_owned(),
            verb: "sync".to_owned(),
            target: None,
            continues: Some(6),
            revision_before: String::new(),
            revision_after: "abc".to_owned(),
            locks: vec![
                SavedLock {
                    file: "one".to_owned(),
                    text: Some("lock\n".to_owned()),
                    files: vec![
                        Saved {
                            path: path("CLAUDE.md"),
                            before: Some(Old { bytes: b"\nend\n".to_vec(), mode: 0o755 }),
                            after: None,
                        },
                        Saved {
                            path: path(".claude/rules/b.md"),
                            before: None,
                            after: Some(Digest::of_bytes(b"x")),
                        },
                    ],
                },
                SavedLock {
                    file: "two".to_owned(),
                    text: None,
                    files: vec![Saved {
                        path: path(".mcp.json"),
                        before: Some(Old { bytes: vec![0, 255], mode: 0o600 }),
                        after: Some(Digest::of_bytes(b"y")),
                    }],
                },
            ],
        };
        let bytes = generation.to_bytes();
        assert_eq!(Generation::parse(&bytes).as_ref(), Some(&generation));
        for end in 0..bytes.len() {
            assert_eq!(Generation::parse(&bytes[..end]), None, "torn at {end}");
        }
        let none = Generation { locks: Vec::new(), ..generation };
        assert_eq!(Generation::parse(&none.to_bytes()), Some(none));
    }
}
