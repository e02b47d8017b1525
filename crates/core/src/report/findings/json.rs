//! Findings as JSON, for scripts.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::diagnostic::{self, Located, Severity};

/// Something wrong in a file, or worth telling about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// The stable code of the rule, such as `CE050`.
    pub code: &'static str,
    /// The name of the rule in kebab case.
    pub rule: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// The file, relative to the repository; absolute for a file outside of it.
    pub file: String,
    /// The first line, from 1.
    pub line: usize,
    /// The first column, from 1, in characters.
    pub column: usize,
    /// The last line.
    pub end_line: usize,
    /// The column after the last character.
    pub end_column: usize,
    /// What is to be seen at the place; may be empty.
    pub label: String,
    /// Why it matters; null if the message says so.
    pub note: Option<String>,
    /// What to do next; null if the message says so.
    pub help: Option<String>,
    /// The page about the rule.
    pub url: String,
    /// Other places that belong to it.
    pub related: Vec<Related>,
}

/// Another place that belongs to a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Related {
    /// What is to be seen there; may be empty.
    pub message: String,
    /// The file, relative to the repository; absolute for a file outside of it.
    pub file: String,
    /// The first line, from 1.
    pub line: usize,
    /// The first column, from 1, in characters.
    pub column: usize,
    /// The last line.
    pub end_line: usize,
    /// The column after the last character.
    pub end_column: usize,
}

impl From<&diagnostic::Finding> for Finding {
    fn from(finding: &diagnostic::Finding) -> Self {
        let place = finding.at.place;
        Self {
            code: finding.code.id,
            rule: finding.code.name,
            severity: finding.severity,
            message: finding.message.clone(),
            file: finding.at.file.clone(),
            line: place.line,
            column: place.column,
            end_line: place.end_line,
            end_column: place.end_column,
            label: finding.at.label.clone(),
            note: finding.note.clone(),
            help: finding.help.clone(),
            url: finding.code.url(),
            related: finding.others.iter().map(Related::from).collect(),
        }
    }
}

impl From<&Located> for Related {
    fn from(located: &Located) -> Self {
        let place = located.place;
        Self {
            message: located.label.clone(),
            file: located.file.clone(),
            line: place.line,
            column: place.column,
            end_line: place.end_line,
            end_column: place.end_column,
        }
    }
}

/// Serializes findings, whose own type has more than JSON shows.
pub(in crate::report) fn as_findings<S: Serializer>(
    findings: &[diagnostic::Finding],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(findings.iter().map(Finding::from))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::diagnostic::{Finding, code};
    use crate::report::findings::{Check, sample};
    use crate::report::{Answer, json_line};

    fn check(ok: bool, findings: &[Finding], expect: &str) {
        let answer = Answer::new("check", ok, Check::new(findings.to_vec(), 0, 0));
        assert_eq!(answer.json(), expect.trim());
        let compact = json_line(&answer);
        assert_eq!(compact.lines().count(), 1);
        let same: Option<Value> = serde_json::from_str(&compact).ok();
        assert_eq!(same, serde_json::from_str(expect).ok());
    }

    #[test]
    fn the_object_is_the_documented_one() {
        check(true, &[], "{\n  \"command\": \"check\",\n  \"ok\": true,\n  \"findings\": []\n}");
        check(
            false,
            &[sample::full()],
            r#"
{
  "command": "check",
  "ok": false,
  "findings": [
    {
      "code": "CE020",
      "rule": "type-clash",
      "severity": "error",
      "message": "`settings.model` is a table here",
      "file": "teams/payments/layer.toml",
      "line": 3,
      "column": 11,
      "end_line": 3,
      "end_column": 16,
      "label": "a table",
      "note": "layers must agree on the type of a value",
      "help": "unset `settings.model` first, then set it",
      "url": "https://github.com/claude-env/claude-env/blob/main/docs/rules/CE020.md",
      "related": [
        {
          "message": "a string in a lower layer",
          "file": "base/layer.toml",
          "line": 2,
          "column": 1,
          "end_line": 2,
          "end_column": 6
        }
      ]
    }
  ]
}"#,
        );
    }

    #[test]
    fn what_is_missing_is_null_and_what_is_hidden_is_escaped() {
        let finding = sample::one(code::UNKNOWN_KEY, "«k» = 1", "\u{202e}k\u{1b}\"");
        let text = json_line(&Check::new(vec![finding], 0, 0));
        assert!(text.contains(r#""message":"\u202ek\u001b\"","#), "{text}");
        assert!(text.contains(r#""note":null,"help":null,"#), "{text}");
        assert!(text.contains(r#""related":[]"#), "{text}");
    }
}
