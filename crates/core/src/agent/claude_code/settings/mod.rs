//! The keys of `settings.json`: their shapes, and what Claude Code does with invalid values.
//!
//! The table is for the oldest and the newest supported version, 2.1.197 and 2.1.332: a shape is what both accept, and of
//! two reactions to an invalid value it has the more severe one. It is constant data, sorted by name.

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
    /// The values that both versions accept; never null.
    pub shape: Shape,
    /// What Claude Code does with any other value.
    pub bad: BadValue,
    /// The settings files in which the key has an effect.
    pub reach: Reach,
    /// What to write instead of a deprecated key; `None` for any other key.
    pub deprecated: Option<&'static str>,
    /// The first version that is known to have the key; `None` if the oldest supported version has it.
    pub since: Option<&'static str>,
    /// One sentence for editors; may be empty.
    pub doc: &'static str,
}

/// What Claude Code does with an invalid value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadValue {
    /// It discards the whole file.
    File,
    /// It ignores the value, and `claude doctor` reports it.
    Warn,
    /// It ignores the value silently.
    Dropped,
}

/// The settings files in which a key has an effect, as far as it matters for rendered files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Project and local settings.
    Everywhere,
    /// Managed (policy) settings only.
    Managed,
    /// Neither project nor local settings.
    NotProject,
    /// Local settings, but not the committed project settings.
    NotCommitted,
    /// Project and local settings for `false`; they cannot set `true`.
    OffOnly,
    /// None: the key belongs in `~/.claude.json`.
    GlobalConfig,
    /// None: only the desktop app reads the key.
    Desktop,
    /// None from 2.1.330 on, which removed the key.
    Gone,
    /// The key is another name, unknown to 2.1.197, of this key.
    AliasOf(&'static str),
    /// The key belongs in this table of the layer, not in `[settings]`.
    Table(&'static str),
}

const TABLES: [&[Setting]; 3] = [keys_a_to_d::KEYS, keys_e_to_p::KEYS, keys_q_to_z::KEYS];

/// Returns the key with this name; `None` if Claude Code does not know it.
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
    Setting { name, shape, bad, reach, deprecated: None, since: None, doc }
}

impl Setting {
    const fn since(mut self, version: &'static str) -> Self {
        self.since = Some(version);
        self
    }

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
