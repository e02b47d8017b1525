//! Findings as one JSON object, for scripts.

use serde_json::{Value, json};

use crate::diagnostic::{Finding, Located, escape};

/// `{"command", "ok", "findings": […]}`, on one line or, `pretty`, on several.
pub fn render(command: &str, ok: bool, findings: &[Finding], pretty: bool) -> String {
    let object = json!({ "command": command, "ok": ok, "findings": values(findings) });
    text(&object, pretty)
}

/// The findings as an array, for objects that hold more than findings.
pub fn values(findings: &[Finding]) -> Value {
    findings.iter().map(value).collect()
}

/// A JSON value as text that is safe to print, without a final line feed.
pub fn text(value: &Value, pretty: bool) -> String {
    escape::json(if pretty { format!("{value:#}") } else { value.to_string() })
}

fn value(finding: &Finding) -> Value {
    let place = finding.at.place;
    json!({
        "code": finding.code.id,
        "rule": finding.code.name,
        "severity": finding.severity.word(),
        "message": finding.message,
        "file": finding.at.file,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "label": finding.at.label,
        "note": finding.note,
        "help": finding.help,
        "url": finding.code.url(),
        "related": finding.others.iter().map(related).collect::<Value>(),
    })
}

fn related(located: &Located) -> Value {
    let place = located.place;
    json!({
        "message": located.label,
        "file": located.file,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::code;
    use crate::report::findings::sample;

    fn check(ok: bool, findings: &[Finding], expect: &str) {
        assert_eq!(render("check", ok, findings, true), expect.trim());
        let compact = render("check", ok, findings, false);
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
        let text = render("check", false, &[finding], false);
        assert!(text.contains(r#""message":"\u202ek\u001b\"","#), "{text}");
        assert!(text.contains(r#""note":null,"help":null,"#), "{text}");
        assert!(text.contains(r#""related":[]"#), "{text}");
    }
}
