//! CE010 unknown-key, CE011 wrong-type, CE012 invalid-value, CE013 missing-key: what a shape does not allow.

use super::{Check, DocumentContext, Rule};
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::model::shape::{Misfit, Problem};

/// The rule; the other three codes are found on the way.
pub(super) const RULE: Rule = Rule { code: code::UNKNOWN_KEY, check: Check::Document(document) };

/// Reports the misfits of a layer's document.
fn document(context: &DocumentContext<'_>, sink: &mut Sink) {
    sink.extend(context.problems.iter().map(shape_diagnostic));
}

/// A misfit as a diagnostic; also used for the manifest and for bindings.
pub fn shape_diagnostic(problem: &Problem) -> Diagnostic {
    let Problem { misfit, path, span } = problem;
    match misfit {
        Misfit::UnknownKey { table } => {
            let key = path.segments().last().map_or("", |key| key.as_ref());
            let names = || table.fields.iter().map(|field| field.name);
            let message = format!("unknown key `{path}`");
            let known: Vec<String> = names().map(|name| format!("`{name}`")).collect();
            Diagnostic::new(code::UNKNOWN_KEY, *span, message)
                .label(format!("not a key of a {}", table.name))
                .note(format!("a {} has the keys {}", table.name, known.join(", ")))
                .did_you_mean(key, names())
        }
        Misfit::MissingKey { table, field } => {
            let place = if path.is_empty() { String::new() } else { format!(" in `{path}`") };
            let message = format!("the key `{}` is missing{place}", field.name);
            Diagnostic::new(code::MISSING_KEY, *span, message)
                .label(format!("this {} needs `{}`", table.name, field.name))
                .help(format!("add it: {}", field.doc))
        }
        Misfit::WrongType { expected, found } => {
            Diagnostic::new(code::WRONG_TYPE, *span, format!("`{path}` must be {expected}"))
                .label(format!("this is {found}"))
        }
        Misfit::InvalidValue { expected, known } => {
            let message = format!("`{path}` must be {expected}");
            let diagnostic = Diagnostic::new(code::INVALID_VALUE, *span, message);
            match known.first() {
                Some(first) => diagnostic.help(format!("for instance `{first}`")),
                None => diagnostic,
            }
        }
    }
}
