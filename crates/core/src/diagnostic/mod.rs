//! What we tell people about their files: data first, text last.
//!
//! A [`Diagnostic`] points with spans. [`Diagnostic::locate`] turns it into a [`Finding`], which knows files, lines and the
//! source line and can outlive the sources; every output format is made from findings.

pub mod code;
pub mod escape;
mod excerpt;
mod identity;

use std::sync::Arc;

use crate::source::{Place, Sources, Span};
use excerpt::Secrets;

pub use code::Code;
pub use excerpt::Excerpt;
pub use identity::{Identity, sort_and_dedup};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; changes no exit code.
    Note,
    /// Probably not what was meant; an error under `--strict`.
    Warning,
    /// The configuration cannot be used as it stands.
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

/// A second place that belongs to a diagnostic, with what is to be seen there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is to be seen there.
    pub message: String,
}

/// A problem in the user's files, or something worth telling about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which problem it is.
    pub code: &'static Code,
    /// How severe it is.
    pub severity: Severity,
    /// One sentence fragment that stands without the source line: what is wrong.
    pub message: String,
    /// Where; a whole-file problem points at the empty range at the start.
    pub span: Span,
    /// What is written under the underlined text; may be empty.
    pub label: String,
    /// Further places.
    pub others: Vec<Label>,
    /// Why it matters, where the message does not say it.
    pub note: Option<String>,
    /// What to do next.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Returns a diagnostic with its code's own severity.
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
        }
    }

    /// Returns true if the configuration cannot be used with this in it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Sets another severity than the code's own.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Sets what stands under the underlined text.
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    /// Adds a second place.
    pub fn other(mut self, span: Span, message: impl Into<String>) -> Self {
        self.others.push(Label { span, message: message.into() });
        self
    }

    /// Says why it matters.
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.note = Some(text.into());
        self
    }

    /// Says what to do next.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Suggests the nearest of the known names, if one is near enough.
    pub fn did_you_mean<'a>(self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(word, known) {
            Some(name) => self.help(format!("did you mean `{name}`?")),
            None => self,
        }
    }

    /// Resolves all spans. A secret that this diagnostic marks is masked; [`locate_all`] masks those of its neighbours too.
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
        }
    }
}

/// Resolves diagnostics in their final order, without repetitions, and with every secret masked that one of them marks.
pub fn locate_all(diagnostics: &[Diagnostic], sources: &Sources) -> Vec<Finding> {
    let secrets = Secrets::of(diagnostics, sources);
    let mut findings: Vec<Finding> =
        diagnostics.iter().map(|diagnostic| diagnostic.locate_masked(sources, &secrets)).collect();
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
    /// What is to be seen there; may be empty.
    pub label: String,
    /// The first source lines of the place without the last line's end; secrets and the far parts of long lines are
    /// replaced by `…`, so the columns of `place` need not hold here.
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

/// A diagnostic whose places are resolved: what every output format shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which problem it is.
    pub code: &'static Code,
    /// How severe it is.
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
}

/// Where diagnostics go while files are read and checked.
#[derive(Debug, Default)]
pub struct Sink {
    diagnostics: Vec<Diagnostic>,
}

impl Sink {
    /// Takes a diagnostic.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Returns true if an error was taken.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// Returns all diagnostics, in the order in which they came.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }
}

impl Extend<Diagnostic> for Sink {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: I) {
        self.diagnostics.extend(diagnostics);
    }
}

/// Returns the known name nearest to a misspelt one, if it is near enough to be meant.
///
/// Compares without regard to case, and reads `-` and `_` alike.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace('-', "_");
    let word = plain(word);
    let allowed = (word.chars().count() / 3).max(1);
    known
        .into_iter()
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
