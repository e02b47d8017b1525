//! The answers of `pack add`, `pack update` and `pack list`.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Text, count};
use crate::pack::PackReport;

/// What vendoring a pack did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    /// The name of the pack.
    pub pack: String,
    /// The version that was there; null for a new pack.
    pub from: Option<String>,
    /// The version that is there now.
    pub to: String,
    /// The files that were added, by path inside the pack.
    pub added: Vec<String>,
    /// The files that were changed.
    pub changed: Vec<String>,
    /// The files that were removed.
    pub removed: Vec<String>,
    /// How many files stayed as they were.
    pub unchanged: usize,
    /// True if anything was written.
    #[serde(skip)]
    pub written: bool,
    /// What to do next, one line each.
    #[serde(skip)]
    pub next_steps: Vec<String>,
}

/// The vendored packs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Packs {
    /// By name.
    pub packs: Vec<Pack>,
}

/// A vendored pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Pack {
    /// The name of its folder.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it comes from.
    pub source: String,
    /// The licence of its files.
    pub license: String,
    /// The archive that it was unpacked from; null if it was a folder.
    pub archive: Option<Archive>,
    /// How many slash commands it has.
    pub commands: usize,
    /// How many agents it has.
    pub agents: usize,
    /// How many skills it has.
    pub skills: usize,
    /// How many documents it has for the instructions; those about MCP servers are not counted.
    pub documents: usize,
    /// The MCP servers that naming the pack turns on.
    pub servers: Vec<String>,
    /// The MCP servers that it only knows.
    pub other_servers: Vec<String>,
    /// The layers that name the pack.
    pub used_by: Vec<String>,
    /// The files that are not what `pack.toml` says.
    pub modified: Vec<String>,
    /// True if all files are what `pack.toml` says.
    pub verified: bool,
}

/// An archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Archive {
    /// Its file name.
    pub file: String,
    /// The SHA-256 of it, as hexadecimal digits.
    pub sha256: String,
}

impl From<PackReport> for Pack {
    fn from(report: PackReport) -> Self {
        Self {
            name: report.name,
            version: report.version,
            source: report.source,
            license: report.license,
            archive: report.archive.map(|archive| Archive {
                file: archive.file.to_string(),
                sha256: archive.sha256.to_string(),
            }),
            commands: report.commands,
            agents: report.agents,
            skills: report.skills,
            documents: report.documents,
            servers: report.servers,
            other_servers: report.other_servers,
            used_by: report.used_by.iter().map(ToString::to_string).collect(),
            modified: report.modified,
            verified: report.verified,
        }
    }
}

impl Change {
    /// Returns what was done, and what to do next.
    pub fn text(&self) -> Text {
        let Self { pack, from, to, .. } = self;
        let what = match from {
            None => format!("Vendored {pack} {to}"),
            Some(from) if !self.written => format!("{pack} {from} is up to date"),
            Some(from) => format!("Updated {pack} from {from} to {to}"),
        };
        let added = count(self.added.len(), "file");
        let (changed, removed) = (self.changed.len(), self.removed.len());
        let mut text = Text::default();
        text.remark(format!("{what}: {added} added, {changed} changed, {removed} removed."));
        for step in &self.next_steps {
            text.remark(format!("  next: {step}"));
        }
        text
    }
}

impl Packs {
    /// Returns true if all packs are what their `pack.toml` says.
    pub fn are_verified(&self) -> bool {
        self.packs.iter().all(|pack| pack.verified)
    }

    /// Returns what each pack holds, and which files were changed.
    pub fn text(&self) -> Text {
        let mut text = Text::default();
        if self.packs.is_empty() {
            text.remark(
                "No packs are vendored; add one with `claude-env pack add superclaude@4.3.0`.",
            );
        }
        for pack in &self.packs {
            let verified = if pack.verified { "hashes match" } else { "CHANGED BY HAND" };
            text.result(format!(
                "{} {}  {}  {verified}\n  {}, {}, {}, {}\n  MCP servers: {}; known, but not rendered: {}\n  used by: {}",
                pack.name,
                pack.version,
                pack.source,
                count(pack.commands, "command"),
                count(pack.agents, "agent"),
                count(pack.skills, "skill"),
                count(pack.documents, "document"),
                or_none(&pack.servers),
                or_none(&pack.other_servers),
                or_none(&pack.used_by),
            ));
            for file in &pack.modified {
                text.result(format!("  changed: {file}"));
            }
        }
        text
    }
}

fn or_none(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Answer;

    fn change() -> Change {
        Change {
            pack: "superclaude".to_owned(),
            from: Some("4.2.0".to_owned()),
            to: "4.3.0".to_owned(),
            added: vec!["agents/a.md".to_owned()],
            changed: Vec::new(),
            removed: Vec::new(),
            unchanged: 51,
            written: true,
            next_steps: vec!["commit it".to_owned()],
        }
    }

    #[test]
    fn a_change() {
        assert_eq!(
            Answer::new("pack", true, change()).json(),
            r#"{
  "command": "pack",
  "ok": true,
  "pack": "superclaude",
  "from": "4.2.0",
  "to": "4.3.0",
  "added": [
    "agents/a.md"
  ],
  "changed": [],
  "removed": [],
  "unchanged": 51
}"#
        );
        assert_eq!(
            change().text().marked(),
            r"# Updated superclaude from 4.2.0 to 4.3.0: 1 file added, 0 changed, 0 removed.
#   next: commit it
"
        );
    }

    fn packs() -> Packs {
        let pack = Pack {
            name: "superclaude".to_owned(),
            version: "4.3.0".to_owned(),
            source: "pypi".to_owned(),
            license: "MIT".to_owned(),
            archive: Some(Archive { file: "a.whl".to_owned(), sha256: "00ff".to_owned() }),
            commands: 30,
            agents: 20,
            skills: 0,
            documents: 1,
            servers: vec!["context7".to_owned()],
            other_servers: Vec::new(),
            used_by: vec!["base".to_owned()],
            modified: vec!["agents/a.md".to_owned()],
            verified: false,
        };
        Packs { packs: vec![pack] }
    }

    #[test]
    fn the_list() {
        assert_eq!(
            Answer::new("pack", packs().are_verified(), packs()).json(),
            r#"{
  "command": "pack",
  "ok": false,
  "packs": [
    {
      "name": "superclaude",
      "version": "4.3.0",
      "source": "pypi",
      "license": "MIT",
      "archive": {
        "file": "a.whl",
        "sha256": "00ff"
      },
      "commands": 30,
      "agents": 20,
      "skills": 0,
      "documents": 1,
      "servers": [
        "context7"
      ],
      "other_servers": [],
      "used_by": [
        "base"
      ],
      "modified": [
        "agents/a.md"
      ],
      "verified": false
    }
  ]
}"#
        );
        assert_eq!(
            packs().text().marked(),
            r"superclaude 4.3.0  pypi  CHANGED BY HAND
  30 commands, 20 agents, 0 skills, 1 document
  MCP servers: context7; known, but not rendered: none
  used by: base
  changed: agents/a.md
"
        );
    }
}
