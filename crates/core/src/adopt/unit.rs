//! What is adopted together: an item that was edited is one that is gone and one that is new.

use serde_json::Value as Json;

use super::{Held, Wish};
use crate::workspace::EntryKey;

/// One or two entries that are adopted or refused as one.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    pub wish: Wish,
    /// What was made of the item that is gone.
    pub became: Option<Wish>,
}

impl Unit {
    /// Its entries.
    pub fn wishes(&self) -> impl Iterator<Item = &Wish> {
        std::iter::once(&self.wish).chain(&self.became)
    }

    fn one(wish: Wish) -> Self {
        Self { wish, became: None }
    }
}

/// Finds for each item that is gone the new one that it was made into. Of `spare` only such items are taken.
pub fn units(wishes: Vec<Wish>, spare: Vec<Wish>) -> Vec<Unit> {
    let (gone, rest): (Vec<Wish>, Vec<Wish>) = wishes.into_iter().partition(is_gone);
    let mut new: Vec<(Wish, bool)> = Vec::new();
    let mut units = Vec::new();
    for wish in rest {
        match wish.entry {
            EntryKey::Item(..) => new.push((wish, true)),
            _ => units.push(Unit::one(wish)),
        }
    }
    new.extend(spare.into_iter().filter(is_new).map(|wish| (wish, false)));
    for gone in gone {
        let best = (new.iter().enumerate())
            .filter(|(_, (wish, _))| wish.path == gone.path && wish.key == gone.key)
            .filter_map(|(at, (wish, named))| Some((at, likeness(&gone, wish, *named)?)))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        let became = best.map(|(at, _)| new.remove(at).0);
        units.push(Unit { wish: gone, became });
    }
    units.extend(new.into_iter().filter(|(_, named)| *named).map(|(wish, _)| Unit::one(wish)));
    units
}

fn is_gone(wish: &Wish) -> bool {
    matches!(wish.entry, EntryKey::Item(..)) && wish.actual == Held::Nothing
}

fn is_new(wish: &Wish) -> bool {
    matches!(wish.entry, EntryKey::Item(..)) && wish.expected.is_none()
}

/// How alike two items are, from 0 to 1; `None` for items that have nothing to do with each other.
///
/// What is named is adopted in any case; then likeness only says whether it takes the place of the other.
fn likeness(gone: &Wish, new: &Wish, named: bool) -> Option<f64> {
    let (Some(old), Held::Value(new)) = (&gone.expected, &new.actual) else { return None };
    match (old, new) {
        (Json::String(old), Json::String(new)) => {
            // Permission rules are of one tool: `Read(./.env)`.
            let tool = |text: &str| text.split('(').next().map(str::to_owned);
            let alike = strsim::normalized_levenshtein(old, new);
            let likely = match old.contains('(') {
                true => tool(old) == tool(new) && alike >= if named { 0.5 } else { 0.7 },
                false => alike >= 0.8,
            };
            likely.then_some(alike)
        }
        (Json::Object(old_map), Json::Object(new_map)) => {
            // The matcher of a hook, or what it runs, is still the same.
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

    fn wish(old: Option<Json>, new: Option<Json>) -> Wish {
        let value = old.clone().or(new.clone()).unwrap_or_default();
        Wish {
            path: RepoPath::parse(".claude/settings.json").expect("a path"),
            entry: EntryKey::Item("/permissions/deny".into(), Digest::of_json(&value)),
            key: KeyPath::parse("permissions.deny").expect("a key"),
            audience: Audience::Everyone,
            expected: old,
            expected_text: None,
            actual: new.map_or(Held::Nothing, Held::Value),
        }
    }

    /// Whether `old` is taken for what became `new`, when nobody named `new`.
    fn check(old: impl Into<Json>, new: impl Into<Json>, paired: bool) {
        let (old, new) = (old.into(), new.into());
        let units = units(vec![wish(Some(old.clone()), None)], vec![wish(None, Some(new.clone()))]);
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
            wish(Some(json!("Read(./.env)")), None),
            wish(None, Some(json!("Read(./.env.local)"))),
            wish(None, Some(json!("Read(./.envs)"))),
        ];
        let units = units(all, Vec::new());
        let held: Vec<_> = units.iter().flat_map(Unit::wishes).map(|wish| &wish.actual).collect();
        let value = |text: &str| Held::Value(json!(text));
        assert_eq!(held, [&Held::Nothing, &value("Read(./.envs)"), &value("Read(./.env.local)")]);
        assert_eq!(units.len(), 2);
    }
}
