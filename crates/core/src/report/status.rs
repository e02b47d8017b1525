//! The answer of `status`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::behind;
use super::fleet::Line;
use super::hooks::{self, Hook};
use super::plan::Problem;
use super::text::{AS_CONFIGURED, count, line_suffix};
use super::{Text, markdown};
use crate::diagnostic::escape::one_line;
use crate::drift::{NextAction, WorkspaceChange};
use crate::layer::{self, Mode, ScopeName};
use crate::workspace::Class;

/// How a workspace compares with its configuration.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Status {
    /// The folder of the workspace.
    pub workspace: String,
    /// The config repository as the binding names it.
    pub repository: String,
    /// The branch, tag or commit that the binding follows; null for the default.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// The commit that the configuration is at now; empty if the files of a directory were read without git.
    pub revision: String,
    /// What the last sync rendered; null if there was none.
    pub rendered: Option<Rendered>,
    /// What the configuration is merged for.
    pub scope: Scope,
    /// Where rendered files live.
    pub mode: Mode,
    /// True if the last sync did not come to its end.
    pub interrupted: bool,
    /// How many entries there are of each class.
    pub counts: BTreeMap<&'static str, usize>,
    /// How many entries the configuration has changed since the last sync. They are not drift.
    pub behind: usize,
    /// The drift in numbers.
    pub drift: Drift,
    /// Git's hooks; null outside of git, and with `--all`.
    pub hooks: Option<Vec<Hook>>,
    /// The entries that are not clean, by file.
    pub entries: Vec<Entry>,
    /// The files that cannot be compared.
    pub problems: Vec<Problem>,
    /// The scope, for people.
    #[serde(skip)]
    pub scope_text: String,
}

/// What the last sync rendered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Rendered {
    /// The commit; empty if the files of a directory were read without git.
    pub revision: String,
    /// How many commits it is behind; null if that is not known.
    pub behind: Option<usize>,
    /// True if it was rendered for another scope, or from another repository, than the binding names now.
    pub elsewhere: bool,
}

/// What a configuration is merged for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Scope {
    /// The team; null if there is none.
    pub team: Option<String>,
    /// The project; null if there is none.
    pub project: Option<String>,
    /// The user; null if there is none.
    pub user: Option<String>,
    /// The environment; null for the default.
    pub environment: Option<String>,
}

/// Drift in numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Drift {
    /// How many of the entries drifted, in percent.
    pub percentage: f64,
    /// True if that is above the threshold of the configuration.
    pub significant: bool,
    /// How many entries drifted.
    pub drifted: usize,
    /// How many entries drifted and are accepted by a rule.
    pub ignored: usize,
}

/// One entry that is not clean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Entry {
    /// The file, relative to the workspace.
    pub file: String,
    /// The JSON pointer (RFC 6901) of the entry, or of the array that an item is in; empty for a whole file or a block.
    pub pointer: String,
    /// The name of the entry for people; empty for a whole file.
    pub entry: String,
    /// How the last state, the configuration and the workspace compare.
    pub class: Class,
    /// What happened in the workspace since the last sync.
    pub workspace: WorkspaceChange,
    /// What the next sync does.
    pub sync: NextAction,
}

macro_rules! signs {
    ($($type:ident: $($variant:ident),+; $text:literal;)+) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $($type::$variant)|+ => serializer.serialize_str(&sign(self.sign())),
                }
            }
        }

        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let signs = [$(sign($type::$variant.sign())),+];
                json_schema!({ "type": "string", "enum": signs, "description": $text })
            }
        }
    )+};
}

signs! {
    WorkspaceChange: Not, Changed, Added, Deleted;
        "M changed, A added, D deleted by hand; empty for none of it.";
    NextAction: Nothing, Change, Add, Delete, Record, Keep;
        "M change, A add, D delete, = record in the lock, ! leave as it is; empty for nothing.";
}

fn sign(sign: char) -> String {
    sign.to_string().trim().to_owned()
}

impl From<&layer::Scope> for Scope {
    fn from(scope: &layer::Scope) -> Self {
        let name = |name: &Option<ScopeName>| name.as_ref().map(ToString::to_string);
        Self {
            team: name(&scope.team),
            project: name(&scope.project),
            user: name(&scope.user),
            environment: name(&scope.environment),
        }
    }
}

impl Status {
    /// Returns true if something is not as configured, and not accepted.
    pub fn drifts(&self) -> bool {
        self.drift.drifted > 0 || !self.problems.is_empty()
    }

    /// Returns the workspace at a glance, and one line for each entry that is not clean.
    pub fn text(&self) -> Text {
        let mut out = String::new();
        for (name, text) in self.rows() {
            out.push_str(&format!("{name:10}  {}\n", one_line(&text)));
        }
        if !(self.entries.is_empty() && self.problems.is_empty()) {
            out.push('\n');
        }
        for entry in &self.entries {
            let (moved, todo) = (entry.workspace.sign(), entry.sync.sign());
            let mut text = entry.file.clone();
            if !entry.entry.is_empty() {
                text.push_str(&format!("  {}", entry.entry));
            }
            let class = entry.class.word();
            out.push_str(&format!("{moved}{todo} {}  {class}\n", one_line(&text)));
        }
        for Problem { file, line, message, .. } in &self.problems {
            out.push_str(&format!("?? {file}{}  {}\n", line_suffix(*line), one_line(message)));
        }
        let mut text = Text::default();
        text.result(out);
        text
    }

    /// Returns the workspace as a comment: the same as tables.
    pub fn markdown(&self) -> String {
        let rows = self.rows();
        let rows = rows.iter().map(|(name, text)| [(*name).to_owned(), markdown::plain(text)]);
        let entries = self.entries.iter().map(|entry| {
            [
                markdown::code(&sign(entry.workspace.sign())),
                markdown::code(&sign(entry.sync.sign())),
                markdown::code(&entry.file),
                markdown::code(&entry.entry),
                entry.class.word().to_owned(),
            ]
        });
        let problems = self.problems.iter().map(|problem| {
            let place = format!("{}{}", problem.file, line_suffix(problem.line));
            [markdown::code(&place), markdown::plain(&problem.message)]
        });
        markdown::blocks(&[
            format!("**Status of** {}", markdown::code(&self.workspace)),
            markdown::table(["", ""], rows),
            markdown::table(["Workspace", "Sync", "File", "Entry", "Class"], entries),
            markdown::table(["Unreadable", "Problem"], problems),
        ])
    }

    /// Returns what there is to know at a glance, as names and values.
    fn rows(&self) -> Vec<(&'static str, String)> {
        let reference = self.reference.as_ref().map(|name| format!(", {name}"));
        let counts: Vec<String> =
            self.counts.iter().map(|(class, number)| format!("{number} {class}")).collect();
        let counts = if counts.is_empty() { "none".to_owned() } else { counts.join(", ") };
        let hooks = match &self.hooks {
            Some(hooks) => hooks::at_a_glance(hooks),
            None => "none: this is no git repository".to_owned(),
        };
        let mut rows = vec![
            ("workspace", self.workspace.clone()),
            ("config", format!("{}{}", self.repository, reference.unwrap_or_default())),
            ("rendered", self.rendered_text()),
            ("scope", self.scope_text.clone()),
            ("mode", self.mode.word().to_owned()),
            ("entries", counts),
            ("hooks", hooks),
            ("drift", self.drift_text()),
        ];
        if self.behind > 0 {
            rows.push(("behind", behind::row(self.behind, self.mode)));
        }
        if self.interrupted {
            let note = "the last sync was interrupted; the next one completes it";
            rows.push(("note", note.to_owned()));
        }
        rows
    }

    fn rendered_text(&self) -> String {
        let short = |revision: &str| match revision.get(..10) {
            Some(short) => short.to_owned(),
            None => "the working tree".to_owned(),
        };
        let Some(Rendered { revision, behind, elsewhere }) = &self.rendered else {
            return "never; run `claude-env sync`".to_owned();
        };
        let state = match (behind, *revision == self.revision) {
            _ if *elsewhere => "for another repository or scope".to_owned(),
            (_, true) if revision.is_empty() => String::new(),
            (_, true) => "up to date".to_owned(),
            (Some(0), false) => format!("newer than {}", short(&self.revision)),
            (Some(number), false) => {
                format!("{} behind {}", count(*number, "commit"), short(&self.revision))
            }
            (None, false) => format!("now {}", short(&self.revision)),
        };
        let comma = if state.is_empty() { "" } else { ", " };
        format!("{}{comma}{state}", short(revision))
    }

    fn drift_text(&self) -> String {
        let ignored = match self.drift.ignored {
            0 => String::new(),
            number => format!(", {number} ignored"),
        };
        if !self.drifts() {
            return format!("none{ignored}");
        }
        let entries = count(self.drift.drifted, "entry");
        let percentage = self.drift.percentage;
        format!("{entries}, {percentage} %{ignored}; see `claude-env drift`")
    }
}

impl Line for Status {
    fn ok(&self) -> bool {
        !self.drifts()
    }

    fn line(&self) -> String {
        let told = |class: &&str| {
            *class == Class::Clean.word() || Class::BEHIND.iter().any(|it| it.word() == *class)
        };
        let counts = self.counts.iter().filter(|(class, _)| !told(class));
        let mut parts: Vec<String> =
            counts.map(|(class, number)| format!("{number} {class}")).collect();
        if self.behind > 0 {
            parts.push(format!("{} behind", self.behind));
        }
        if !self.problems.is_empty() {
            parts.push(format!("{} unusable", count(self.problems.len(), "file")));
        }
        if self.interrupted {
            parts.push("the last sync was interrupted".to_owned());
        }
        if parts.is_empty() { AS_CONFIGURED.to_owned() } else { parts.join(", ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Answer;
    use crate::report::hooks::State;

    fn sample() -> Status {
        Status {
            workspace: "/ws".to_owned(),
            repository: "../config".to_owned(),
            reference: Some("main".to_owned()),
            revision: "fedcba9876543210".to_owned(),
            rendered: Some(Rendered {
                revision: "0123456789abcdef".to_owned(),
                behind: Some(2),
                elsewhere: false,
            }),
            scope: Scope { team: Some("payments".to_owned()), ..Scope::default() },
            mode: Mode::Committed,
            interrupted: true,
            counts: [("clean", 4), ("drift", 1), ("pending", 2)].into(),
            behind: 2,
            drift: Drift { percentage: 20.0, significant: true, drifted: 1, ignored: 1 },
            hooks: Some(vec![Hook {
                event: "post-merge",
                state: State::Missing,
                installed: false,
                owner: None,
                at: None,
                message: String::new(),
                help: Some("install it".to_owned()),
            }]),
            entries: vec![Entry {
                file: ".mcp.json".to_owned(),
                pointer: "/mcpServers/docs".to_owned(),
                entry: "mcpServers/docs".to_owned(),
                class: Class::Drift,
                workspace: WorkspaceChange::Changed,
                sync: NextAction::Keep,
            }],
            problems: vec![Problem {
                file: "CLAUDE.md".to_owned(),
                line: Some(2),
                message: "has two blocks".to_owned(),
                help: "remove one".to_owned(),
            }],
            scope_text: "team payments".to_owned(),
        }
    }

    #[test]
    fn as_json() {
        assert_eq!(
            Answer::new("status", true, sample()).json(),
            r#"{
  "command": "status",
  "ok": true,
  "workspace": "/ws",
  "repository": "../config",
  "ref": "main",
  "revision": "fedcba9876543210",
  "rendered": {
    "revision": "0123456789abcdef",
    "behind": 2,
    "elsewhere": false
  },
  "scope": {
    "team": "payments",
    "project": null,
    "user": null,
    "environment": null
  },
  "mode": "committed",
  "interrupted": true,
  "counts": {
    "clean": 4,
    "drift": 1,
    "pending": 2
  },
  "behind": 2,
  "drift": {
    "percentage": 20.0,
    "significant": true,
    "drifted": 1,
    "ignored": 1
  },
  "hooks": [
    {
      "event": "post-merge",
      "state": "missing",
      "installed": false,
      "owner": null,
      "at": null,
      "message": "",
      "help": "install it"
    }
  ],
  "entries": [
    {
      "file": ".mcp.json",
      "pointer": "/mcpServers/docs",
      "entry": "mcpServers/docs",
      "class": "drift",
      "workspace": "M",
      "sync": "!"
    }
  ],
  "problems": [
    {
      "file": "CLAUDE.md",
      "line": 2,
      "message": "has two blocks",
      "help": "remove one"
    }
  ]
}"#
        );
    }

    #[test]
    fn as_text() {
        assert_eq!(
            sample().text().marked(),
            r"workspace   /ws
config      ../config, main
rendered    0123456789, 2 commits behind fedcba9876
scope       team payments
mode        committed
entries     4 clean, 1 drift, 2 pending
hooks       none: `claude-env hooks install` installs them
drift       1 entry, 20 %, 1 ignored; see `claude-env drift`
behind      2 entries changed in the configuration since the last sync; to update, run `claude-env sync` and commit the result
note        the last sync was interrupted; the next one completes it

M! .mcp.json  mcpServers/docs  drift
?? CLAUDE.md:2  has two blocks
"
        );
        assert_eq!(
            sample().line(),
            "1 drift, 2 behind, 1 file unusable, the last sync was interrupted"
        );
    }

    #[test]
    fn as_markdown() {
        assert_eq!(
            sample().markdown(),
            r"**Status of** `/ws`

|  |  |
| --- | --- |
| workspace | /ws |
| config | ../config, main |
| rendered | 0123456789, 2 commits behind fedcba9876 |
| scope | team payments |
| mode | committed |
| entries | 4 clean, 1 drift, 2 pending |
| hooks | none: `claude-env hooks install` installs them |
| drift | 1 entry, 20 %, 1 ignored; see `claude-env drift` |
| behind | 2 entries changed in the configuration since the last sync; to update, run `claude-env sync` and commit the result |
| note | the last sync was interrupted; the next one completes it |

| Workspace | Sync | File | Entry | Class |
| --- | --- | --- | --- | --- |
| `M` | `!` | `.mcp.json` | `mcpServers/docs` | drift |

| Unreadable | Problem |
| --- | --- |
| `CLAUDE.md:2` | has two blocks |
"
        );
    }
}
