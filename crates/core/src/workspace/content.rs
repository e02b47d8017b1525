//! What an entry holds, as a value that can be compared and written.

use std::sync::Arc;

use serde_json::Value as Json;

/// The content of an entry.
#[derive(Clone, Debug, PartialEq)]
pub enum EntryContent {
    /// The entry does not exist.
    Missing,
    /// The value of an entry of a JSON file.
    Value(Json),
    /// The text between the markers of a block.
    Text(String),
    /// A whole file.
    File {
        /// The bytes of the file.
        bytes: Arc<[u8]>,
        /// Whether the owner may execute it.
        executable: bool,
    },
}
