//! CE111 instructions-marker: fragments with a block marker, which would end the block early.

use crate::agent::{BLOCK_BEGIN, BLOCK_END};
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::layer::ContentKind;
use crate::rule::{Check, ContentContext, Rule};

/// The rule.
pub(super) const RULE: Rule =
    Rule { code: code::INSTRUCTIONS_MARKER, check: Check::Content(check) };

/// Reports markers inside memory fragments.
fn check(context: &ContentContext<'_>, sink: &mut Sink) {
    if context.file.kind != ContentKind::Memory {
        return;
    }
    let Some(text) = context.text else { return };
    for marker in [BLOCK_BEGIN, BLOCK_END] {
        if let Some(at) = memchr::memmem::find(text.as_bytes(), marker.as_bytes()) {
            let message = "a fragment cannot contain a marker of the instructions block";
            sink.push(
                Diagnostic::new(
                    code::INSTRUCTIONS_MARKER,
                    context.span(at..at + marker.len()),
                    message,
                )
                .help("remove the line: claude-env writes the markers itself"),
            );
        }
    }
}
