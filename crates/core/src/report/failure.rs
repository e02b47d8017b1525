//! The answer of a command that failed.

use schemars::JsonSchema;
use serde::Serialize;

use super::Style;
use super::findings::{self, as_findings};
use crate::diagnostic::Finding;
use crate::diagnostic::escape::one_line;

/// The answer of a command that could not do its work.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Failed {
    /// Why.
    pub error: Failure,
}

/// Why a command could not do its work.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Failure {
    /// What went wrong, in one word for programs.
    #[schemars(extend("enum" = KINDS))]
    pub kind: &'static str,
    /// What went wrong, as a sentence without a full stop.
    pub message: String,
    /// What to do next, one line each.
    pub hints: Vec<String>,
    /// The findings that make a configuration unusable.
    #[serde(serialize_with = "as_findings")]
    #[schemars(with = "Vec<findings::json::Finding>")]
    pub findings: Vec<Finding>,
}

/// The kinds of failure. `docs/exit-codes.md` describes them.
pub const KINDS: [&str; 8] =
    ["usage", "findings", "io", "network", "auth", "not_found", "rate_limited", "busy"];

impl Failure {
    /// Returns what went wrong on one line, with the first finding that made it so.
    pub fn line(&self) -> String {
        match self.findings.first() {
            None => self.message.clone(),
            Some(finding) => {
                format!("{}: {}: {}", self.message, finding.at.file, finding.message)
            }
        }
    }

    /// Returns the findings, what went wrong, and what to do next. All of it is for stderr.
    pub fn text(&self, style: Style) -> String {
        let (red, bold, reset) =
            if style.color_remarks { ("\x1b[1;31m", "\x1b[1m", "\x1b[0m") } else { ("", "", "") };
        let mut text = findings::text::render(&self.findings, style.for_remarks());
        text.push_str(&format!("{red}error{reset}{bold}: {}{reset}\n", one_line(&self.message)));
        for hint in &self.hints {
            text.push_str(&format!("  hint: {}\n", one_line(hint)));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Answer;

    fn sample() -> Failure {
        Failure {
            kind: "network",
            message: "cannot reach https://x.example".to_owned(),
            hints: vec!["use `--offline`".to_owned()],
            findings: Vec::new(),
        }
    }

    #[test]
    fn as_json() {
        assert_eq!(
            Answer::new("sync", false, Failed { error: sample() }).json(),
            r#"{
  "command": "sync",
  "ok": false,
  "error": {
    "kind": "network",
    "message": "cannot reach https://x.example",
    "hints": [
      "use `--offline`"
    ],
    "findings": []
  }
}"#
        );
    }

    #[test]
    fn as_text() {
        assert_eq!(
            sample().text(Style::PLAIN),
            r"error: cannot reach https://x.example
  hint: use `--offline`
"
        );
        assert_eq!(sample().line(), "cannot reach https://x.example");
    }
}
