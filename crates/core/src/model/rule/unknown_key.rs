//! CE010 unknown-key, CE011 wrong-type, CE012 invalid-value, CE013 missing-key: documents that do not match their schema.

use crate::diagnostic::{Sink, code};
use crate::rule::{Check, DocumentContext, Rule};
use crate::schema::Problem;

/// The rule, which also reports the other three codes.
pub(super) const RULE: Rule = Rule { code: code::UNKNOWN_KEY, check: Check::Document(document) };

/// Reports the misfits of a layer's document.
fn document(context: &DocumentContext<'_>, sink: &mut Sink) {
    sink.extend(context.problems.iter().map(Problem::diagnostic));
}
