//! The answer of `drift`.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::behind;
use super::fleet::Line;
use super::plan::Problem;
use super::text::{at_revision, count, line_suffix};
use super::{Text, markdown};
use crate::diagnostic::escape::one_line;
use crate::diagnostic::{Code, Finding, Located, Severity as Level};
use crate::drift::{Action, Content, DriftClass, Severity, UNREADABLE};
use crate::source::Place;
use crate::workspace::shortened;

/// What in a workspace is not as configured. Secrets are masked.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Drift {
    /// The config repository as the binding names it.
    pub repository: String,
    /// The commit that was compared with; empty if the files of a directory were read without git.
    pub revision: String,
    /// How many of the entries drifted, in percent.
    pub percentage: f64,
    /// True if the percentage is above the threshold.
    pub significant: bool,
    /// The threshold of the configuration, in percent.
    pub threshold: f64,
    /// How many entries drifted.
    pub drifted: usize,
    /// How many entries there are.
    pub owned: usize,
    /// How many entries the configuration has changed since the last sync. They are not drift.
    pub behind: usize,
    /// What is to be done.
    pub action: Action,
    /// Whom to notify about critical drift: the leads of the team.
    pub leads: Vec<String>,
    /// The entries that drifted, the most severe first.
    pub entries: Vec<Entry>,
    /// The entries that drifted and that a rule accepts.
    pub ignored: Vec<IgnoredEntry>,
    /// The rules that would have accepted an entry, had they not ended.
    pub expired: Vec<Rule>,
    /// The files that cannot be compared: all entries in them count as drifted.
    pub problems: Vec<UnreadableFile>,
    /// The team of the workspace.
    #[serde(skip)]
    pub team: Option<String>,
}

/// One entry that is not as configured.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Entry {
    /// The file, relative to the workspace.
    pub file: String,
    /// The JSON pointer (RFC 6901) of the entry, or of the array that an item is in; empty for a whole file or a block.
    pub pointer: String,
    /// In which way it is not as configured.
    pub class: DriftClass,
    /// How much it matters.
    pub severity: Severity,
    /// What is configured.
    pub expected: Content,
    /// What the workspace has.
    pub actual: Content,
    /// `file:line:column` in the config repository, or the files; null where it is no longer configured.
    pub origin: Option<String>,
    /// The name of the entry for people; empty for a whole file.
    #[serde(skip)]
    pub entry: String,
    /// The key of a layer that it is about.
    #[serde(skip)]
    pub key: String,
    /// The line in the workspace's file, from 1.
    #[serde(skip)]
    pub line: usize,
}

/// An entry that is not as configured, and accepted.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct IgnoredEntry {
    /// The entry.
    #[serde(flatten)]
    pub entry: Entry,
    /// The path of the rule that accepts it.
    #[serde(skip)]
    pub path: String,
    /// Why it is accepted.
    pub reason: String,
    /// Who accepted it.
    pub owner: String,
    /// The last day of the rule, as `YYYY-MM-DD`; empty if it has none.
    pub until: String,
}

/// A rule that accepts drift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Rule {
    /// Which keys of a layer it is about.
    pub path: String,
    /// Why they may differ.
    pub reason: String,
    /// Who said so.
    pub owner: String,
    /// The last day of the rule, as `YYYY-MM-DD`; empty if it has none.
    pub until: String,
}

/// A file that cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UnreadableFile {
    /// The file, and what is wrong with it.
    #[serde(flatten)]
    pub problem: Problem,
    /// The severity of the worst of its entries.
    pub severity: Severity,
    /// How many entries it should have.
    pub entries: usize,
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nothing => serializer.serialize_none(),
            Self::Value(value) => value.serialize(serializer),
            Self::Text(digest) => serializer.collect_map([("digest", digest.to_string())]),
        }
    }
}

impl JsonSchema for Content {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Content".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A value; null for nothing; for the text of a file or a block an object with its `digest`.",
        })
    }
}

impl IgnoredEntry {
    fn rule(&self) -> Rule {
        let Self { path, reason, owner, until, .. } = self.clone();
        Rule { path, reason, owner, until }
    }
}

impl Drift {
    /// Returns true if everything is as configured, or accepted.
    pub fn is_clean(&self) -> bool {
        self.entries.is_empty() && self.problems.is_empty()
    }

    /// Returns one line for each entry; what it amounts to, and what to do.
    pub fn text(&self) -> Text {
        let unreadable = (!self.problems.is_empty()).then_some("unreadable");
        let classes = self.entries.iter().map(|entry| entry.class.word()).chain(unreadable);
        let wide = classes.map(str::len).max().unwrap_or(0);
        let mut lines = String::new();
        for UnreadableFile { problem, severity, entries } in &self.problems {
            let Problem { file, line, message, help } = problem;
            let (severity, place) = (severity.word(), line_suffix(*line));
            let (message, entries) = (one_line(message), count(*entries, "entry"));
            lines.push_str(&format!(
                "{severity:8}  {:wide$}  {file}{place}  {message}  ({entries})\n",
                "unreadable"
            ));
            if !help.is_empty() {
                lines.push_str(&format!("    {}\n", one_line(help)));
            }
        }
        for entry in &self.entries {
            let (severity, class) = (entry.severity.word(), entry.class.word());
            let line = one_line(&entry.line());
            lines.push_str(&format!("{severity:8}  {class:wide$}  {line}\n"));
        }
        let mut text = Text::default();
        text.result(lines);
        for (rule, number) in self.rules() {
            let (entries, by) = (count(number, "entry"), one_line(&rule.described()));
            text.remark(format!("ignored: {entries} by {by}"));
        }
        for rule in &self.expired {
            text.remark(format!("no longer ignored: {}", one_line(&rule.described())));
        }
        text.remark(self.summary());
        if self.behind > 0 {
            text.remark(behind::remark(self.behind));
        }
        text.remark(one_line(&self.advice(str::to_owned)));
        text
    }

    /// Returns the rules that accept entries, with how many each.
    fn rules(&self) -> Vec<(Rule, usize)> {
        let mut rules: Vec<(Rule, usize)> = Vec::new();
        for rule in self.ignored.iter().map(IgnoredEntry::rule) {
            match rules.iter_mut().find(|(known, _)| *known == rule) {
                Some((_, number)) => *number += 1,
                None => rules.push((rule, 1)),
            }
        }
        rules
    }

    fn summary(&self) -> String {
        let Self { owned, percentage, threshold, repository, revision, .. } = self;
        if self.is_clean() && self.drifted == 0 {
            return no_drift(*owned, repository, revision);
        }
        let judged = match self.significant {
            _ if self.is_clean() => String::new(),
            true => format!(", above the threshold of {threshold} %: significant"),
            false => format!(", not above the threshold of {threshold} %"),
        };
        let (entries, from) = (count(*owned, "entry"), at_revision(repository, revision));
        format!("drift: {} of {entries}, {percentage} %{judged} ({from})", self.drifted)
    }

    /// Returns what to do, as a sentence; empty if nothing. `plain` escapes a name.
    fn advice(&self, plain: fn(&str) -> String) -> String {
        match self.action {
            Action::Nothing => String::new(),
            Action::NotifyLeads => match (&self.team, self.leads.as_slice()) {
                (Some(team), []) => format!(
                    "critical drift: notify the leads of team {team}; `[teams.{team}] leads` is empty"
                ),
                (Some(team), leads) => {
                    let leads: Vec<String> = leads.iter().map(|name| plain(name)).collect();
                    format!("critical drift: notify the leads of team {team}: {}", leads.join(", "))
                }
                (None, _) => {
                    "critical drift: notify the owners of the config repository".to_owned()
                }
            },
            Action::Remediate => "Discard: `sync --force`. Keep: `adopt`.".to_owned(),
            Action::Review => {
                "Review the changes: `sync --force` cannot restore all of them.".to_owned()
            }
        }
    }

    /// Returns the drift as a comment: a headline, tables, and what to do.
    pub fn markdown(&self) -> String {
        let entries = self.entries.iter().map(|entry| {
            [
                entry.severity.word().to_owned(),
                entry.class.word().to_owned(),
                markdown::code(&entry.file),
                markdown::code(&entry.entry),
                markdown::code(&short(&entry.expected)),
                markdown::code(&short(&entry.actual)),
                markdown::code(entry.origin.as_deref().unwrap_or_default()),
            ]
        });
        let problems = self.problems.iter().map(|UnreadableFile { problem, severity, entries }| {
            [
                severity.word().to_owned(),
                markdown::code(&format!("{}{}", problem.file, line_suffix(problem.line))),
                markdown::plain(&problem.message),
                count(*entries, "entry"),
            ]
        });
        let ignored = self.rules().into_iter().map(|(rule, number)| {
            [
                count(number, "entry"),
                markdown::code(&rule.path),
                markdown::plain(&rule.reason),
                markdown::plain(&rule.owner),
                markdown::plain(&rule.until),
            ]
        });
        let head = ["Severity", "Class", "File", "Entry", "Configured", "Found", "Configured in"];
        markdown::blocks(&[
            format!("**{}**", markdown::plain(&self.summary())),
            match self.behind {
                0 => String::new(),
                entries => markdown::plain(&behind::remark(entries)),
            },
            markdown::table(head, entries),
            markdown::table(["Severity", "Unreadable", "Problem", "Counts"], problems),
            markdown::details(
                "Ignored",
                &markdown::table(["Entries", "Rule", "Reason", "Owner", "Until"], ignored),
            ),
            self.advice(markdown::plain),
        ])
    }

    /// Returns the drift as findings about the workspace's files, for SARIF and workflow commands.
    pub fn findings(&self) -> Vec<Finding> {
        let problems = self.problems.iter().map(|UnreadableFile { problem, severity, .. }| {
            let message = format!("this file {}", problem.message);
            let at = located(&problem.file, problem.line.unwrap_or(1), "");
            finding(&UNREADABLE, *severity, message, at, Some(problem.help.clone()))
        });
        problems.chain(self.entries.iter().map(Entry::finding)).collect()
    }
}

impl Line for Drift {
    fn ok(&self) -> bool {
        self.is_clean()
    }

    fn line(&self) -> String {
        let severities = (self.entries.iter().map(|entry| entry.severity))
            .chain(self.problems.iter().map(|file| file.severity));
        let severity = severities.max().map_or("", Severity::word);
        let significant = if self.significant { ", significant" } else { "" };
        let (number, entries) = (self.drifted, count(self.owned, "entry"));
        format!("{severity}: {number} of {entries}, {} %{significant}", self.percentage)
    }
}

impl Entry {
    /// Returns file, entry, what is configured and what is found, and where that is configured.
    fn line(&self) -> String {
        let mut line = self.file.clone();
        if !self.entry.is_empty() {
            line.push_str(&format!("  {}", self.entry));
        }
        line.push_str(&format!("  {} → {}", short(&self.expected), short(&self.actual)));
        if let Some(origin) = &self.origin {
            line.push_str(&format!("  {origin}"));
        }
        line
    }

    fn finding(&self) -> Finding {
        let what = match self.entry.as_str() {
            "" => "this file".to_owned(),
            entry => format!("`{entry}`"),
        };
        let from = self.origin.as_ref().map(|origin| format!(", from {origin}"));
        let from = from.unwrap_or_default();
        let (expected, actual) = (short(&self.expected), short(&self.actual));
        let (class, key) = (self.class.word(), &self.key);
        let message =
            format!("{what} is not as configured ({class}): {expected} → {actual} (`{key}`{from})");
        // In the place of the line's text, so that the fingerprint is that of the entry.
        let name = format!("{} {expected}", self.pointer);
        let at = located(&self.file, self.line, &name);
        finding(self.class.code(), self.severity, message, at, None)
    }
}

impl Rule {
    fn described(&self) -> String {
        let Self { path, reason, owner, until } = self;
        format!("`{path}` until {until} ({reason}; {owner})")
    }
}

/// Returns the sentence for a workspace without drift, with how many entries it has.
pub fn no_drift(entries: usize, repository: &str, revision: &str) -> String {
    format!("no drift in {} ({})", count(entries, "entry"), at_revision(repository, revision))
}

/// Returns content on one short line.
fn short(content: &Content) -> String {
    match content {
        Content::Nothing => "nothing".to_owned(),
        Content::Text(digest) => digest.to_string().chars().take(8).collect(),
        Content::Value(value) => shortened(&value.to_string()),
    }
}

fn finding(
    code: &'static Code,
    severity: Severity,
    message: String,
    at: Located,
    help: Option<String>,
) -> Finding {
    let severity = match severity {
        Severity::Critical | Severity::High => Level::Error,
        Severity::Medium => Level::Warning,
        Severity::Low => Level::Note,
    };
    Finding { code, severity, message, at, others: Vec::new(), note: None, help, further: 0 }
}

fn located(file: &str, line: usize, text: &str) -> Located {
    Located {
        file: file.to_owned(),
        place: Place { line, column: 1, end_line: line, end_column: 1 },
        label: String::new(),
        lines: Arc::from(text),
        marked: 0..0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Answer;
    use crate::workspace::Digest;

    fn entry(
        file: &str,
        entry: &str,
        severity: Severity,
        expected: Content,
        actual: Content,
    ) -> Entry {
        Entry {
            file: file.to_owned(),
            pointer: if entry.is_empty() { String::new() } else { format!("/{entry}") },
            class: DriftClass::Drift,
            severity,
            expected,
            actual,
            origin: Some("base/layer.toml:3:5".to_owned()),
            entry: entry.to_owned(),
            key: "permissions.deny".to_owned(),
            line: 7,
        }
    }

    fn sample() -> Drift {
        let text = Content::Text(Digest::of_file(b"mine", false));
        let value = Content::Value(serde_json::json!("Read(./.env)"));
        let critical = entry(
            ".claude/settings.json",
            "permissions/deny",
            Severity::Critical,
            value,
            Content::Nothing,
        );
        let low = entry(".claude/agents/a|b.md", "", Severity::Low, Content::Nothing, text);
        let accepted = entry(
            ".mcp.json",
            "mcpServers/docs",
            Severity::High,
            Content::Nothing,
            Content::Nothing,
        );
        let rule = Rule {
            path: "settings.model".to_owned(),
            reason: "a trial".to_owned(),
            owner: "platform".to_owned(),
            until: "2026-01-31".to_owned(),
        };
        Drift {
            repository: "../config".to_owned(),
            revision: "0123456789abcdef".to_owned(),
            percentage: 66.67,
            significant: true,
            threshold: 5.0,
            drifted: 4,
            owned: 6,
            behind: 2,
            action: Action::NotifyLeads,
            leads: vec!["ada_l".to_owned()],
            entries: vec![critical, low],
            ignored: vec![IgnoredEntry {
                entry: accepted,
                path: "mcp_servers".to_owned(),
                reason: "a local server".to_owned(),
                owner: "platform".to_owned(),
                until: "2027-12-31".to_owned(),
            }],
            expired: vec![rule],
            problems: vec![UnreadableFile {
                problem: Problem {
                    file: "CLAUDE.md".to_owned(),
                    line: Some(2),
                    message: "has two blocks".to_owned(),
                    help: "remove one".to_owned(),
                },
                severity: Severity::Medium,
                entries: 1,
            }],
            team: Some("payments".to_owned()),
        }
    }

    #[test]
    fn as_json() {
        assert_eq!(
            Answer::new("drift", false, sample()).json(),
            r#"{
  "command": "drift",
  "ok": false,
  "repository": "../config",
  "revision": "0123456789abcdef",
  "percentage": 66.67,
  "significant": true,
  "threshold": 5.0,
  "drifted": 4,
  "owned": 6,
  "behind": 2,
  "action": "notify-leads",
  "leads": [
    "ada_l"
  ],
  "entries": [
    {
      "file": ".claude/settings.json",
      "pointer": "/permissions/deny",
      "class": "drift",
      "severity": "critical",
      "expected": "Read(./.env)",
      "actual": null,
      "origin": "base/layer.toml:3:5"
    },
    {
      "file": ".claude/agents/a|b.md",
      "pointer": "",
      "class": "drift",
      "severity": "low",
      "expected": null,
      "actual": {
        "digest": "0a3afb72ef4eb4b678fd814ccedc855d"
      },
      "origin": "base/layer.toml:3:5"
    }
  ],
  "ignored": [
    {
      "file": ".mcp.json",
      "pointer": "/mcpServers/docs",
      "class": "drift",
      "severity": "high",
      "expected": null,
      "actual": null,
      "origin": "base/layer.toml:3:5",
      "reason": "a local server",
      "owner": "platform",
      "until": "2027-12-31"
    }
  ],
  "expired": [
    {
      "path": "settings.model",
      "reason": "a trial",
      "owner": "platform",
      "until": "2026-01-31"
    }
  ],
  "problems": [
    {
      "file": "CLAUDE.md",
      "line": 2,
      "message": "has two blocks",
      "help": "remove one",
      "severity": "medium",
      "entries": 1
    }
  ]
}"#
        );
    }

    #[test]
    fn as_text() {
        assert_eq!(
            sample().text().marked(),
            r#"medium    unreadable  CLAUDE.md:2  has two blocks  (1 entry)
    remove one
critical  drift       .claude/settings.json  permissions/deny  "Read(./.env)" → nothing  base/layer.toml:3:5
low       drift       .claude/agents/a|b.md  nothing → 0a3afb72  base/layer.toml:3:5
# ignored: 1 entry by `mcp_servers` until 2027-12-31 (a local server; platform)
# no longer ignored: `settings.model` until 2026-01-31 (a trial; platform)
# drift: 4 of 6 entries, 66.67 %, above the threshold of 5 %: significant (../config at 0123456789)
# behind: 2 entries changed in the configuration since the last sync; this is not drift: `claude-env sync` updates it
# critical drift: notify the leads of team payments: ada_l
"#
        );
        assert_eq!(sample().line(), "critical: 4 of 6 entries, 66.67 %, significant");
        let clean = Drift {
            entries: Vec::new(),
            problems: Vec::new(),
            ignored: Vec::new(),
            expired: Vec::new(),
            drifted: 0,
            behind: 0,
            action: Action::Nothing,
            ..sample()
        };
        assert_eq!(
            clean.text().marked(),
            r"# no drift in 6 entries (../config at 0123456789)
"
        );
    }

    #[test]
    fn as_markdown() {
        assert_eq!(
            sample().markdown(),
            r#"**drift: 4 of 6 entries, 66.67 %, above the threshold of 5 %: significant (../config at 0123456789)**

behind: 2 entries changed in the configuration since the last sync; this is not drift: `claude-env sync` updates it

| Severity | Class | File | Entry | Configured | Found | Configured in |
| --- | --- | --- | --- | --- | --- | --- |
| critical | drift | `.claude/settings.json` | `permissions/deny` | `"Read(./.env)"` | `nothing` | `base/layer.toml:3:5` |
| low | drift | `.claude/agents/a\|b.md` |  | `nothing` | `0a3afb72` | `base/layer.toml:3:5` |

| Severity | Unreadable | Problem | Counts |
| --- | --- | --- | --- |
| medium | `CLAUDE.md:2` | has two blocks | 1 entry |

<details>
<summary>Ignored</summary>

| Entries | Rule | Reason | Owner | Until |
| --- | --- | --- | --- | --- |
| 1 entry | `mcp_servers` | a local server | platform | 2027-12-31 |

</details>

critical drift: notify the leads of team payments: ada\_l
"#
        );
    }

    #[test]
    fn as_workflow_commands() {
        assert_eq!(
            crate::report::findings::github::render(&sample().findings()),
            r#"::warning file=CLAUDE.md,line=2,col=1,endLine=2,endColumn=1,title=drift/unreadable drift-unreadable::this file has two blocks%0Ahelp: remove one
::error file=.claude/settings.json,line=7,col=1,endLine=7,endColumn=1,title=drift/drift drift::`permissions/deny` is not as configured (drift): "Read(./.env)" → nothing (`permissions.deny`, from base/layer.toml:3:5)
::notice file=.claude/agents/a|b.md,line=7,col=1,endLine=7,endColumn=1,title=drift/drift drift::this file is not as configured (drift): nothing → 0a3afb72 (`permissions.deny`, from base/layer.toml:3:5)
"#
        );
    }
}
