use serde_json::{Value as Json, json};

use super::check::count;
use super::{plan, sync_all, watch};
use crate::cli::args::{PlainFormat, SyncArgs};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::diagnostic::escape::one_line;
use claude_env_core::source::RepoPath;
use claude_env_core::workspace::{Class, Policy, Prune, unified, unified_file};
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::sync::{self, ExcludeChange, SyncOptions, Synced, Warning};

/// `sync`.
pub(in crate::cli) fn sync(
    args: &SyncArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let request = Request { frozen: args.frozen, ..request.clone() };
    let options = SyncOptions {
        dry_run: args.dry_run,
        policy: if args.force { Policy::Force } else { Policy::Keep },
        allow_prune: args.allow_prune,
        wait: None,
    };
    if args.all {
        return sync_all::all(args, options, &request, env, printer);
    }
    if args.watch {
        return watch::watch(args, options, &request, env, printer);
    }
    let synced = sync::sync(&request, env, options)?;
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
    let conflict = plan.keeps(Class::Conflict) || !plan.problems.is_empty();
    if synced.stopped || conflict || (dry_run && !synced.is_noop()) {
        ExitStatus::Found
    } else {
        ExitStatus::Done
    }
}

/// The plan, and one line about where it comes from.
pub(super) fn human(synced: &Synced, dry_run: bool, printer: &Printer) {
    if synced.stopped && !dry_run {
        plan::print_removals(&synced.plan, printer);
    } else {
        plan::print(&synced.plan, printer);
    }
    if let Some(change) = synced.exclude.as_ref().filter(|_| !synced.stopped) {
        printer.result(&list_line(change));
    }
    let revision = match synced.revision.get(..10) {
        Some(short) => format!("{} at {short}", synced.repository),
        None => synced.repository.clone(),
    };
    let would = match (synced.stopped, dry_run) {
        (true, _) => "Would do with `--allow-prune`: ",
        (false, true) => "Would do: ",
        (false, false) => "",
    };
    let summary = plan::summary(&synced.plan);
    printer.say(&format!("{would}{summary} ({revision}; {})", synced.scope));
    if let Some(prune) = synced.plan.prune.as_ref().filter(|_| synced.stopped) {
        printer.result(&stop(prune, dry_run));
    }
    if let Some(why) = &synced.applied.no_generation {
        printer.say(&format!("note: `claude-env rollback` cannot take this back: {why}"));
    }
    for warning in &synced.warnings {
        let entry = [" ", &warning.entry].concat();
        let place = if warning.entry.is_empty() { "" } else { &entry };
        printer.say(&one_line(&format!("warning: {}{place}: {}", warning.path, warning.message)));
        printer.say(&one_line(&format!("    {}", warning.help)));
    }
}

/// What happens to the list of files that git does not show, in one line.
pub(super) fn list_line(change: &ExcludeChange) -> String {
    let parts = [(change.added.len(), "added"), (change.removed.len(), "removed")];
    let parts: Vec<String> = (parts.into_iter())
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{} {word}", count(number, "pattern")))
        .collect();
    let what = if parts.is_empty() { "put in order".to_owned() } else { parts.join(", ") };
    format!("~ {}  {what}", change.path.display())
}

/// The same as JSON.
pub(super) fn list_as_json(change: &ExcludeChange) -> Json {
    json!({
        "file": change.path.display().to_string(),
        "added": change.added,
        "removed": change.removed,
    })
}

/// Why nothing was done, and how to go on.
pub(super) fn stop(prune: &Prune, dry_run: bool) -> String {
    let nothing = if dry_run { "nothing would be written" } else { "nothing was written" };
    format!(
        "stopped, {nothing}: {prune}\n  hint: if that is meant, `claude-env sync --allow-prune`; else look at the scope and the \
         layers"
    )
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
        "generation": synced.applied.generation,
        "stopped": synced.stopped,
        "prune": synced.plan.prune.as_ref().map(|prune| json!({
            "removed": prune.removed,
            "owned": prune.owned,
            "emptied": prune.emptied.iter().map(RepoPath::as_str).collect::<Vec<_>>(),
        })),
        "changes": plan::changes(&synced.plan, &synced.origins),
        "problems": plan::problems(&synced.plan),
        "warnings": synced.warnings.iter().map(warning).collect::<Vec<Json>>(),
        "exclude": synced.exclude.as_ref().map(list_as_json),
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
