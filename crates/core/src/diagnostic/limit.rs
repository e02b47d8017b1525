//! How many findings are kept: a file of a megabyte can have a mistake in every byte.

use std::collections::HashMap;

use super::{Code, Diagnostic, code};
use crate::source::{SourceId, Span};

/// The most findings of one code in one file that are shown. The others are counted.
pub const MAX_PER_FILE_AND_CODE: usize = 100;

type Key = (SourceId, &'static str);

/// Where diagnostics go while files are read and checked.
///
/// Keeps the first [`MAX_PER_FILE_AND_CODE`] of each code in each text, and counts the others. Secrets are all kept, because whatever is
/// shown must be masked by them.
#[derive(Debug, Default)]
pub struct Sink {
    diagnostics: Vec<Diagnostic>,
    counts: HashMap<Key, usize>,
    /// The place in `diagnostics` of the one that stands for all that are not kept.
    further: HashMap<Key, usize>,
}

impl Sink {
    /// Takes a diagnostic.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let key = (diagnostic.span.source, diagnostic.code.id);
        if diagnostic.code == code::SECRET_LITERAL || diagnostic.further > 0 {
            self.diagnostics.push(diagnostic);
            return;
        }
        let count = self.counts.entry(key).or_default();
        *count += 1;
        if *count <= MAX_PER_FILE_AND_CODE {
            self.diagnostics.push(diagnostic);
            return;
        }
        let known = self.further.get(&key).and_then(|&at| self.diagnostics.get_mut(at));
        match known {
            Some(known) => {
                let severity = known.severity.max(diagnostic.severity);
                known.stand_for(known.further + 1, severity);
            }
            None => {
                self.further.insert(key, self.diagnostics.len());
                self.diagnostics.push(Diagnostic::for_further(&diagnostic, 1));
            }
        }
    }

    /// Takes a diagnostic that is expensive to describe: `describe` is called only if it is kept.
    pub fn push_with(
        &mut self,
        code: &'static Code,
        span: Span,
        describe: impl FnOnce() -> Diagnostic,
    ) {
        match self.is_full(code, span) {
            true => self.push(Diagnostic::new(code, span, "")),
            false => self.push(describe()),
        }
    }

    /// Returns true if a diagnostic of this code at this place would only be counted, so that its words need not be made.
    pub fn is_full(&self, code: &'static Code, span: Span) -> bool {
        let count = self.counts.get(&(span.source, code.id)).copied().unwrap_or_default();
        count >= MAX_PER_FILE_AND_CODE
    }

    /// Returns true if an error was taken.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// Returns all diagnostics that were kept, in the order in which they came.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }
}

impl Extend<Diagnostic> for Sink {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: I) {
        diagnostics.into_iter().for_each(|diagnostic| self.push(diagnostic));
    }
}

impl Diagnostic {
    fn for_further(first: &Self, further: usize) -> Self {
        let mut diagnostic = Self::new(first.code, first.span, "");
        diagnostic.stand_for(further, first.severity);
        diagnostic
    }

    fn stand_for(&mut self, further: usize, severity: super::Severity) {
        self.further = further;
        self.severity = severity;
        let findings = if further == 1 { "finding" } else { "findings" };
        self.message = format!("and {further} more {findings} of {} in this file", self.code.id);
    }
}

/// Returns the diagnostics that are shown: each once, of each code the first ones of a file, and one for all others.
pub(super) fn first_of_each(diagnostics: &[Diagnostic]) -> Vec<Diagnostic> {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| a.further.cmp(&b.further)));
    sorted.dedup_by(|b, a| key(a) == key(b) && a.further == b.further);
    let mut counts: HashMap<Key, usize> = HashMap::new();
    let mut shown: Vec<Diagnostic> = Vec::new();
    let mut rest: HashMap<Key, Diagnostic> = HashMap::new();
    for diagnostic in sorted {
        let key = (diagnostic.span.source, diagnostic.code.id);
        let count = counts.entry(key).or_default();
        let further = if diagnostic.further > 0 {
            diagnostic.further
        } else if *count < MAX_PER_FILE_AND_CODE {
            *count += 1;
            shown.push(diagnostic.clone());
            continue;
        } else {
            1
        };
        match rest.get_mut(&key) {
            Some(known) => {
                let severity = known.severity.max(diagnostic.severity);
                known.stand_for(known.further + further, severity);
            }
            None => {
                rest.insert(key, Diagnostic::for_further(diagnostic, further));
            }
        }
    }
    shown.extend(rest.into_values());
    shown
}

fn key(diagnostic: &Diagnostic) -> (SourceId, u32, u32, &'static str, &str) {
    let Span { source, start, end } = diagnostic.span;
    (source, start, end, diagnostic.code.id, &diagnostic.message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Severity, locate_all};
    use crate::source::Sources;

    /// Pushes `errors` errors and `warnings` warnings of one code into each of two files, and returns what is shown, by file.
    fn check(errors: usize, warnings: usize, expect: &[(usize, Option<(&str, Severity)>)]) {
        let sources = Sources::default();
        let mut sink = Sink::default();
        let text = "x".repeat(errors + warnings);
        for file in ["a", "b"] {
            let source = sources.add(file, "", text.as_str());
            for at in 0..errors + warnings {
                let severity = if at < errors { Severity::Error } else { Severity::Warning };
                let span = Span::new(source, at..at + 1);
                sink.push(Diagnostic::new(code::TOML_SYNTAX, span, "wrong").severity(severity));
            }
            assert_eq!(
                sink.is_full(code::TOML_SYNTAX, Span::new(source, 0..0)),
                errors + warnings >= MAX_PER_FILE_AND_CODE
            );
        }
        assert_eq!(sink.has_errors(), errors > 0);
        let findings = locate_all(&sink.into_diagnostics(), &sources);
        let shown: Vec<_> = ["a", "b"]
            .map(|file| {
                let of_file = || findings.iter().filter(|finding| finding.at.file == file);
                let further = of_file().find(|finding| finding.further > 0);
                let plain = of_file().filter(|finding| finding.further == 0).count();
                (plain, further.map(|finding| (finding.message.as_str(), finding.severity)))
            })
            .to_vec();
        assert_eq!(shown, expect);
    }

    #[test]
    fn what_is_not_shown_is_counted() {
        check(2, 1, &[(3, None), (3, None)]);
        check(100, 0, &[(100, None), (100, None)]);
        let one = Some(("and 1 more finding of CE001 in this file", Severity::Warning));
        check(100, 1, &[(100, one), (100, one)]);
        let many = Some(("and 1134 more findings of CE001 in this file", Severity::Error));
        check(1234, 0, &[(100, many), (100, many)]);
    }

    #[test]
    fn scopes_that_say_the_same_say_it_once() {
        let sources = Sources::default();
        let source = sources.add("a", "", "x");
        let one = Diagnostic::new(code::TOML_SYNTAX, Span::new(source, 0..1), "wrong");
        assert_eq!(first_of_each(&[one.clone(), one.clone()]), [one]);
    }
}
