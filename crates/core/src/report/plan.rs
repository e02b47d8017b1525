//! What happens to each entry of a folder: a part of the answers of `sync`, `init`, `render` and `rollback`.

use schemars::JsonSchema;
use serde::Serialize;

use super::text::{count, line_suffix};
use super::{Text, markdown};
use crate::diagnostic::escape::one_line;
use crate::workspace::{self, Class, PlanLine, Remedy, Sign};

/// What changes, and what is left alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Plan {
    /// Every entry that is not as configured, by path.
    pub changes: Vec<Change>,
    /// Files that are left alone as a whole.
    pub problems: Vec<Problem>,
}

/// What happens to one entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    /// The file, relative to the folder.
    pub file: String,
    /// The JSON pointer (RFC 6901) of the entry, or of the array that an item is in; empty for a whole file or a block.
    pub pointer: String,
    /// The name of the entry for people; empty for a whole file.
    pub entry: String,
    /// How the last state, the configuration and the folder compare.
    pub class: Class,
    /// What is done.
    pub action: Action,
    /// Why an entry is kept or merged, or what is overwritten by force; empty otherwise.
    pub reason: &'static str,
    /// What to do about an entry that is kept; empty otherwise.
    pub help: &'static str,
    /// `file:line:column` in the config repository, or the files; empty where the entry is no longer configured, and null where
    /// this is not known.
    pub origin: Option<String>,
}

/// What is done with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is written for the first time.
    Add,
    /// It gets another value.
    Change,
    /// It is removed.
    Remove,
    /// Only the lock file changes.
    Record,
    /// It is left as it is, though the configuration says otherwise.
    Keep,
}

/// A file that cannot be compared or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Problem {
    /// The file, relative to the folder.
    pub file: String,
    /// The line, from 1; null for the whole file.
    pub line: Option<usize>,
    /// What is wrong, as the end of a sentence that starts with the file.
    pub message: String,
    /// What to do; may be empty.
    pub help: String,
}

impl From<Sign> for Action {
    fn from(sign: Sign) -> Self {
        match sign {
            Sign::Add => Self::Add,
            Sign::Change => Self::Change,
            Sign::Remove => Self::Remove,
            Sign::Record => Self::Record,
            Sign::Keep => Self::Keep,
        }
    }
}

impl From<&workspace::Problem> for Problem {
    fn from(problem: &workspace::Problem) -> Self {
        Self {
            file: problem.path.to_string(),
            line: problem.line,
            message: problem.message.clone(),
            help: problem.help.clone(),
        }
    }
}

impl From<&workspace::Plan> for Plan {
    fn from(plan: &workspace::Plan) -> Self {
        Self::new(plan, &[])
    }
}

impl Plan {
    /// Reports a plan. `origins` says where the configuration has each line, in the order of the lines.
    pub fn new(plan: &workspace::Plan, origins: &[String]) -> Self {
        let origins = origins.iter().map(|origin| Some(origin.clone()));
        let lines = plan.lines.iter().zip(origins.chain(std::iter::repeat(None)));
        Self {
            changes: lines.map(|(line, origin)| Change::new(line, origin, Remedy::help)).collect(),
            problems: plan.problems.iter().map(Problem::from).collect(),
        }
    }

    /// Reports the plan of a folder that `render` writes to.
    pub fn in_folder(plan: &workspace::Plan) -> Self {
        let change = |line| Change::new(line, None, Remedy::help_in_folder);
        Self {
            changes: plan.lines.iter().map(change).collect(),
            problems: plan.problems.iter().map(Problem::from).collect(),
        }
    }

    /// Returns true if something is left as it is, though the configuration says otherwise.
    pub fn leaves_something(&self) -> bool {
        !self.problems.is_empty() || self.changes.iter().any(Change::is_kept)
    }

    /// Returns true if a conflict is left.
    pub fn has_conflict(&self) -> bool {
        let conflict = |change: &Change| change.class == Class::Conflict && change.is_kept();
        !self.problems.is_empty() || self.changes.iter().any(conflict)
    }

    /// Returns `3 added, 1 changed, 2 removed, 1 kept`, or `nothing to do`.
    pub fn summary(&self) -> String {
        let words = [
            (Action::Add, "added"),
            (Action::Change, "changed"),
            (Action::Remove, "removed"),
            (Action::Record, "recorded"),
            (Action::Keep, "kept"),
        ];
        let mut parts: Vec<String> = (words.into_iter())
            .filter_map(|(action, word)| {
                let of_action = self.changes.iter().filter(|change| change.action == action);
                let number = of_action.count();
                (number > 0).then(|| format!("{number} {word}"))
            })
            .collect();
        if !self.problems.is_empty() {
            parts.push(format!("{} left alone", count(self.problems.len(), "file")));
        }
        if parts.is_empty() { "nothing to do".to_owned() } else { parts.join(", ") }
    }

    /// Returns a line for each entry, and what to do about those that are kept.
    pub fn text(&self) -> Text {
        self.lines(|_| true)
    }

    /// Returns the lines of removals only, and the files that are left alone.
    pub(super) fn removals(&self) -> Text {
        self.lines(|change| change.action == Action::Remove)
    }

    fn lines(&self, shown: impl Fn(&Change) -> bool) -> Text {
        let mut lines = String::new();
        for change in self.changes.iter().filter(|change| shown(change)) {
            lines.push_str(&one_line(&change.line()));
            lines.push('\n');
            if !change.help.is_empty() {
                lines.push_str(&format!("    {}\n", change.help));
            }
        }
        for Problem { file, line, message, help } in &self.problems {
            lines.push_str(&format!("! {file}{}  {}\n", line_suffix(*line), one_line(message)));
            if !help.is_empty() {
                lines.push_str(&format!("    {}\n", one_line(help)));
            }
        }
        let mut text = Text::default();
        text.result(lines);
        text
    }

    /// Returns tables of what changes and of what is left alone; empty where there is nothing of either.
    pub fn markdown(&self) -> String {
        let changes = self.changes.iter().map(|change| {
            let (class, reason) = (change.class.word(), change.reason);
            let why =
                if reason.is_empty() { class.to_owned() } else { format!("{class}: {reason}") };
            [
                markdown::code(&change.action.sign().to_string()),
                markdown::code(&change.file),
                markdown::code(&change.entry),
                markdown::plain(&why),
                markdown::code(change.origin.as_deref().unwrap_or_default()),
            ]
        });
        let problems = self.problems.iter().map(|problem| {
            [
                markdown::code(&format!("{}{}", problem.file, line_suffix(problem.line))),
                markdown::plain(&problem.message),
                markdown::plain(&problem.help),
            ]
        });
        markdown::blocks(&[
            markdown::table(["", "File", "Entry", "Why", "Configured in"], changes),
            markdown::table(["Left alone", "Problem", "What to do"], problems),
        ])
    }
}

impl Change {
    /// Reports a line of a plan.
    fn new(line: &PlanLine, origin: Option<String>, help: fn(Remedy) -> &'static str) -> Self {
        Self {
            file: line.path.to_string(),
            pointer: line.pointer.to_string(),
            entry: line.what.clone(),
            class: line.class,
            action: line.sign.into(),
            reason: line.reason,
            help: help(line.remedy),
            origin,
        }
    }

    /// Returns true for an entry that is left as it is.
    pub fn is_kept(&self) -> bool {
        self.action == Action::Keep
    }

    /// Returns `+ file  entry  class: reason`, as plans are shown everywhere.
    pub fn line(&self) -> String {
        let mut line = format!("{} {}", self.action.sign(), self.file);
        if !self.entry.is_empty() {
            line.push_str(&format!("  {}", self.entry));
        }
        if !self.reason.is_empty() {
            line.push_str(&format!("  {}: {}", self.class.word(), self.reason));
        }
        line
    }
}

impl Action {
    fn sign(self) -> char {
        let sign = match self {
            Self::Add => Sign::Add,
            Self::Change => Sign::Change,
            Self::Remove => Sign::Remove,
            Self::Record => Sign::Record,
            Self::Keep => Sign::Keep,
        };
        sign.character()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A plan with a change, a conflict and a file that is left alone.
    pub(in crate::report) fn sample() -> Plan {
        Plan {
            changes: vec![
                Change {
                    file: ".mcp.json".to_owned(),
                    pointer: "/mcpServers/docs".to_owned(),
                    entry: "mcpServers/docs".to_owned(),
                    class: Class::Pending,
                    action: Action::Change,
                    reason: "",
                    help: "",
                    origin: Some("base/layer.toml:3:5".to_owned()),
                },
                Change {
                    file: ".claude/agents/a.md".to_owned(),
                    pointer: String::new(),
                    entry: String::new(),
                    class: Class::Conflict,
                    action: Action::Keep,
                    reason: "changed here",
                    help: Remedy::ResolveChanged.help(),
                    origin: Some("base/agents/a.md".to_owned()),
                },
            ],
            problems: vec![Problem {
                file: "CLAUDE.md".to_owned(),
                line: None,
                message: "is behind a symbolic link".to_owned(),
                help: "remove the link".to_owned(),
            }],
        }
    }

    #[test]
    fn as_json() {
        assert_eq!(
            crate::report::json(&sample()),
            r#"{
  "changes": [
    {
      "file": ".mcp.json",
      "pointer": "/mcpServers/docs",
      "entry": "mcpServers/docs",
      "class": "pending",
      "action": "change",
      "reason": "",
      "help": "",
      "origin": "base/layer.toml:3:5"
    },
    {
      "file": ".claude/agents/a.md",
      "pointer": "",
      "entry": "",
      "class": "conflict",
      "action": "keep",
      "reason": "changed here",
      "help": "`sync --force` writes the configured value; `adopt` saves your value to the configuration",
      "origin": "base/agents/a.md"
    }
  ],
  "problems": [
    {
      "file": "CLAUDE.md",
      "line": null,
      "message": "is behind a symbolic link",
      "help": "remove the link"
    }
  ]
}"#
        );
    }

    #[test]
    fn as_text_and_markdown() {
        assert_eq!(
            sample().text().marked(),
            r"~ .mcp.json  mcpServers/docs
! .claude/agents/a.md  conflict: changed here
    `sync --force` writes the configured value; `adopt` saves your value to the configuration
! CLAUDE.md  is behind a symbolic link
    remove the link
"
        );
        assert_eq!(
            sample().markdown(),
            r"|  | File | Entry | Why | Configured in |
| --- | --- | --- | --- | --- |
| `~` | `.mcp.json` | `mcpServers/docs` | pending | `base/layer.toml:3:5` |
| `!` | `.claude/agents/a.md` |  | conflict: changed here | `base/agents/a.md` |

| Left alone | Problem | What to do |
| --- | --- | --- |
| `CLAUDE.md` | is behind a symbolic link | remove the link |
"
        );
        assert_eq!(Plan::default().summary(), "nothing to do");
    }
}
