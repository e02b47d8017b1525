//! Places inside string values.

use crate::source::{Node, Sources, Span};

/// Returns the place of a fragment of a string value; the whole value if it is written with escapes, or more than once.
pub(super) fn place_of(sources: &Sources, node: &Node, fragment: &str) -> Span {
    let source = sources.get(node.span.source);
    let written = source.text.get(node.span.range()).unwrap_or_default();
    let mut found = memchr::memmem::find_iter(written.as_bytes(), fragment.as_bytes());
    match (found.next(), found.next()) {
        (Some(at), None) if !fragment.is_empty() => node.span.part(at..at + fragment.len()),
        _ => node.span,
    }
}
