//! The answer of `check`, and findings in every format, one format per file.
//!
//! - [`text`]: for a terminal, with the source lines
//! - [`json`]: objects, for scripts
//! - [`markdown`]: a table, for a comment
//! - [`sarif`]: SARIF 2.1.0, for code scanning
//! - [`github`]: workflow commands, which become annotations
//!
//! Secrets are masked before: a [`Finding`] holds none. What could drive a terminal or hide text from a
//! reader is escaped here, in [`escape`](crate::diagnostic::escape).

pub mod github;
pub mod json;
pub mod markdown;
#[cfg(test)]
mod sample;
pub mod sarif;
pub mod text;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Style, Text, count};
use crate::diagnostic::Finding;
pub(super) use json::as_findings;

/// What `check` found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Check {
    /// By file, then place.
    #[serde(serialize_with = "as_findings")]
    #[schemars(with = "Vec<json::Finding>")]
    pub findings: Vec<Finding>,
    /// How many layers were checked.
    #[serde(skip)]
    pub layers: usize,
    /// How many scopes were checked.
    #[serde(skip)]
    pub scopes: usize,
}

impl Check {
    /// Creates the answer of `check`, with how many layers and scopes were checked.
    pub fn new(findings: Vec<Finding>, layers: usize, scopes: usize) -> Self {
        Self { findings, layers, scopes }
    }

    /// Returns the findings with their source lines, and how many there are.
    pub fn text(&self, style: Style) -> Text {
        let mut text = Text::default();
        text.result(text::render(&self.findings, style.for_result()));
        text.remark(self.summary());
        text
    }

    /// Returns the findings as a comment: how many there are, and a table.
    pub fn markdown(&self) -> String {
        markdown::render(&self.findings, &self.summary())
    }

    fn summary(&self) -> String {
        let (layers, scopes) = (count(self.layers, "layer"), count(self.scopes, "scope"));
        format!("{}; checked {layers} and {scopes}", text::summary(&self.findings))
    }
}

/// Returns the message with its note and help, each on a line, for formats that have no fields for them.
fn full_text(finding: &Finding) -> String {
    let mut text = finding.message.clone();
    for (word, more) in [("note", &finding.note), ("help", &finding.help)] {
        if let Some(more) = more {
            text.push_str(&format!("\n{word}: {more}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::text::Look;
    use super::*;
    use crate::diagnostic::{Diagnostic, code, escape};
    use crate::workspace::testing::Random;
    use sample::Sample;

    /// All formats, by name.
    fn every_format(findings: &[Finding]) -> [(&'static str, String); 7] {
        let check = Check::new(findings.to_vec(), 1, 1);
        let look = |color, width| Look { color, width };
        [
            ("human", text::render(findings, look(false, 100))),
            ("human, narrow and colored", text::render(findings, look(true, 1))),
            ("json", crate::report::json_line(&check)),
            ("pretty json", crate::report::json(&check)),
            ("markdown", check.markdown()),
            ("sarif", sarif::render("check", findings, true)),
            ("github", github::render(findings)),
        ]
    }

    const SECRET: &str = "sk-ant-api03-0123456789abcdef";

    /// Everything said about a secret, by any finding, in any format, shows no more than its first four characters.
    fn check_secret(sample: &Sample) {
        for (format, text) in every_format(&sample.findings()) {
            assert!(!text.contains(&SECRET[..8]), "{format} shows the beginning\n{text}");
            assert!(!text.contains(&SECRET[8..16]), "{format} shows the middle\n{text}");
            assert!(!text.contains(&SECRET[21..]), "{format} shows the end\n{text}");
        }
    }

    #[test]
    fn no_format_shows_a_secret() {
        let mut sample = Sample::default();
        let span =
            sample.text("base/layer.toml", &format!("env = {{ A = «\"{SECRET}\"» }} # {SECRET}\n"));
        let message = format!("`{SECRET}` looks like a secret");
        let mut secret = Diagnostic::new(code::SECRET_LITERAL, span, message)
            .label(format!("{SECRET} is here"))
            .note(format!("{SECRET} was seen"))
            .help(format!("replace {SECRET}"));
        let again = sample.text("teams/a/layer.toml", &format!("b = «'{SECRET}'»\n"));
        secret = secret.other(again, format!("and {SECRET} here"));
        sample.diagnostics.push(secret);
        check_secret(&sample);
        let shown = text::render(&sample.findings(), Look { color: false, width: 100 });
        assert!(shown.contains("env = { A = \"sk-a…\" } # sk-a…\n"), "{shown}");
        let alone: Vec<Finding> = sample.diagnostics.iter().map(|d| sample.finding(d)).collect();
        for (format, text) in every_format(&alone) {
            assert!(!text.contains(&SECRET[..8]), "{format}\n{text}");
        }
    }

    #[test]
    fn a_secret_is_masked_in_its_neighbours_too() {
        let mut sample = Sample::default();
        let whole = sample.text("a.toml", &format!("«tokn = \"{SECRET}\"»\n[x]\n"));
        sample.diagnostics = vec![
            Diagnostic::new(code::UNKNOWN_KEY, whole.part(0..4), "`tokn` is not known"),
            Diagnostic::new(code::INVALID_VALUE, whole.part(10..14), format!("{SECRET}?")),
            Diagnostic::new(code::SECRET_LITERAL, whole.part(7..99), "looks like a secret"),
        ];
        check_secret(&sample);
    }

    #[test]
    fn a_secret_of_many_lines_or_without_a_mark_is_masked() {
        let mut sample = Sample::default();
        let lines = format!("k = «\"\"\"-----BEGIN\n{SECRET}\n{SECRET}\n\"\"\"»\n");
        let span = sample.text("a.toml", &lines);
        sample.diagnostics = vec![
            Diagnostic::new(code::SECRET_LITERAL, span, "looks like a key"),
            Diagnostic::new(code::WRONG_TYPE, span.part(20..25), "in the middle of it"),
        ];
        check_secret(&sample);
        let mut sample = Sample::default();
        let span = sample.text("notes.md", &format!("«»{SECRET}\n"));
        sample.diagnostics = vec![Diagnostic::new(code::SECRET_LITERAL, span, "holds a secret")];
        check_secret(&sample);
    }

    /// Returns a random text of unusual characters.
    fn random_text(random: &mut Random) -> String {
        const PIECES: &[&str] = &[
            "a",
            "key = 1",
            " ",
            "\t",
            "\n",
            "\r\n",
            "\r",
            "\u{0}",
            "\u{1b}[2J",
            "\u{202e}",
            "\u{feff}",
            "日本",
            "👨‍👩‍👧",
            "e\u{301}",
            "\"",
            "\\",
            "%0A",
            "::",
            "{",
            "[x](1)",
            "\u{2028}",
            "\u{85}",
            "\u{f0000}0:1",
            "x, y: z",
            "\n\n\n\n\n\n\n\n",
            "                              ",
        ];
        let mut text = String::new();
        for _ in 0..random.below(12) {
            let piece = PIECES[random.below(PIECES.len())];
            text.push_str(&piece.repeat(if random.below(20) == 0 { 300 } else { 1 }));
        }
        text
    }

    #[test]
    fn any_finding_can_be_shown_in_any_format() {
        let mut random = Random::new(0x2545_f491_4f6c_dd1d);
        for round in 0..150 {
            let mut sample = Sample::default();
            let codes = [code::TYPE_CLASH, code::SECRET_LITERAL, code::HIDDEN_UNICODE];
            for _ in 0..=random.below(3) {
                let mut span = || {
                    let text = random_text(&mut random);
                    let (a, b) = (random.below(text.len() + 2), random.below(text.len() + 2));
                    let whole = sample.text(&random_text(&mut random), &format!("«{text}»"));
                    whole.part(a.min(b)..a.max(b))
                };
                let (at, other) = (span(), span());
                let diagnostic =
                    Diagnostic::new(codes[random.below(3)], at, random_text(&mut random))
                        .label(random_text(&mut random))
                        .other(other, random_text(&mut random))
                        .note(random_text(&mut random))
                        .help(random_text(&mut random));
                sample.diagnostics.push(diagnostic);
            }
            let findings = sample.findings();
            for (format, text) in every_format(&findings) {
                let plain = text.replace("\u{1b}[", "");
                if format != "github" {
                    assert!(!plain.contains(escape::is_hidden), "{round} {format}\n{text:?}");
                }
                if format.ends_with("json") || format == "sarif" {
                    let read: Result<serde_json::Value, _> = serde_json::from_str(&text);
                    assert!(read.is_ok(), "{round} {format}\n{text}");
                }
                if format == "github" {
                    assert_eq!(text.lines().count(), findings.len(), "{round}\n{text}");
                    assert!(text.lines().all(|line| line.starts_with("::error file=")), "{round}");
                }
            }
        }
    }
}
