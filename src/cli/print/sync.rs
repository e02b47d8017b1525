use serde_json::{Value as Json, json};

use super::check::count;
use super::{plan, watch};
use crate::cli::args::{PlainFormat, SyncArgs};
use crate::cli::output::Printer;
use crate::diagnostic::show::one_line;
use crate::edge::env::Env;
use crate::exit::ExitStatus;
use crate::ops::Failure;
use crate::ops::locate::Request;
use crate::ops::sync::{self, Synced, Warning};
use crate::workspace::{Class, unified, unified_file};

/// `sync`.
pub(in crate::cli) fn sync(
    args: &SyncArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let request = Request { frozen: args.frozen, ..request.clone() };
    if args.watch {
        return watch::watch(args, &request, env, printer);
    }
    let synced = sync::sync(&request, env, args.dry_run)?;
    if args.format == PlainFormat::Json {
        printer.result(&as_json("sync", &synced, args.dry_run));
    } else {
        if args.diff {
            let colours = printer.colour_out();
            printer.result(&unified(&synced.plan, colours));
            if let Some(change) = &synced.exclude {
                let path = change.path.display().to_string();
                printer.result(&unified_file(&path, &change.before, &change.after, colours));
            }
        }
        human(&synced, args.dry_run, printer);
    }
    Ok(status(&synced, args.dry_run))
}

/// 1 if a conflict is left, or, in a dry run, if there is something to do.
pub(super) fn status(synced: &Synced, dry_run: bool) -> ExitStatus {
    let plan = &synced.plan;
    let conflict = plan.has(Class::Conflict) || !plan.problems.is_empty();
    if conflict || (dry_run && !synced.is_noop()) { ExitStatus::Found } else { ExitStatus::Done }
}

/// The plan, and one line about where it comes from.
pub(super) fn human(synced: &Synced, dry_run: bool, printer: &Printer) {
    plan::print(&synced.plan, printer);
    if let Some(change) = &synced.exclude {
        let parts = [(change.added.len(), "added"), (change.removed.len(), "removed")];
        let parts: Vec<String> = (parts.into_iter())
            .filter(|(number, _)| *number > 0)
            .map(|(number, word)| format!("{} {word}", count(number, "pattern")))
            .collect();
        let what = if parts.is_empty() { "put in order".to_owned() } else { parts.join(", ") };
        printer.result(&format!("~ {}  {what}", change.path.display()));
    }
    let revision = match synced.revision.get(..10) {
        Some(short) => format!("{} at {short}", synced.repository),
        None => synced.repository.clone(),
    };
    let would = if dry_run { "Would do: " } else { "" };
    let summary = plan::summary(&synced.plan);
    printer.say(&format!("{would}{summary} ({revision}; {})", synced.scope));
    for warning in &synced.warnings {
        let entry = [" ", &warning.entry].concat();
        let place = if warning.entry.is_empty() { "" } else { &entry };
        printer.say(&one_line(&format!("warning: {}{place}: {}", warning.path, warning.message)));
        printer.say(&one_line(&format!("    {}", warning.help)));
    }
}

/// The same as one JSON object.
pub(super) fn as_json(command: &str, synced: &Synced, dry_run: bool) -> String {
    format!("{:#}", answer(command, synced, dry_run))
}

pub(super) fn answer(command: &str, synced: &Synced, dry_run: bool) -> Json {
    json!({
        "command": command,
        "ok": status(synced, dry_run) == ExitStatus::Done,
        "dry_run": dry_run,
        "repository": synced.repository,
        "revision": synced.revision,
        "changes": plan::changes(&synced.plan, &synced.origins),
        "problems": plan::problems(&synced.plan),
        "warnings": synced.warnings.iter().map(warning).collect::<Vec<Json>>(),
        "exclude": synced.exclude.as_ref().map(|change| json!({
            "file": change.path.display().to_string(),
            "added": change.added,
            "removed": change.removed,
        })),
    })
}

fn warning(warning: &Warning) -> Json {
    json!({
        "file": warning.path,
        "entry": warning.entry,
        "message": warning.message,
        "help": warning.help,
        "origin": warning.origin,
    })
}
