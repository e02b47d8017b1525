//! Findings as Markdown, for a comment.

use crate::diagnostic::{Finding, Severity};
use crate::report::markdown;

/// Returns a table of the findings under a headline, errors first.
pub fn render(findings: &[Finding], headline: &str) -> String {
    let mut findings: Vec<&Finding> = findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let rows = findings.into_iter().map(|finding| {
        let mut message = markdown::plain(&finding.message);
        if let Some(help) = &finding.help {
            message.push_str(&format!("<br>{}", markdown::plain(help)));
        }
        let code = finding.code;
        [
            word(finding.severity).to_owned(),
            format!("[{}]({})", code.id, code.url()),
            markdown::code(&format!("{}:{}", finding.at.file, finding.at.place.line)),
            message,
        ]
    });
    markdown::blocks(&[
        format!("**{}**", markdown::plain(headline)),
        markdown::table(["", "Code", "Place", "Finding"], rows),
    ])
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "❌ error",
        Severity::Warning => "⚠️ warning",
        Severity::Note => "note",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::findings::sample;

    #[test]
    fn a_comment_shows_errors_first_and_what_to_do() {
        let shown = render(&[sample::whole_file(), sample::full()], "1 error, 1 warning");
        let expect = "\
**1 error, 1 warning**

|  | Code | Place | Finding |
| --- | --- | --- | --- |
| ❌ error | [CE020](https://github.com/claude-env/claude-env/blob/main/docs/rules/CE020.md) | `teams/payments/layer.toml:3` | `settings.model` is a table here<br>unset `settings.model` first, then set it |
| ⚠️ warning | [CE007](https://github.com/claude-env/claude-env/blob/main/docs/rules/CE007.md) | `base/no tes,100%:é.md:1` | nothing reads this file<br>move it to `base/memory/` or delete it |
";
        assert_eq!(shown, expect);
    }
}
