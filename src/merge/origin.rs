//! What a merge remembers beside the values.

use std::sync::Arc;

use crate::source::{KeyPath, Node, Span};

/// A value that a layer's `unset` removed from the layers below it.
#[derive(Clone, Debug)]
pub(crate) struct Removal {
    /// What was removed.
    pub(crate) path: KeyPath,
    /// The `unset` entry.
    pub(crate) by: Span,
    /// The value that was there, with its own history.
    pub(crate) removed: Arc<Node>,
}
