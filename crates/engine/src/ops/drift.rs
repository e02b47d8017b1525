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
use claude_env_core::drift::{Content, DriftEntry};
use claude_env_core::layer::{BINDING_FILE, IgnoreRule};
use claude_env_core::model::secret;
use claude_env_core::report::drift::{Drift, Entry, IgnoredEntry, Rule, UnreadableFile};
use claude_env_core::source::Sources;

/// Reports the drift of the workspace around the folder.
pub fn drift(request: &Request, env: &Env) -> Result<Drift, Failure> {
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
    tell: impl Fn(Drift) -> R + Sync,
) -> Result<Vec<WorkspaceResult<Inspection<R>>>, Failure> {
    survey(request, env, how, |opened| inspect(opened, env, |seen| tell(drifted(opened, seen))))
}

fn drifted(opened: &Opened, seen: &Inspected<'_>) -> Drift {
    let (report, manifest) = (&seen.report, &opened.repository.manifest);
    let sources = &opened.repository.sources;
    let team = seen.scope.team.as_ref().map(ToString::to_string);
    let leads = team.as_ref().and_then(|team| manifest.leads.get(team));
    Drift {
        repository: opened.name.clone(),
        revision: seen.revision.clone(),
        percentage: report.percentage(),
        significant: report.is_significant(),
        threshold: report.threshold,
        drifted: report.drifted(),
        owned: report.owned,
        behind: seen.behind(),
        action: report.action(),
        leads: leads.cloned().unwrap_or_default(),
        entries: report.entries.iter().map(|entry| row(entry, sources)).collect(),
        ignored: (report.ignored.iter())
            .map(|(entry, rule)| {
                let Rule { path, reason, owner, until } = ignored(rule);
                IgnoredEntry { entry: row(entry, sources), path, reason, owner, until }
            })
            .collect(),
        expired: report.expired.iter().map(|rule| ignored(rule)).collect(),
        problems: (report.unreadable.iter())
            .map(|file| UnreadableFile {
                problem: (&file.problem).into(),
                severity: file.severity,
                entries: file.entries,
            })
            .collect(),
        team,
    }
}

fn row(entry: &DriftEntry, sources: &Sources) -> Entry {
    let pointer = entry.entry.pointer();
    let name = pointer.segments().last().map_or("", |name| &**name);
    Entry {
        file: entry.path.to_string(),
        pointer: pointer.to_string(),
        class: entry.class,
        severity: entry.severity,
        expected: shown(name, &entry.expected),
        actual: shown(name, &entry.actual),
        origin: Some(origin(&entry.origin, sources)).filter(|origin| !origin.is_empty()),
        entry: entry.entry.to_string(),
        key: entry.key.to_string(),
        line: entry.line,
    }
}

fn ignored(rule: &IgnoreRule) -> Rule {
    Rule {
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
