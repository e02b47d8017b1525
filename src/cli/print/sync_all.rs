use serde_json::{Value as Json, json};

use super::check::count;
use super::plan;
use crate::cli::args::{PlainFormat, SyncArgs};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::diagnostic::escape::one_line;
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::fleet::registry::{WorkspaceResult as Each, shortening};
use claude_env_engine::ops::fleet::sync_all::sync_all;
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::sync::{SyncOptions, Synced};

/// What is kept of one workspace, to be printed at the end.
struct Told {
    summary: String,
    /// The object for programs; null when people asked.
    json: Json,
    status: ExitStatus,
}

/// `sync --all`.
pub(super) fn all(
    args: &SyncArgs,
    options: SyncOptions,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let tell = |synced: &Synced| Told {
        summary: summary(synced),
        json: match args.format {
            PlainFormat::Human => Json::Null,
            PlainFormat::Json => super::sync::answer("sync", synced, args.dry_run),
        },
        status: super::sync::status(synced, args.dry_run),
    };
    let told = sync_all(request, env, options, tell)?;
    let statuses = told.iter().map(|each| match &each.result {
        Ok(told) => told.status,
        Err(failure) => failure.kind.into(),
    });
    let status = worst(statuses);
    match args.format {
        PlainFormat::Human => human(&told, args.dry_run, env, printer),
        PlainFormat::Json => printer.result(&as_json(&told, status, args.dry_run)),
    }
    Ok(status)
}

/// A line for each workspace.
fn human(told: &[Each<Told>], dry_run: bool, env: &Env, printer: &Printer) {
    let short = shortening(env);
    let mut text = String::new();
    for Each { path, result } in told {
        let said = match result {
            Ok(told) => told.summary.clone(),
            Err(failure) => format!("error: {}", in_a_line(failure)),
        };
        text.push_str(&one_line(&format!("{}  {said}", short(path))));
        text.push('\n');
    }
    if !text.is_empty() {
        printer.result(&text);
    }
    let failed = told.iter().filter(|each| each.result.is_err()).count();
    let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    let would = if dry_run { "would sync" } else { "synced" };
    let number = count(told.len(), "workspace");
    printer.say(&match told.is_empty() {
        true => "no workspace is registered here; `init` or `sync` in one registers it".to_owned(),
        false => format!("{would} {number}{failed}"),
    });
}

fn as_json(told: &[Each<Told>], status: ExitStatus, dry_run: bool) -> String {
    let workspaces: Vec<Json> = told
        .iter()
        .map(|Each { path, result }| {
            let mut object = match result {
                Ok(told) => told.json.clone(),
                Err(failure) => json!({ "ok": false, "error": in_a_line(failure) }),
            };
            if let Some(object) = object.as_object_mut() {
                object.remove("command");
                object.insert("path".to_owned(), json!(path.display().to_string()));
            }
            object
        })
        .collect();
    let ok = status == ExitStatus::Done;
    let answer = json!({
        "command": "sync", "ok": ok, "dry_run": dry_run, "workspaces": workspaces,
    });
    format!("{answer:#}")
}

/// What was done in a workspace, on one line.
pub(super) fn summary(synced: &Synced) -> String {
    match synced.plan.prune.as_ref().filter(|_| synced.stopped) {
        Some(prune) => format!("stopped: {prune}"),
        None => plan::summary(&synced.plan),
    }
}

/// What went wrong, with the first finding that made it so.
pub(super) fn in_a_line(failure: &Failure) -> String {
    match failure.findings.first() {
        None => failure.message.clone(),
        Some(finding) => {
            format!("{}: {}: {}", failure.message, finding.at.file, finding.message)
        }
    }
}

/// The status of many: that something could not be done outweighs what was found elsewhere.
pub(super) fn worst(statuses: impl Iterator<Item = ExitStatus>) -> ExitStatus {
    statuses.max_by_key(|status| status.number()).unwrap_or(ExitStatus::Done)
}
