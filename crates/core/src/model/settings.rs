//! The keys of `.claude/settings.json`, gathered from the tables of a layer that feed it.

use std::sync::Arc;

use crate::source::Node;

/// One top-level key of the settings file.
#[derive(Clone, Debug)]
pub struct Setting {
    pub name: Arc<str>,
    pub value: Arc<Node>,
}

/// Tables of a layer that are keys of the settings file, with the key's name there.
const TABLES: &[(&str, &str)] =
    &[("environment", "env"), ("permissions", "permissions"), ("hooks", "hooks")];

/// Reads the settings of a merged configuration: `[settings]` first, then the tables with a name of their own.
pub(super) fn read(root: &Node) -> Vec<Setting> {
    let own = root.get("settings").and_then(|node| node.as_table());
    let own = own
        .into_iter()
        .flatten()
        .map(|(name, value)| Setting { name: Arc::clone(name), value: Arc::clone(value) });
    let tables = TABLES.iter().filter_map(|(table, name)| {
        let value = Arc::clone(root.get(table)?);
        Some(Setting { name: Arc::from(*name), value })
    });
    own.chain(tables).collect()
}
