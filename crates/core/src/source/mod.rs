//! Text with addresses: the vocabulary that every later stage shares.
//!
//! A [`Span`] says where something was written, a [`Node`] is a parsed value that remembers its span, a [`KeyPath`]
//! names a value of a layer, a [`Pointer`]
//! one of a JSON document, and a [`RepoPath`] names a file. Nothing here reads a disk.

mod key;
mod node;
mod path;
mod pattern;
mod pointer;
mod text;

pub use key::{KeyPath, quote_segment};
pub use node::{Kind, Node, Table, Value};
pub use path::{PathError, RepoPath};
pub use pattern::{Pattern, Specificity};
pub use pointer::Pointer;
pub use text::{Place, SourceId, Sources, Span};
