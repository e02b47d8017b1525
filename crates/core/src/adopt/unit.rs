//! Changes that are adopted together: an edited item appears as a removed and a new one.

use serde_json::Value as Json;

use super::LocalChange;
use crate::workspace::{EntryContent, EntryKey};

/// One or two changes that are adopted or refused together.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// The change.
    pub change: LocalChange,
    /// The new item that replaces a removed one; `None` for any other change.
    pub became: Option<LocalChange>,
}

impl Unit {
    /// Returns its changes.
    pub fn changes(&self) -> impl Iterator<Item = &LocalChange> {
        std::iter::once(&self.change).chain(&self.became)
    }

    fn one(change: LocalChange) -> Self {
        Self { change, became: None }
    }
}

/// Pairs each removed item with the new item that replaces it. Changes of `spare` are used for such pairs only.
pub fn units(changes: Vec<LocalChange>, spare: Vec<LocalChange>) -> Vec<Unit> {
    let (gone, rest): (Vec<LocalChange>, Vec<LocalChange>) = changes.into_iter().partition(is_gone);
    let mut new: Vec<(LocalChange, bool)> = Vec::new();
    let mut units = Vec::new();
    for change in rest {
        match change.entry {
            EntryKey::Item(..) => new.push((change, true)),
            _ => units.push(Unit::one(change)),
        }
    }
    new.extend(spare.into_iter().filter(is_new).map(|change| (change, false)));
    for gone in gone {
        let best = (new.iter().enumerate())
            .filter(|(_, (change, _))| change.path == gone.path && change.key == gone.key)
            .filter_map(|(at, (change, named))| Some((at, likeness(&gone, change, *named)?)))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        let became = best.map(|(at, _)| new.remove(at).0);
        units.push(Unit { change: gone, became });
    }
    units.extend(new.into_iter().filter(|(_, named)| *named).map(|(change, _)| Unit::one(change)));
    units
}

fn is_gone(change: &LocalChange) -> bool {
    matches!(change.entry, EntryKey::Item(..)) && change.actual == EntryContent::Missing
}

fn is_new(change: &LocalChange) -> bool {
    matches!(change.entry, EntryKey::Item(..)) && change.expected.is_none()
}

/// Returns the similarity of two items, from 0 to 1; `None` for unrelated items.
///
/// A `named` item is adopted anyway, so a lower similarity is enough to treat it as a replacement.
fn likeness(gone: &LocalChange, new: &LocalChange, named: bool) -> Option<f64> {
    let (Some(old), EntryContent::Value(new)) = (&gone.expected, &new.actual) else { return None };
    match (old, new) {
        (Json::String(old), Json::String(new)) => {
            // Permission rules must have the same tool: `Read(./.env)`.
            let tool = |text: &str| text.split('(').next().map(str::to_owned);
            let alike = strsim::normalized_levenshtein(old, new);
            let likely = match old.contains('(') {
                true => tool(old) == tool(new) && alike >= if named { 0.5 } else { 0.7 },
                false => alike >= 0.8,
            };
            likely.then_some(alike)
        }
        (Json::Object(old_map), Json::Object(new_map)) => {
            // The matcher or the command of a hook is still the same.
            let shared = old_map.iter().any(|(key, value)| new_map.get(key) == Some(value));
            let alike = strsim::normalized_levenshtein(&old.to_string(), &new.to_string());
            (shared || alike >= 0.85).then_some(alike)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adopt::Audience;
    use crate::source::{KeyPath, RepoPath};
    use crate::workspace::Digest;
    use serde_json::json;

    fn change(old: Option<Json>, new: Option<Json>) -> LocalChange {
        let value = old.clone().or(new.clone()).unwrap_or_default();
        LocalChange {
            path: RepoPath::parse(".claude/settings.json").expect("a path"),
            entry: EntryKey::Item(
                ["permissions", "deny"].into_iter().collect(),
                Digest::of_json(&value),
            ),
            key: KeyPath::parse("permissions.deny").expect("a key"),
            audience: Audience::Shared,
            expected: old,
            expected_text: None,
            actual: new.map_or(EntryContent::Missing, EntryContent::Value),
        }
    }

    /// Whether `old` is taken for what became `new`, when nobody named `new`.
    fn check(old: impl Into<Json>, new: impl Into<Json>, paired: bool) {
        let (old, new) = (old.into(), new.into());
        let units =
            units(vec![change(Some(old.clone()), None)], vec![change(None, Some(new.clone()))]);
        let found = units.first().is_some_and(|unit| unit.became.is_some());
        assert_eq!((units.len(), found), (1, paired), "{old} {new}");
    }

    #[test]
    fn an_edited_item_is_known_by_its_likeness() {
        check(json!("Read(./.env)"), json!("Read(./.envrc)"), true);
        check(json!("Read(./.env)"), json!("Edit(./.env)"), false);
        check(json!("Read(./.env)"), json!("Read(./secrets/**)"), false);
        check(json!("Bash(curl:*)"), json!("Bash(ls:*)"), false);
        let hook = |matcher: &str, command: &str| json!({"matcher": matcher, "hooks": [{"type": "command", "command": command}]});
        check(hook("Bash", "a.sh"), hook("Bash", "b.sh"), true);
        check(hook("Bash", "a.sh"), hook("Bash|Edit", "a.sh"), true);
        check(hook("Bash", "guard.sh"), hook("Write", "format --all"), false);
    }

    #[test]
    fn the_most_alike_is_taken_and_what_is_named_is_never_dropped() {
        let all = vec![
            change(Some(json!("Read(./.env)")), None),
            change(None, Some(json!("Read(./.env.local)"))),
            change(None, Some(json!("Read(./.envs)"))),
        ];
        let units = units(all, Vec::new());
        let held: Vec<_> =
            units.iter().flat_map(Unit::changes).map(|change| &change.actual).collect();
        let value = |text: &str| EntryContent::Value(json!(text));
        assert_eq!(
            held,
            [&EntryContent::Missing, &value("Read(./.envs)"), &value("Read(./.env.local)")]
        );
        assert_eq!(units.len(), 2);
    }
}
