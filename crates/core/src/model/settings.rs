//! The keys of the agent's settings, collected from the tables of a layer.

use std::sync::Arc;

use crate::agent::{Content, Target, target_of};
use crate::source::Node;

/// One top-level key of the settings file.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The name of the key.
    pub name: Arc<str>,
    /// The value, with its place.
    pub value: Arc<Node>,
    /// Whether the layer has a table of its own for the key.
    pub is_table_of_layer: bool,
}

/// Reads the settings of a merged configuration: `[settings]` first, then the other tables.
pub(super) fn read(root: &Node) -> Vec<Setting> {
    let own = root.get("settings").and_then(|node| node.as_table());
    let own = own.into_iter().flatten().map(|(name, value)| Setting {
        name: Arc::clone(name),
        value: Arc::clone(value),
        is_table_of_layer: false,
    });
    let format = target_of(Content::Settings).and_then(Target::json);
    let tables =
        format.map_or(&[][..], |format| format.tables).iter().filter_map(|(name, table)| {
            let value = Arc::clone(root.get(table)?);
            Some(Setting { name: Arc::from(*name), value, is_table_of_layer: true })
        });
    own.chain(tables).collect()
}
