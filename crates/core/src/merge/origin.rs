//! What a merge remembers beside the values.

use std::sync::Arc;

use crate::source::{KeyPath, Node, Span};

/// A value that a layer's `unset` removed from the layers below it.
#[derive(Clone, Debug)]
pub struct Removal {
    /// What was removed.
    pub path: KeyPath,
    /// The `unset` entry.
    pub by: Span,
    /// The value that was there, with its own history.
    pub removed: Arc<Node>,
}
