//! The answer of `adopt`.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::plan::Problem;
use super::text::{Part, count, line_suffix};
use super::{Style, Text, findings};
use crate::diagnostic::Finding;
use crate::diagnostic::escape::one_line;

/// Which changes of a workspace are adopted into which layers. Secrets are masked.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Adopt {
    /// True if only the edit was asked for.
    pub dry_run: bool,
    /// True if the layers were edited.
    pub written: bool,
    /// The config repository as the binding or the command line names it.
    pub repository: String,
    /// The entries that are adopted.
    pub adopted: Vec<Entry>,
    /// The entries that were asked for and are not adopted.
    pub refused: Vec<Refused>,
    /// Files of the workspace of which nothing can be adopted.
    pub problems: Vec<Problem>,
    /// Entries that nobody named and that claude-env did not write; they stay in the workspace alone.
    pub passed_over: Vec<Entry>,
    /// What `check` says of the edited layers, and not of those before.
    #[serde(serialize_with = "warnings")]
    #[schemars(with = "Vec<Warning>")]
    pub warnings: Vec<Finding>,
    /// The files that are edited.
    pub files: Vec<File>,
    /// The edits as a unified diff.
    pub diff: String,
    /// True if one of the files is in the config repository, where it is to be committed.
    #[serde(skip)]
    pub in_repository: bool,
}

/// One entry of the workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Entry {
    /// What it is.
    #[serde(flatten)]
    pub name: EntryName,
    /// The layers that are edited.
    pub layers: Vec<String>,
}

/// An entry that is not adopted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Refused {
    /// What it is.
    #[serde(flatten)]
    pub name: EntryName,
    /// Why not, as a sentence without a full stop.
    pub reason: String,
    /// What to do instead; may be empty.
    pub help: String,
}

/// Which entry it is, and where the configuration has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EntryName {
    /// The file, relative to the workspace.
    pub file: String,
    /// The JSON pointer (RFC 6901) of the entry, or of the array that an item is in; empty for a whole file or a block.
    pub pointer: String,
    /// The name of the entry for people; empty for a whole file.
    pub entry: String,
    /// How the last state, the configuration and the workspace compare.
    pub class: &'static str,
    /// The key of a layer that it is about.
    pub key: String,
    /// `file:line:column` in the config repository, or the files; null where it is not configured.
    pub origin: Option<String>,
}

/// A new finding about the edited layers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Warning {
    /// The code of the finding, such as `CE050`.
    pub code: &'static str,
    /// The file, relative to the config repository.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// A file that is edited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct File {
    /// The folder of the config repository, or of the user layer of this machine.
    pub folder: String,
    /// The file, relative to the folder.
    pub file: String,
    /// `create`, `update` or `delete`.
    #[schemars(extend("enum" = ["create", "update", "delete"]))]
    pub action: &'static str,
}

fn warnings<S: Serializer>(findings: &[Finding], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(findings.iter().map(|finding| Warning {
        code: finding.code.id,
        file: finding.at.file.clone(),
        line: finding.at.place.line,
        message: finding.message.clone(),
    }))
}

impl Adopt {
    /// Returns true if there is nothing to write.
    pub fn is_noop(&self) -> bool {
        self.files.is_empty()
    }

    /// Returns true if everything that was asked for is adopted.
    pub fn is_done(&self) -> bool {
        (self.written || self.is_noop()) && self.refused.is_empty() && self.problems.is_empty()
    }

    /// Returns which entry goes where, and what is left and why. The diff is not among it: colors are the reader's choice.
    pub fn text(&self, style: Style) -> Text {
        let mut text = Text::default();
        for Entry { name, layers } in &self.adopted {
            let layers = layers.join(", ");
            text.remark(one_line(&format!("adopt: {} → {layers}", name.shown())));
        }
        for Refused { name, reason, help } in &self.refused {
            text.remark(one_line(&format!("not adopted: {}: {reason}", name.shown())));
            if !help.is_empty() {
                text.remark(format!("    {}", one_line(help)));
            }
        }
        for Problem { file, line, message, help } in &self.problems {
            let place = line_suffix(*line);
            text.remark(one_line(&format!("not adopted: {file}{place}: {message}")));
            text.remark(format!("    {}", one_line(help)));
        }
        for Entry { name, .. } in &self.passed_over {
            text.remark(one_line(&format!("skipped: {}: {}", name.shown(), name.class)));
        }
        text.push(Part::Findings(findings::text::render(&self.warnings, style.for_remarks())));
        text
    }

    /// Returns what it amounts to, once it is known whether it was written, and what to do next. `interactive` says whether
    /// somebody was asked.
    pub fn conclusion(&self, interactive: bool) -> Text {
        let mut text = Text::default();
        text.remark(one_line(&self.summary()));
        text.remark(self.advice(interactive));
        text
    }

    fn summary(&self) -> String {
        let number = self.adopted.len();
        let left = self.refused.len() + self.problems.len();
        let mut parts = Vec::new();
        if number > 0 {
            let files = count(self.files.len(), "file");
            let verb = if self.written { "adopted" } else { "would adopt" };
            let (entries, repository) = (count(number, "entry"), &self.repository);
            parts.push(format!("{verb} {entries} into {files} of {repository}"));
        }
        if left > 0 {
            parts.push(format!("{left} not adopted"));
        }
        if parts.is_empty() { "nothing to adopt".to_owned() } else { parts.join(", ") }
    }

    fn advice(&self, interactive: bool) -> &'static str {
        if self.written && self.in_repository {
            "review and commit it there; the next `claude-env sync` records it"
        } else if self.written {
            "the next `claude-env sync` records it"
        } else if self.is_noop() && !self.passed_over.is_empty() {
            "entries that claude-env did not write are adopted only if you name them"
        } else if self.is_noop() || self.dry_run {
            ""
        } else if interactive {
            "nothing was written"
        } else {
            "nothing was written: there is no terminal to ask on; add `--yes`"
        }
    }
}

impl EntryName {
    fn shown(&self) -> String {
        format!("{}  {}", self.file, self.entry).trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Answer;

    fn name(file: &str) -> EntryName {
        EntryName {
            file: file.to_owned(),
            pointer: "/env/LEVEL".to_owned(),
            entry: "env/LEVEL".to_owned(),
            class: "drift",
            key: "environment.LEVEL".to_owned(),
            origin: Some("base/layer.toml:4:9".to_owned()),
        }
    }

    fn sample() -> Adopt {
        Adopt {
            dry_run: true,
            written: false,
            repository: "../config".to_owned(),
            adopted: vec![Entry { name: name("a.json"), layers: vec!["base".to_owned()] }],
            refused: vec![Refused {
                name: name("b.json"),
                reason: "it looks like a secret".to_owned(),
                help: "use a reference".to_owned(),
            }],
            problems: Vec::new(),
            passed_over: vec![Entry {
                name: EntryName { class: "foreign", ..name("c.json") },
                layers: Vec::new(),
            }],
            warnings: Vec::new(),
            files: vec![File {
                folder: "../config".to_owned(),
                file: "base/layer.toml".to_owned(),
                action: "update",
            }],
            diff: "--- a\n+++ b\n".to_owned(),
            in_repository: true,
        }
    }

    #[test]
    fn as_json() {
        assert_eq!(
            Answer::new("adopt", sample().is_done(), sample()).json(),
            r#"{
  "command": "adopt",
  "ok": false,
  "dry_run": true,
  "written": false,
  "repository": "../config",
  "adopted": [
    {
      "file": "a.json",
      "pointer": "/env/LEVEL",
      "entry": "env/LEVEL",
      "class": "drift",
      "key": "environment.LEVEL",
      "origin": "base/layer.toml:4:9",
      "layers": [
        "base"
      ]
    }
  ],
  "refused": [
    {
      "file": "b.json",
      "pointer": "/env/LEVEL",
      "entry": "env/LEVEL",
      "class": "drift",
      "key": "environment.LEVEL",
      "origin": "base/layer.toml:4:9",
      "reason": "it looks like a secret",
      "help": "use a reference"
    }
  ],
  "problems": [],
  "passed_over": [
    {
      "file": "c.json",
      "pointer": "/env/LEVEL",
      "entry": "env/LEVEL",
      "class": "foreign",
      "key": "environment.LEVEL",
      "origin": "base/layer.toml:4:9",
      "layers": []
    }
  ],
  "warnings": [],
  "files": [
    {
      "folder": "../config",
      "file": "base/layer.toml",
      "action": "update"
    }
  ],
  "diff": "--- a\n+++ b\n"
}"#
        );
    }

    #[test]
    fn as_text() {
        assert_eq!(
            sample().text(Style::PLAIN).marked(),
            r"# adopt: a.json  env/LEVEL → base
# not adopted: b.json  env/LEVEL: it looks like a secret
#     use a reference
# skipped: c.json  env/LEVEL: foreign
"
        );
        assert_eq!(
            sample().conclusion(false).marked(),
            r"# would adopt 1 entry into 1 file of ../config, 1 not adopted
"
        );
        let written = Adopt { dry_run: false, written: true, ..sample() };
        assert_eq!(
            written.conclusion(true).marked(),
            r"# adopted 1 entry into 1 file of ../config, 1 not adopted
# review and commit it there; the next `claude-env sync` records it
"
        );
    }
}
