//! Spans inside strings.

use std::ops::Range;

use crate::source::{Node, Sources, Span};

/// Returns the place of a byte range of a string's text; the whole string if it has escapes.
pub(super) fn part(sources: &Sources, node: &Node, range: Range<usize>) -> Span {
    let source = sources.get(node.span.source);
    let written = source.text.get(node.span.range()).unwrap_or_default();
    let text = node.as_str().unwrap_or_default();
    let quotes = (written.len().saturating_sub(text.len())) / 2;
    let same = written.get(quotes..written.len().saturating_sub(quotes)) == Some(text);
    if same && !range.is_empty() {
        node.span.part(range.start + quotes..range.end + quotes)
    } else {
        node.span
    }
}
