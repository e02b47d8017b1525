//! The answer of `drift`.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

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
    /// The commit that was compared with; empty for a folder as it stands.
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
        text.remark(one_line(&self.advice()));
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

    /// Returns what to do, as a sentence; empty if nothing.
    fn advice(&self) -> String {
        match self.action {
            Action::Nothing => String::new(),
            Action::NotifyLeads => match (&self.team, self.leads.as_slice()) {
                (Some(team), []) => format!(
                    "some of it is critical: tell the leads of team {team}; `[teams.{team}] leads` names nobody"
                ),
                (Some(team), leads) => format!(
                    "some of it is critical: tell the leads of team {team}: {}",
                    leads.join(", ")
                ),
                (None, _) => {
                    "some of it is critical: tell those who own the config repository".to_owned()
                }
            },
            Action::Remediate => "Discard: `sync --force`. Keep: `adopt`.".to_owned(),
            Action::Review => "review it: not all of it is claude-env's to put back".to_owned(),
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
            markdown::table(head, entries),
            markdown::table(["Severity", "Unreadable", "Problem", "Counts"], problems),
            markdown::details(
                "Ignored",
                &markdown::table(["Entries", "Rule", "Reason", "Owner", "Until"], ignored),
            ),
            self.advice(),
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
    Finding { code, severity, message, at, others: Vec::new(), note: None, help }
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
