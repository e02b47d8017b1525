//! Findings as workflow commands: GitHub Actions turns each line into an annotation of the file.
//!
//! The runner splits a command at the first `::`, its properties at `,`, and takes `%XX` back in both; what would be read
//! as such is escaped. It refuses columns when a finding spans lines.

use super::full_text;
use crate::diagnostic::escape::visible;
use crate::diagnostic::{Finding, Severity};

/// One command per finding, each on a line of its own.
pub fn render(findings: &[Finding]) -> String {
    findings.iter().map(|finding| command(finding) + "\n").collect()
}

fn command(finding: &Finding) -> String {
    let word = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let place = finding.at.place;
    let mut properties = vec![("file", finding.at.file.clone()), ("line", place.line.to_string())];
    if place.line == place.end_line {
        properties.push(("col", place.column.to_string()));
        properties.push(("endLine", place.end_line.to_string()));
        properties.push(("endColumn", place.end_column.to_string()));
    } else {
        properties.push(("endLine", place.end_line.to_string()));
    }
    properties.push(("title", format!("{} {}", finding.code.id, finding.code.name)));
    let properties: Vec<String> =
        properties.iter().map(|(key, value)| format!("{key}={}", property(value))).collect();
    format!("::{word} {}::{}", properties.join(","), data(&visible(&text(finding))))
}

/// The message with everything that belongs to it. A command has one place, so the others are named in the text.
fn text(finding: &Finding) -> String {
    let mut text = full_text(finding);
    for other in &finding.others {
        let label = if other.label.is_empty() { "see also" } else { &other.label };
        text.push_str(&format!("\n{}:{}: {label}", other.file, other.place.line));
    }
    text
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::code;
    use crate::report::findings::sample;

    fn check(finding: Finding, expect: &str) {
        assert_eq!(render(&[finding]), format!("{expect}\n"));
    }

    #[test]
    fn a_finding_is_one_command() {
        check(
            sample::one(code::UNKNOWN_KEY, "a = 1\n«kee» = 1\n", "`kee` is not known"),
            "::error file=base/layer.toml,line=2,col=1,endLine=2,endColumn=4,\
             title=CE010 unknown-key::`kee` is not known",
        );
        check(
            sample::whole_file(),
            "::warning file=base/no tes%2C100%25%3Aé.md,line=1,col=1,endLine=1,endColumn=1,\
             title=CE007 misplaced-file::nothing reads this file%0A\
             help: move it to `base/memory/`%0Aor delete it",
        );
        check(
            sample::full(),
            "::error file=teams/payments/layer.toml,line=3,col=11,endLine=3,endColumn=16,\
             title=CE020 type-clash::`settings.model` is a table here%0A\
             note: layers must agree on the type of a value%0A\
             help: unset `settings.model` first, then set it%0A\
             base/layer.toml:2: a string in a lower layer",
        );
    }

    #[test]
    fn columns_are_left_out_when_lines_differ() {
        check(
            sample::several_lines(),
            "::notice file=base/layer.toml,line=2,endLine=5,title=CE022 merge-strategy::several lines",
        );
    }

    #[test]
    fn a_message_cannot_start_another_command() {
        check(
            sample::one(code::UNKNOWN_KEY, "a", "100%\r\n::stop-commands::x\u{1b}[2J\u{85}%0A"),
            "::error file=base/layer.toml,line=1,col=1,endLine=1,endColumn=1,title=CE010 unknown-key::\
             100%25\\u{d}%0A::stop-commands::x\\u{1b}[2J\\u{85}%250A",
        );
    }
}
