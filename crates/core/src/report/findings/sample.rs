//! Findings for the tests of all formats.

use crate::diagnostic::{Code, Diagnostic, Finding, Severity, code, locate_all};
use crate::source::{SourceId, Sources, Span};

/// Texts and the diagnostics about them.
#[derive(Default)]
pub(super) struct Sample {
    sources: Sources,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Sample {
    /// Adds a text whose marked part stands between `«` and `»`, and returns the span of that part.
    pub(super) fn text(&self, path: &str, marked: &str) -> Span {
        let start = marked.find('«').unwrap_or(0);
        let text = marked.replace('«', "");
        let end = text.find('»').unwrap_or(start);
        let id: SourceId = self.sources.add(path, "base", text.replace('»', ""));
        Span::new(id, start..end)
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        locate_all(&self.diagnostics, &self.sources)
    }

    /// The finding of one diagnostic.
    pub(super) fn finding(&self, diagnostic: &Diagnostic) -> Finding {
        diagnostic.locate(&self.sources)
    }
}

/// One finding about one text.
pub(super) fn one(code: &'static Code, marked: &str, message: &str) -> Finding {
    let sample = Sample::default();
    let span = sample.text("base/layer.toml", marked);
    sample.finding(&Diagnostic::new(code, span, message))
}

/// A finding that uses everything a finding can have.
pub(super) fn full() -> Finding {
    let sample = Sample::default();
    let base = sample.text("base/layer.toml", "[settings]\n«model» = \"opus\"\n");
    let team = sample.text("teams/payments/layer.toml", "# ours\n\n[settings.«model»]\nname = 1\n");
    let diagnostic = Diagnostic::new(code::TYPE_CLASH, team, "`settings.model` is a table here")
        .label("a table")
        .other(base, "a string in a lower layer")
        .note("layers must agree on the type of a value")
        .help("unset `settings.model` first, then set it");
    sample.finding(&diagnostic)
}

/// A warning about a whole file, whose name is not plain.
pub(super) fn whole_file() -> Finding {
    let mut finding = one(code::MISPLACED_FILE, "# Notes\n", "nothing reads this file");
    finding.at.file = "base/no tes,100%:é.md".to_owned();
    finding.help = Some("move it to `base/memory/`\nor delete it".to_owned());
    finding
}

/// A note about a list that spans lines.
pub(super) fn several_lines() -> Finding {
    let text = "a = 1\nb = «[\n  1,\n  2,\n]»\nc = 3\n";
    let mut finding = one(code::MERGE_STRATEGY, text, "several lines");
    finding.severity = Severity::Note;
    finding
}
