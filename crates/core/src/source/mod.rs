//! Texts and the places in them, which every later stage uses.
//!
//! A [`Span`] is a place in a text, a [`Node`] is a parsed value with its span, a [`KeyPath`] names a value of a layer, a
//! [`Pointer`] one of a JSON document, and a [`RepoPath`] names a file. Nothing here does IO.

mod key;
mod node;
mod path;
mod pattern;
mod pointer;
mod same_value;
mod text;

pub use key::{KeyPath, quote_segment};
pub use node::{Kind, Node, Table, Value};
pub use path::{PathError, RepoPath};
pub use pattern::{Pattern, Specificity};
pub use pointer::Pointer;
pub use same_value::SameValue;
pub use text::{Place, SourceId, Sources, Span};
