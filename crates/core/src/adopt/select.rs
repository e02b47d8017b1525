//! Finding the entries that command-line arguments name.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::diagnostic::nearest;
use crate::source::{KeyPath, RepoPath};
use crate::workspace::EntryKey;

/// An entry of a workspace, with everything that can name it.
#[derive(Clone, Debug)]
pub struct NamedEntry<'e> {
    /// The file, relative to the root of the workspace.
    pub path: &'e RepoPath,
    /// The entry within the file.
    pub entry: &'e EntryKey,
    /// The key of a layer that defines it.
    pub key: &'e KeyPath,
    /// The value of an item; `None` for any other entry.
    pub item: Option<&'e Json>,
}

/// Why an argument names no entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SelectError {
    /// No entry has the name.
    Unknown {
        /// The argument.
        word: String,
        /// The most similar name; `None` if none is similar.
        meant: Option<String>,
    },
    /// Entries of several files have the name.
    Ambiguous {
        /// The argument.
        word: String,
        /// The files.
        files: Vec<String>,
    },
}

impl NamedEntry<'_> {
    /// Returns all names of the entry within its file.
    fn names(&self) -> Vec<String> {
        let mut names = vec![self.entry.to_string(), self.entry.pointer().to_string()];
        if let Some(item) = self.item {
            let texts = [item.to_string(), item.as_str().unwrap_or_default().to_owned()];
            for name in names.clone() {
                names.extend(texts.iter().map(|text| format!("{name} {text}")));
            }
        }
        names.push(self.key.to_string());
        names.retain(|name| !name.is_empty());
        names
    }

    fn is_called(&self, words: &str) -> bool {
        let words = normal(words);
        self.names().iter().any(|name| normal(name) == words)
    }
}

fn normal(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the indexes of the entries that the arguments name: `FILE`, `FILE ENTRY` in one argument or in two, `ENTRY`, a
/// JSON pointer, or the key of a layer. A file alone names all its entries. Fails when an argument names none, or is
/// ambiguous.
pub fn select(
    words: &[String],
    entries: &[NamedEntry<'_>],
) -> Result<BTreeSet<usize>, SelectError> {
    let mut chosen = BTreeSet::new();
    // The last file, and whether it still stands for all its entries.
    let mut file: Option<(String, bool)> = None;
    let of_file = |path: &str| -> Vec<usize> {
        let is = |named: &&(usize, &NamedEntry<'_>)| named.1.path.as_str() == path;
        let all: Vec<(usize, &NamedEntry<'_>)> = entries.iter().enumerate().collect();
        all.iter().filter(is).map(|(at, _)| *at).collect()
    };
    let called = |path: Option<&str>, words: &str| -> Vec<usize> {
        (entries.iter().enumerate())
            .filter(|(_, named)| path.is_none_or(|path| named.path.as_str() == path))
            .filter(|(_, named)| named.is_called(words))
            .map(|(at, _)| at)
            .collect()
    };
    for word in words {
        let trimmed = word.trim().trim_start_matches("./");
        if !of_file(trimmed).is_empty() {
            if let Some((path, true)) = file.replace((trimmed.to_owned(), true)) {
                chosen.extend(of_file(&path));
            }
            continue;
        }
        if let Some((path, entry)) = trimmed.split_once(char::is_whitespace) {
            let found = called(Some(path), entry);
            if !found.is_empty() {
                chosen.extend(found);
                continue;
            }
        }
        if let Some((path, whole)) = &mut file {
            let found = called(Some(path.as_str()), trimmed);
            if !found.is_empty() {
                *whole = false;
                chosen.extend(found);
                continue;
            }
        }
        let found = called(None, trimmed);
        let files: BTreeSet<&str> =
            found.iter().filter_map(|at| Some(entries.get(*at)?.path.as_str())).collect();
        match files.len() {
            0 => return Err(unknown(word, entries)),
            1 => chosen.extend(found),
            _ => {
                let files = files.into_iter().map(str::to_owned).collect();
                return Err(SelectError::Ambiguous { word: word.clone(), files });
            }
        }
    }
    if let Some((path, true)) = file {
        chosen.extend(of_file(&path));
    }
    Ok(chosen)
}

fn unknown(word: &str, entries: &[NamedEntry<'_>]) -> SelectError {
    let mut known: BTreeSet<String> = BTreeSet::new();
    for named in entries {
        known.insert(named.path.to_string());
        known.extend(named.names());
        known.extend(named.names().into_iter().map(|name| format!("{} {name}", named.path)));
    }
    let near = nearest(word, known.iter().map(String::as_str)).map(str::to_owned);
    SelectError::Unknown { word: word.to_owned(), meant: near }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Digest;
    use serde_json::json;

    fn check(words: &[&str], expect: Result<&[usize], &str>) {
        let path = |text: &str| RepoPath::parse(text).expect("a path");
        let (settings, local, agent) = (
            path(".claude/settings.json"),
            path(".claude/settings.local.json"),
            path(".claude/agents/a.md"),
        );
        let item = json!("Read(./.env)");
        let level = EntryKey::Value(["env", "LEVEL"].into_iter().collect());
        let rule =
            EntryKey::Item(["permissions", "deny"].into_iter().collect(), Digest::of_json(&item));
        let model = EntryKey::Value(["model"].into_iter().collect());
        let key = |text: &str| KeyPath::parse(text).expect("a key");
        let keys = [
            key("environment.LEVEL"),
            key("permissions.deny"),
            key("files.\"agents/a.md\""),
            key("settings.model"),
        ];
        let entries = [
            NamedEntry { path: &settings, entry: &level, key: &keys[0], item: None },
            NamedEntry { path: &settings, entry: &rule, key: &keys[1], item: Some(&item) },
            NamedEntry { path: &local, entry: &level, key: &keys[0], item: None },
            NamedEntry { path: &agent, entry: &EntryKey::File, key: &keys[2], item: None },
            NamedEntry { path: &local, entry: &model, key: &keys[3], item: None },
        ];
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        match (select(&words, &entries), expect) {
            (Ok(found), Ok(expect)) => {
                assert_eq!(found.into_iter().collect::<Vec<_>>(), expect, "{words:?}");
            }
            (Err(SelectError::Unknown { meant, .. }), Err(expect)) => {
                assert_eq!(meant.unwrap_or_default(), expect, "{words:?}");
            }
            (Err(SelectError::Ambiguous { files, .. }), Err(expect)) => {
                assert_eq!(files.join(" "), expect, "{words:?}");
            }
            (found, _) => panic!("{words:?}: {found:?}"),
        }
    }

    #[test]
    fn entries_are_named_as_other_commands_print_them() {
        check(&[], Ok(&[]));
        check(&[".claude/agents/a.md"], Ok(&[3]));
        check(&["./.claude/settings.json"], Ok(&[0, 1]));
        check(&[".claude/settings.json", "env/LEVEL"], Ok(&[0]));
        check(&[".claude/settings.json  env/LEVEL"], Ok(&[0]));
        check(&[".claude/settings.json", ".claude/agents/a.md"], Ok(&[0, 1, 3]));
        check(&["permissions/deny"], Ok(&[1]));
        check(&["/permissions/deny"], Ok(&[1]));
        check(&["permissions/deny  Read(./.env)"], Ok(&[1]));
        check(&["permissions/deny \"Read(./.env)\""], Ok(&[1]));
        check(&["permissions.deny", "model"], Ok(&[1, 4]));
        check(&["env/LEVEL"], Err(".claude/settings.json .claude/settings.local.json"));
        check(&["env/LEVL"], Err("env/LEVEL"));
        check(&["modle"], Err("model"));
        check(&["something else"], Err(""));
    }
}
