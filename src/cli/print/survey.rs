use serde_json::{Value as Json, json};

use super::check::count;
use super::sync_all::{in_a_line, worst};
use super::{drift, status};
use crate::cli::args::{DriftArgs, DriftFormat, PlainFormat, StatusArgs};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::diagnostic::escape::{json as printable_json, one_line};
use claude_env_core::drift::Severity;
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::drift::{Drifted, drift_all as look_for_drift};
use claude_env_engine::ops::fleet::registry::{WorkspaceResult as Each, shortening};
use claude_env_engine::ops::fleet::survey::{InspectBy as How, Inspection as Looked};
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::status::{Status, status_all as look};

/// What is kept of one workspace, to be printed at the end.
struct Told {
    /// How it stands, as people read it.
    line: String,
    /// The object for programs; null when people asked.
    json: Json,
    drifts: bool,
}

/// `drift --all`.
pub(super) fn drift_all(
    args: &DriftArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let as_json = match args.format {
        DriftFormat::Human => false,
        DriftFormat::Json => true,
        DriftFormat::Sarif => {
            return Err(Failure::usage("SARIF is about one workspace, and `--all` about many")
                .hint("use `--format json`, or run `drift --format sarif` in each"));
        }
    };
    let tell = |drifted: &Drifted| Told {
        line: drift_line(drifted),
        json: if as_json { drift::answer(drifted) } else { Json::Null },
        drifts: !drifted.is_clean(),
    };
    let seen = look_for_drift(request, env, how(args.by_content, as_json), tell)?;
    let number = seen.iter().filter(|each| drifts(each)).count();
    let (exit, failed) = (exit_of(&seen, true), failed(&seen));
    if as_json {
        printer.result(&answer("drift", exit, &seen));
        return Ok(exit);
    }
    let concerned = seen.iter().filter(|each| drifts(each) || each.result.is_err());
    print_lines(concerned, env, printer);
    let of = count(seen.len(), "workspace");
    printer.say(&match number {
        0 => format!("no drift in {of}{failed}"),
        number => format!("drift in {number} of {of}{failed}"),
    });
    Ok(exit)
}

/// `status --all`.
pub(super) fn status_all(
    args: &StatusArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let as_json = args.format == PlainFormat::Json;
    let tell = |status: &Status| Told {
        line: status_line(status),
        json: if as_json { status::answer(status, !status.drifts()) } else { Json::Null },
        drifts: status.drifts(),
    };
    let seen = look(request, env, how(args.by_content, as_json), tell)?;
    let exit = exit_of(&seen, args.check_drift);
    if as_json {
        printer.result(&answer("status", exit, &seen));
        return Ok(exit);
    }
    print_lines(seen.iter(), env, printer);
    if seen.is_empty() {
        printer.say("no workspace is registered here; `init` or `sync` in one registers it");
    }
    Ok(exit)
}

/// Programs are told how the content of each workspace stands, the threshold of its configuration and so on.
fn how(by_content: bool, as_json: bool) -> How {
    match (by_content, as_json) {
        (false, _) => How::ByTime,
        (true, false) => How::ByContent,
        (true, true) => How::InFull,
    }
}

fn drift_line(drifted: &Drifted) -> String {
    let severities = (drifted.rows.iter().map(|row| row.severity))
        .chain(drifted.unreadable.iter().map(|file| file.severity));
    let severity = severities.max().map_or("", Severity::word);
    let significant = if drifted.significant { ", significant" } else { "" };
    let (number, of, percentage) = (drifted.drifted, drifted.owned, drifted.percentage);
    let entries = count(of, "entry");
    format!("{severity}: {number} of {entries}, {percentage} %{significant}")
}

fn status_line(status: &Status) -> String {
    let counts = status.counts.iter().filter(|(class, _)| **class != "clean");
    let mut parts: Vec<String> =
        counts.map(|(class, number)| format!("{number} {class}")).collect();
    if !status.problems.is_empty() {
        parts.push(format!("{} unusable", count(status.problems.len(), "file")));
    }
    if status.interrupted {
        parts.push("the last sync was interrupted".to_owned());
    }
    if parts.is_empty() { AS_CONFIGURED.to_owned() } else { parts.join(", ") }
}

const AS_CONFIGURED: &str = "as configured";

fn drifts(each: &Each<Looked<Told>>) -> bool {
    matches!(&each.result, Ok(Looked::Compared(told)) if told.drifts)
}

fn failed(seen: &[Each<Looked<Told>>]) -> String {
    match seen.iter().filter(|each| each.result.is_err()).count() {
        0 => String::new(),
        number => format!(", {number} could not be looked at"),
    }
}

/// 1 for drift, if it counts; that something could not be looked at outweighs it.
fn exit_of(seen: &[Each<Looked<Told>>], drift_counts: bool) -> ExitStatus {
    worst(seen.iter().map(|each| match &each.result {
        Err(failure) => failure.kind.into(),
        Ok(_) if drift_counts && drifts(each) => ExitStatus::Found,
        Ok(_) => ExitStatus::Done,
    }))
}

fn print_lines<'s>(
    seen: impl Iterator<Item = &'s Each<Looked<Told>>>,
    env: &Env,
    printer: &Printer,
) {
    let short = shortening(env);
    let mut text = String::new();
    for Each { path, result } in seen {
        let said = match result {
            Ok(Looked::Unchanged) => AS_CONFIGURED.to_owned(),
            Ok(Looked::Compared(told)) => told.line.clone(),
            Err(failure) => format!("error: {}", in_a_line(failure)),
        };
        text.push_str(&one_line(&format!("{}  {said}", short(path))));
        text.push('\n');
    }
    if !text.is_empty() {
        printer.result(&text);
    }
}

fn answer(command: &str, exit: ExitStatus, seen: &[Each<Looked<Told>>]) -> String {
    let workspaces = seen.iter().map(|Each { path, result }| {
        let (by, mut object) = match result {
            Ok(Looked::Unchanged) => ("time", json!({ "ok": true })),
            Ok(Looked::Compared(told)) => ("content", told.json.clone()),
            Err(failure) => ("content", json!({ "ok": false, "error": in_a_line(failure) })),
        };
        if let Some(object) = object.as_object_mut() {
            object.remove("command");
            object.insert("path".to_owned(), json!(path.display().to_string()));
            object.insert("by".to_owned(), json!(by));
        }
        object
    });
    let workspaces: Vec<Json> = workspaces.collect();
    let ok = exit == ExitStatus::Done;
    let answer = json!({ "command": command, "ok": ok, "workspaces": workspaces });
    printable_json(format!("{answer:#}"))
}
