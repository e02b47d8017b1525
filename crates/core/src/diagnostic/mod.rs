//! Findings about the files of users.
//!
//! A [`Diagnostic`] points with spans. [`Diagnostic::locate`] turns it into a [`Finding`], which has files, lines and
//! source lines and can outlive the sources. Every output format is made from findings.

pub mod code;
pub mod escape;
mod excerpt;
mod identity;
mod limit;
pub mod mask;
pub mod secret;

use std::sync::Arc;

use crate::source::{Place, Sources, Span};
use excerpt::Secrets;

pub use code::Code;
pub use excerpt::Excerpt;
pub use identity::{Identity, sort_and_dedup};
pub use limit::{MAX_PER_FILE_AND_CODE, Sink};

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; does not affect the exit code.
    Note,
    /// Probably a mistake; an error with `--strict`.
    Warning,
    /// The configuration cannot be used.
    Error,
}

impl Severity {
    /// Returns the word used in every output format.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// Another place of a diagnostic, with a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// The label.
    pub message: String,
}

/// A problem in the user's files, or a note about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The code.
    pub code: &'static Code,
    /// The severity.
    pub severity: Severity,
    /// What is wrong, as a sentence fragment that can be understood without the source line.
    pub message: String,
    /// The place; the empty range at the start for a whole file.
    pub span: Span,
    /// The label of the place; may be empty.
    pub label: String,
    /// Further places.
    pub others: Vec<Label>,
    /// Why it matters; `None` if the message says it.
    pub note: Option<String>,
    /// What to do; `None` if nothing can be said.
    pub help: Option<String>,
    /// How many further findings of its code in its file it stands for; 0 for one that is shown itself.
    pub further: usize,
}

impl Diagnostic {
    /// Returns a diagnostic with the severity of its code.
    pub fn new(code: &'static Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity,
            message: message.into(),
            span,
            label: String::new(),
            others: Vec::new(),
            note: None,
            help: None,
            further: 0,
        }
    }

    /// Returns true if the severity is error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Sets another severity than that of the code.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Sets the label of the place.
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    /// Adds another place.
    pub fn other(mut self, span: Span, message: impl Into<String>) -> Self {
        self.others.push(Label { span, message: message.into() });
        self
    }

    /// Sets the note: why it matters.
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.note = Some(text.into());
        self
    }

    /// Sets the help: what to do.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Sets the help to the most similar known name, if one is similar enough.
    pub fn did_you_mean<'a>(self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(word, known) {
            Some(name) => self.help(format!("did you mean `{name}`?")),
            None => self,
        }
    }

    /// Resolves all spans. Secrets that this diagnostic marks are masked; [`locate_all`] also masks those of the others.
    pub fn locate(&self, sources: &Sources) -> Finding {
        self.locate_masked(sources, &Secrets::of([self], sources))
    }

    fn locate_masked(&self, sources: &Sources, secrets: &Secrets) -> Finding {
        let at = |span, label: &str| Located::new(sources, span, secrets.mask(label), secrets);
        Finding {
            code: self.code,
            severity: self.severity,
            message: secrets.mask(&self.message),
            at: at(self.span, &self.label),
            others: self.others.iter().map(|label| at(label.span, &label.message)).collect(),
            note: self.note.as_deref().map(|text| secrets.mask(text)),
            help: self.help.as_deref().map(|text| secrets.mask(text)),
            further: self.further,
        }
    }
}

/// Resolves diagnostics in the order of the output: without duplicates, at most [`MAX_PER_FILE_AND_CODE`] of each code in a file, and
/// with every secret masked that any of them marks.
pub fn locate_all(diagnostics: &[Diagnostic], sources: &Sources) -> Vec<Finding> {
    let secrets = Secrets::of(diagnostics, sources);
    let mut findings: Vec<Finding> = (limit::first_of_each(diagnostics).iter())
        .map(|diagnostic| diagnostic.locate_masked(sources, &secrets))
        .collect();
    sort_and_dedup(&mut findings);
    findings
}

/// A place in a file, resolved, with the lines it covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// Path relative to the repository (absolute for files outside).
    pub file: String,
    /// Line and column of the start and the end.
    pub place: Place,
    /// The label; may be empty.
    pub label: String,
    /// The first source lines of the place without the last line's end; secrets and the distant parts of long
    /// lines are replaced by `…`, so the columns of `place` may not apply.
    pub lines: Arc<str>,
    /// The marked byte range in `lines`.
    pub marked: std::ops::Range<usize>,
}

impl Located {
    fn new(sources: &Sources, span: Span, label: String, secrets: &Secrets) -> Self {
        let source = sources.get(span.source);
        let excerpt = Excerpt::new(sources, span, secrets);
        Self {
            file: source.path.clone(),
            place: source.place(span.range()),
            label,
            lines: Arc::from(excerpt.text),
            marked: excerpt.marked,
        }
    }
}

/// A diagnostic with resolved places, for output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The code.
    pub code: &'static Code,
    /// The severity.
    pub severity: Severity,
    /// What is wrong, as a sentence fragment.
    pub message: String,
    /// The place that it is about.
    pub at: Located,
    /// Other places that belong to it.
    pub others: Vec<Located>,
    /// What else there is to know; `None` when nothing is.
    pub note: Option<String>,
    /// What to do; `None` when nothing can be said.
    pub help: Option<String>,
    /// How many further findings of its code in its file it stands for; 0 for one that is shown itself.
    pub further: usize,
}

/// The longest name, in characters, for which a similar one is searched.
const MAX_NAME: usize = 100;

/// Returns the known name that is most similar to a misspelled one; `None` if none is similar enough.
///
/// Ignores case, and treats `-` and `_` as equal.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace('-', "_");
    let length = word.chars().count();
    // Comparing takes the product of both lengths. Nobody misspells such a name; they paste it.
    if length > MAX_NAME {
        return None;
    }
    let word = plain(word);
    let allowed = (length / 3).max(1);
    known
        .into_iter()
        .filter(|name| name.chars().count().abs_diff(length) <= allowed)
        .map(|name| (strsim::damerau_levenshtein(&word, &plain(name)), name))
        .filter(|&(distance, _)| distance <= allowed)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_forgives_small_slips_only() {
        let known = ["permissions", "environment", "mcp_servers", "hooks"];
        assert_eq!(nearest("permision", known), Some("permissions"));
        assert_eq!(nearest("mcp-servers", known), Some("mcp_servers"));
        assert_eq!(nearest("Hooks", known), Some("hooks"));
        assert_eq!(nearest("banana", known), None);
    }
}
