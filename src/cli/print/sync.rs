use serde_json::json;

use super::plan;
use crate::cli::args::{PlainFormat, SyncArgs};
use crate::cli::output::Printer;
use crate::edge::env::Env;
use crate::exit::ExitStatus;
use crate::ops::Failure;
use crate::ops::locate::Request;
use crate::ops::sync::{self, Synced};
use crate::workspace::{Class, unified};

/// `sync`.
pub(in crate::cli) fn sync(
    args: &SyncArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let synced = sync::sync(request, env, args.dry_run)?;
    if args.format == PlainFormat::Json {
        printer.result(&as_json("sync", &synced, args.dry_run));
    } else {
        if args.diff {
            printer.result(&unified(&synced.plan, printer.colour_out()));
        }
        human(&synced, args.dry_run, printer);
    }
    Ok(status(&synced, args.dry_run))
}

/// 1 if a conflict is left, or, in a dry run, if there is something to do.
pub(super) fn status(synced: &Synced, dry_run: bool) -> ExitStatus {
    let plan = &synced.plan;
    let conflict = plan.has(Class::Conflict) || !plan.problems.is_empty();
    if conflict || (dry_run && !plan.is_noop()) { ExitStatus::Found } else { ExitStatus::Done }
}

/// The plan, and one line about where it comes from.
pub(super) fn human(synced: &Synced, dry_run: bool, printer: &Printer) {
    plan::print(&synced.plan, printer);
    let revision = match synced.revision.get(..10) {
        Some(short) => format!("{} at {short}", synced.repository),
        None => synced.repository.clone(),
    };
    let would = if dry_run { "Would do: " } else { "" };
    let summary = plan::summary(&synced.plan);
    printer.say(&format!("{would}{summary} ({revision}; {})", synced.scope));
    if synced.user_left_out {
        printer.say(
            "note: there is a user layer; a workspace in mode `committed` holds shared layers only",
        );
    }
}

/// The same as one JSON object.
pub(super) fn as_json(command: &str, synced: &Synced, dry_run: bool) -> String {
    let answer = json!({
        "command": command,
        "ok": status(synced, dry_run) == ExitStatus::Done,
        "dry_run": dry_run,
        "repository": synced.repository,
        "revision": synced.revision,
        "changes": plan::changes(&synced.plan, &synced.origins),
        "problems": plan::problems(&synced.plan),
    });
    format!("{answer:#}")
}
