//! Diagnostics for misfits.

use super::shape::{Misfit, Problem};
use crate::diagnostic::{Diagnostic, code};

impl Problem {
    /// Returns the diagnostic for a misfit in a layer, a manifest or a binding.
    pub fn diagnostic(&self) -> Diagnostic {
        let Problem { misfit, path, span } = self;
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
}
