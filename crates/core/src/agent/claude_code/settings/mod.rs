//! What Claude Code knows in `settings.json`: every key, its shape, and what becomes of a bad value.
//!
//! The table holds for the oldest and the newest client that we support, 2.1.197 and 2.1.330: a shape is what both take,
//! and of two reactions to a bad value it names the harsher one. It is plain constant data, sorted by name.

mod keys_a_to_d;
mod keys_e_to_p;
mod keys_q_to_z;
mod permissions_and_hooks;
mod shapes;
mod tools;

use crate::schema::Shape;

pub use permissions_and_hooks::{HANDLER_TYPES, HANDLERS, HOOK_MATCHER, PERMISSIONS};
pub use tools::{TOOLS, is_tool, renamed, replaced};

/// One key of `settings.json`.
#[derive(Debug)]
pub struct Setting {
    /// The name of the key.
    pub name: &'static str,
    /// What both clients take. JSON's null is never in it.
    pub shape: Shape,
    /// What a client does with a value of another shape.
    pub bad: BadValue,
    /// From which sources the key counts.
    pub reach: Reach,
    /// What to write instead, for a key that still works but is on its way out.
    pub deprecated: Option<&'static str>,
    /// One sentence for editors; empty where the name says it all.
    pub doc: &'static str,
}

/// What becomes of a bad value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadValue {
    /// The whole file is discarded, with every other key in it.
    File,
    /// The value is ignored, and `claude doctor` says so.
    Warn,
    /// The value is ignored, and nobody says so.
    Dropped,
}

/// From which sources a key counts, as far as it matters for the files that we render.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Project and local settings both count.
    Everywhere,
    /// Only managed (policy) settings count.
    Managed,
    /// Neither project nor local settings count.
    NotProject,
    /// Local settings count, the committed project file does not.
    NotCommitted,
    /// In project and local settings `false` counts, `true` does not.
    OffOnly,
    /// The client keeps it in `~/.claude.json`.
    GlobalConfig,
    /// The desktop app reads it, Claude Code does not.
    Desktop,
    /// Client 2.1.330 does not know it any more.
    Gone,
    /// Another name, which 2.1.197 does not know, for this key.
    AliasOf(&'static str),
    /// A table of the layer says it; in `[settings]` it is in the wrong place.
    Table(&'static str),
}

const TABLES: [&[Setting]; 3] = [keys_a_to_d::KEYS, keys_e_to_p::KEYS, keys_q_to_z::KEYS];

/// Returns the key with this name.
pub fn setting(name: &str) -> Option<&'static Setting> {
    let starts_after = |table: &&&[Setting]| table.first().is_some_and(|first| first.name <= name);
    let table = TABLES.iter().rev().find(starts_after)?;
    let at = table.binary_search_by(|setting| setting.name.cmp(name)).ok()?;
    table.get(at)
}

/// Returns all keys, sorted by name.
pub fn all() -> impl Iterator<Item = &'static Setting> {
    TABLES.into_iter().flatten()
}

/// Returns a row of the table.
const fn key(
    name: &'static str,
    shape: Shape,
    bad: BadValue,
    reach: Reach,
    doc: &'static str,
) -> Setting {
    Setting { name, shape, bad, reach, deprecated: None, doc }
}

impl Setting {
    const fn deprecated(mut self, instead: &'static str) -> Self {
        self.deprecated = Some(instead);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_every_key_is_found() {
        let names: Vec<&str> = all().map(|setting| setting.name).collect();
        for pair in names.windows(2) {
            assert!(pair[0] < pair[1], "{} before {}", pair[0], pair[1]);
        }
        for name in names {
            assert_eq!(setting(name).map(|found| found.name), Some(name));
        }
        for name in ["", "$", "modell", "zzz", "Model"] {
            assert!(setting(name).is_none(), "{name}");
        }
    }

    #[test]
    fn an_alias_stands_for_a_key_of_the_same_shape() {
        for alias in all() {
            if let Reach::AliasOf(name) = alias.reach {
                let target = setting(name).expect("an alias of a key");
                assert_eq!(alias.shape.words(), target.shape.words());
            }
        }
    }
}
