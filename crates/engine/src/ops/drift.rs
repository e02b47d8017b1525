//! `drift`: what in a workspace is not what it should be.

use serde_json::Value as Json;

use super::Failure;
use crate::edge::env::Env;
use crate::ops::fleet::registry::WorkspaceResult;
use crate::ops::fleet::survey::{InspectBy, Inspection, survey};
use crate::ops::repository::load::Opened;
use crate::ops::repository::locate::{Request, find_upwards};
use crate::ops::state::as_written::{AsWritten, as_written};
use crate::ops::state::inspect::{Inspected, inspect};
use crate::ops::state::plan::origin;
use claude_env_core::drift::{Action, Content, DriftClass, DriftEntry, Severity, Unreadable};
use claude_env_core::layer::{BINDING_FILE, IgnoreRule};
use claude_env_core::model::secret;
use claude_env_core::source::Sources;
use claude_env_core::workspace::segments;

/// The drift of a workspace, ready to be shown: origins as text, secrets masked.
#[derive(Debug)]
pub struct Drifted {
    /// The config repository as the binding names it.
    pub repository: String,
    /// The commit that was compared with; empty for a folder as it stands.
    pub revision: String,
    pub rows: Vec<Row>,
    pub ignored: Vec<(Row, Ignored)>,
    /// Rules that would have covered a row, had they not ended.
    pub expired: Vec<Ignored>,
    pub unreadable: Vec<Unreadable>,
    pub drifted: usize,
    pub owned: usize,
    pub percentage: f64,
    pub threshold: f64,
    pub significant: bool,
    pub action: Action,
    pub team: Option<String>,
    /// Who is to be told about critical drift.
    pub leads: Vec<String>,
}

/// One entry that is not what it should be.
#[derive(Clone, Debug)]
pub struct Row {
    pub file: String,
    /// The JSON pointer of the entry, or of the array that an item is in; empty for a whole file or a block.
    pub pointer: String,
    /// The entry's name for people; empty for a whole file.
    pub entry: String,
    pub class: DriftClass,
    pub severity: Severity,
    /// The key of a layer.
    pub key: String,
    pub expected: Content,
    pub actual: Content,
    /// `file:line:column` in the config repository; empty where it has the entry no more.
    pub origin: String,
    /// The line in the workspace's file.
    pub line: usize,
}

/// An ignore rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    pub path: String,
    pub reason: String,
    pub owner: String,
    /// The last day of the rule; empty if it has none.
    pub until: String,
}

impl Drifted {
    /// Whether everything is as it should be, or accepted.
    pub fn is_clean(&self) -> bool {
        self.rows.is_empty() && self.unreadable.is_empty()
    }
}

/// Reports the drift of the workspace around the folder.
pub fn drift(request: &Request, env: &Env) -> Result<Drifted, Failure> {
    let opened = Opened::new(request, env)?;
    inspect(&opened, env, |seen| drifted(&opened, seen))
}

/// The workspace around the folder, if it is known to hold what it should without a look at the layers.
pub fn none(request: &Request, env: &Env) -> Option<AsWritten> {
    let root = find_upwards(&request.directory, BINDING_FILE)?;
    as_written(&root, request, env)
}

/// Reports the drift of every workspace of this machine, or of those that read one config repository. `tell` makes of each what is
/// kept of it.
pub fn drift_all<R: Send>(
    request: &Request,
    env: &Env,
    how: InspectBy,
    tell: impl Fn(&Drifted) -> R + Sync,
) -> Result<Vec<WorkspaceResult<Inspection<R>>>, Failure> {
    survey(request, env, how, |opened| inspect(opened, env, |seen| tell(&drifted(opened, seen))))
}

fn drifted(opened: &Opened, seen: &Inspected<'_>) -> Drifted {
    let (report, manifest) = (&seen.report, &opened.repository.manifest);
    let sources = &opened.repository.sources;
    let team = seen.scope.team.as_ref().map(ToString::to_string);
    let leads = team.as_ref().and_then(|team| manifest.leads.get(team));
    Drifted {
        repository: opened.name.clone(),
        revision: seen.revision.clone(),
        rows: report.entries.iter().map(|entry| row(entry, sources)).collect(),
        ignored: (report.ignored.iter())
            .map(|(entry, rule)| (row(entry, sources), ignored(rule)))
            .collect(),
        expired: report.expired.iter().map(|rule| ignored(rule)).collect(),
        unreadable: report.unreadable.clone(),
        drifted: report.drifted(),
        owned: report.owned,
        percentage: report.percentage(),
        threshold: report.threshold,
        significant: report.is_significant(),
        action: report.action(),
        leads: leads.cloned().unwrap_or_default(),
        team,
    }
}

fn row(entry: &DriftEntry, sources: &Sources) -> Row {
    let pointer = entry.entry.pointer();
    let name = segments(pointer).pop().unwrap_or_default();
    Row {
        file: entry.path.to_string(),
        pointer: pointer.to_owned(),
        entry: entry.entry.to_string(),
        class: entry.class,
        severity: entry.severity,
        key: entry.key.to_string(),
        expected: shown(&name, &entry.expected),
        actual: shown(&name, &entry.actual),
        origin: origin(&entry.origin, sources),
        line: entry.line,
    }
}

fn ignored(rule: &IgnoreRule) -> Ignored {
    Ignored {
        path: rule.path.pattern.clone(),
        reason: rule.reason.clone(),
        owner: rule.owner.clone(),
        until: rule.until.as_ref().map(|(until, _)| until.clone()).unwrap_or_default(),
    }
}

fn shown(name: &str, content: &Content) -> Content {
    match content {
        Content::Value(value) => Content::Value(masked(name, value)),
        other => other.clone(),
    }
}

/// A value with its secrets masked: what a person put into a workspace may hold some. `name` is the key that it stands at.
pub(super) fn masked(name: &str, value: &Json) -> Json {
    match value {
        Json::String(text) => Json::String(masked_text(name, text)),
        // What follows an option such as `--api-key` is what the option names.
        Json::Array(items) => {
            let before =
                [name].into_iter().chain(items.iter().map(|item| item.as_str().unwrap_or(name)));
            let option =
                |word: &str| if word.starts_with('-') { word.to_owned() } else { name.to_owned() };
            before.zip(items).map(|(before, item)| masked(&option(before), item)).collect()
        }
        Json::Object(map) => {
            map.iter().map(|(key, value)| (key.clone(), masked(key, value))).collect()
        }
        other => other.clone(),
    }
}

pub(super) fn masked_text(name: &str, text: &str) -> String {
    let cut = |part: &str| match part.char_indices().nth(4) {
        Some((end, _)) if part.chars().count() >= 12 => {
            format!("{}…", part.get(..end).unwrap_or_default())
        }
        _ => "…".to_owned(),
    };
    if secret::names_secret(name) && !text.contains("${") && !text.is_empty() {
        return cut(text);
    }
    let mut ranges: Vec<_> = secret::find(text).into_iter().map(|hit| hit.range).collect();
    ranges.extend(secret::url_password(text));
    ranges.sort_by_key(|range| range.start);
    let (mut out, mut at) = (String::new(), 0);
    for range in ranges.into_iter().filter(|range| !range.is_empty()) {
        if let (Some(before), Some(part)) = (text.get(at..range.start), text.get(range.clone())) {
            out.push_str(before);
            out.push_str(&cut(part));
            at = range.end;
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_in_a_workspace_are_masked() {
        let check = |name: &str, value: Json, expect: Json| {
            assert_eq!(masked(name, &value), expect, "{value}");
        };
        let token = "ghp_q7Zk3R9vTx2LmN8bWc5Yd1Fh6Jp4Sa0GuEoI";
        check("x", json!(token), json!("ghp_…"));
        check("args", json!(["-t", format!("a {token} b")]), json!(["-t", "a ghp_… b"]));
        check("env", json!({"API_KEY": "hunter2"}), json!({"API_KEY": "…"}));
        check("API_KEY", json!("0123456789abcdef"), json!("0123…"));
        check("args", json!(["--api-key", "hunter2", "x"]), json!(["--api-key", "…", "x"]));
        check("Authorization", json!("Bearer ${TOKEN}"), json!("Bearer ${TOKEN}"));
        check("url", json!("https://me:hunter2@x.example"), json!("https://me:…@x.example"));
        check("deny", json!("Read(./.env)"), json!("Read(./.env)"));
    }
}
