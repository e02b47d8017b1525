use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::check::count;
use super::survey::drift_all;
use crate::cli::args::{DriftArgs, DriftFormat};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::diagnostic::escape::{self, one_line};
use claude_env_core::diagnostic::{Code, Finding, Located, Severity as Level};
use claude_env_core::drift::{Action, Content, Severity, UNREADABLE, Unreadable};
use claude_env_core::report::findings as show;
use claude_env_core::source::Place;
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::drift::{self, Drifted, Ignored, Row};
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::state::as_written::AsWritten;

/// `drift`.
pub(in crate::cli) fn drift(
    args: &DriftArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    if args.all {
        return drift_all(args, request, env, printer);
    }
    // Programs are told what the configuration says about drift, too.
    if args.format == DriftFormat::Human
        && let Some(AsWritten { header, entries }) = drift::none(request, env)
    {
        printer.say(&no_drift(entries, &header.repository, &header.revision));
        return Ok(ExitStatus::Done);
    }
    let drifted = drift::drift(request, env)?;
    match args.format {
        DriftFormat::Human => human(&drifted, printer),
        DriftFormat::Json => printer.result(&as_json(&drifted)),
        DriftFormat::Sarif => {
            printer.result(&show::sarif::render("drift", &findings(&drifted), true));
        }
    }
    Ok(if drifted.is_clean() { ExitStatus::Done } else { ExitStatus::Found })
}

/// One line for each entry to stdout; what it amounts to, and what to do, to stderr.
fn human(drifted: &Drifted, printer: &Printer) {
    let unreadable = (!drifted.unreadable.is_empty()).then_some("unreadable");
    let classes = drifted.rows.iter().map(|row| row.class.word()).chain(unreadable);
    let wide = classes.map(str::len).max().unwrap_or(0);
    let mut text = String::new();
    for file in &drifted.unreadable {
        let (severity, problem) = (file.severity.word(), &file.problem);
        let place = problem.line.map_or(String::new(), |line| format!(":{line}"));
        let message = one_line(&problem.message);
        let entries = count(file.entries, "entry");
        let path = &problem.path;
        text.push_str(&format!(
            "{severity:8}  {:wide$}  {path}{place}  {message}  ({entries})\n",
            "unreadable"
        ));
        if !problem.help.is_empty() {
            text.push_str(&format!("    {}\n", one_line(&problem.help)));
        }
    }
    for row in &drifted.rows {
        let (severity, class) = (row.severity.word(), row.class.word());
        text.push_str(&format!("{severity:8}  {class:wide$}  {}\n", one_line(&line(row))));
    }
    if !text.is_empty() {
        printer.result(&text);
    }
    let mut rules: Vec<(&Ignored, usize)> = Vec::new();
    for (_, rule) in &drifted.ignored {
        match rules.iter_mut().find(|(known, _)| *known == rule) {
            Some((_, number)) => *number += 1,
            None => rules.push((rule, 1)),
        }
    }
    for (rule, number) in rules {
        let (entries, by) = (count(number, "entry"), one_line(&described(rule)));
        printer.say(&format!("ignored: {entries} by {by}"));
    }
    for rule in &drifted.expired {
        printer.say(&format!("no longer ignored: {}", one_line(&described(rule))));
    }
    printer.say(&summary(drifted));
    let advice = advice(drifted);
    if !advice.is_empty() {
        printer.say(&one_line(&advice));
    }
}

/// File, entry, what it should be and what it is, and where that is configured.
fn line(row: &Row) -> String {
    let mut line = row.file.clone();
    if !row.entry.is_empty() {
        line.push_str(&format!("  {}", row.entry));
    }
    line.push_str(&format!("  {} → {}", short(&row.expected), short(&row.actual)));
    if !row.origin.is_empty() {
        line.push_str(&format!("  {}", row.origin));
    }
    line
}

fn described(rule: &Ignored) -> String {
    let Ignored { path, reason, owner, until } = rule;
    format!("`{path}` until {until} ({reason}; {owner})")
}

fn summary(drifted: &Drifted) -> String {
    let Drifted { owned, percentage, threshold, .. } = drifted;
    let judged = match drifted.significant {
        _ if drifted.is_clean() => String::new(),
        true => format!(", above the threshold of {threshold} %: significant"),
        false => format!(", not above the threshold of {threshold} %"),
    };
    let Drifted { repository, revision, .. } = drifted;
    match drifted.drifted {
        0 if drifted.is_clean() => no_drift(*owned, repository, revision),
        number => {
            let (entries, from) = (count(*owned, "entry"), from(repository, revision));
            format!("drift: {number} of {entries}, {percentage} %{judged} ({from})")
        }
    }
}

fn no_drift(entries: usize, repository: &str, revision: &str) -> String {
    format!("no drift in {} ({})", count(entries, "entry"), from(repository, revision))
}

fn from(repository: &str, revision: &str) -> String {
    match revision.get(..10) {
        Some(short) => format!("{repository} at {short}"),
        None => repository.to_owned(),
    }
}

/// What to do, as a sentence; empty if nothing.
fn advice(drifted: &Drifted) -> String {
    match drifted.action {
        Action::Nothing => String::new(),
        Action::TellLeads => match (&drifted.team, drifted.leads.as_slice()) {
            (Some(team), []) => format!(
                "some of it is critical: tell the leads of team {team}; `[teams.{team}] leads` names nobody"
            ),
            (Some(team), leads) => {
                format!("some of it is critical: tell the leads of team {team}: {}", leads.join(", "))
            }
            (None, _) => "some of it is critical: tell those who own the config repository".to_owned(),
        },
        Action::Remediate => "all of it can be put back without touching what is not claude-env's; `sync` keeps what was \
             changed by hand, `sync --force` puts the configured values back, `adopt` makes the workspace's the configuration"
            .to_owned(),
        Action::Review => "review it: not all of it is claude-env's to put back".to_owned(),
    }
}

/// Content on one short line.
fn short(content: &Content) -> String {
    let text = match content {
        Content::Nothing => return "nothing".to_owned(),
        Content::Text(digest) => return digest.to_string().chars().take(8).collect(),
        Content::Value(value) => value.to_string(),
    };
    if text.chars().count() <= 60 {
        return text;
    }
    let first: String = text.chars().take(59).collect();
    format!("{first}…")
}

fn as_json(drifted: &Drifted) -> String {
    escape::json(format!("{:#}", answer(drifted)))
}

pub(super) fn answer(drifted: &Drifted) -> Json {
    let ignored = drifted.ignored.iter().map(|(row, rule)| {
        let mut entry = entry(row);
        entry["reason"] = rule.reason.as_str().into();
        entry["owner"] = rule.owner.as_str().into();
        entry["until"] = rule.until.as_str().into();
        entry
    });
    let expired = drifted.expired.iter().map(|rule| {
        json!({ "path": rule.path, "reason": rule.reason, "owner": rule.owner, "until": rule.until })
    });
    json!({
        "command": "drift",
        "ok": drifted.is_clean(),
        "repository": drifted.repository,
        "revision": drifted.revision,
        "percentage": drifted.percentage,
        "significant": drifted.significant,
        "threshold": drifted.threshold,
        "drifted": drifted.drifted,
        "owned": drifted.owned,
        "action": drifted.action.word(),
        "leads": drifted.leads,
        "entries": drifted.rows.iter().map(entry).collect::<Json>(),
        "ignored": ignored.collect::<Json>(),
        "expired": expired.collect::<Json>(),
        "problems": drifted.unreadable.iter().map(problem).collect::<Json>(),
    })
}

fn entry(row: &Row) -> Json {
    json!({
        "file": row.file,
        "pointer": row.pointer,
        "class": row.class.word(),
        "severity": row.severity.word(),
        "expected": content(&row.expected),
        "actual": content(&row.actual),
        "origin": (!row.origin.is_empty()).then_some(&row.origin),
    })
}

fn content(content: &Content) -> Json {
    match content {
        Content::Nothing => Json::Null,
        Content::Value(value) => value.clone(),
        Content::Text(digest) => json!({ "digest": digest.to_string() }),
    }
}

fn problem(file: &Unreadable) -> Json {
    json!({
        "file": file.problem.path.as_str(),
        "line": file.problem.line,
        "message": file.problem.message,
        "help": file.problem.help,
        "severity": file.severity.word(),
        "entries": file.entries,
    })
}

/// Drift as findings about the workspace's files.
fn findings(drifted: &Drifted) -> Vec<Finding> {
    let unreadable = drifted.unreadable.iter().map(|file| {
        let problem = &file.problem;
        let message = format!("this file {}", problem.message);
        let at = located(problem.path.as_str(), problem.line.unwrap_or(1), "");
        finding(&UNREADABLE, file.severity, message, at, Some(problem.help.clone()))
    });
    let entries = drifted.rows.iter().map(|row| {
        let what = match row.entry.as_str() {
            "" => "this file".to_owned(),
            entry => format!("`{entry}`"),
        };
        let from = match row.origin.as_str() {
            "" => String::new(),
            origin => format!(", from {origin}"),
        };
        let (expected, actual) = (short(&row.expected), short(&row.actual));
        let (class, key) = (row.class.word(), &row.key);
        let message =
            format!("{what} is not as configured ({class}): {expected} → {actual} (`{key}`{from})");
        // In the place of the line's text, so that the fingerprint is that of the entry.
        let name = format!("{} {expected}", row.pointer);
        finding(row.class.code(), row.severity, message, located(&row.file, row.line, &name), None)
    });
    unreadable.chain(entries).collect()
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
