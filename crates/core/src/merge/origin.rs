//! The values that a merge removed.

use std::sync::Arc;

use crate::source::{KeyPath, Node, Span};

/// A value that a layer's `unset` removed from the layers below it.
#[derive(Clone, Debug)]
pub struct Removal {
    /// The key of the value.
    pub path: KeyPath,
    /// The `unset` entry.
    pub by: Span,
    /// The removed value, with the values that it shadowed.
    pub removed: Arc<Node>,
}
