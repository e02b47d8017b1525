use serde_json::{Value as Json, json};

use super::check::count;
use super::{plan, sync};
use crate::cli::args::{PlainFormat, RollbackArgs};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::workspace::{Generation, Policy};
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::rollback::{self, RolledBack};

/// `rollback`.
pub(in crate::cli) fn rollback(
    args: &RollbackArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    if args.list {
        let generations = rollback::list(&request.workspace_root()?, env)?;
        match args.format {
            PlainFormat::Json => printer.result(&list_as_json(&generations)),
            PlainFormat::Human if generations.is_empty() => printer.say("no generation is kept"),
            PlainFormat::Human => printer.result(&table(&generations)),
        }
        return Ok(ExitStatus::Done);
    }
    let policy = if args.force { Policy::Force } else { Policy::Keep };
    let done =
        rollback::rollback(&request.workspace_root()?, env, args.generation, policy, args.dry_run)?;
    let left = done.plan.lines.iter().any(plan::is_kept) || !done.plan.problems.is_empty();
    let found = left || (args.dry_run && !done.is_noop());
    match args.format {
        PlainFormat::Json => printer.result(&as_json(&done, args.dry_run, !found)),
        PlainFormat::Human => human(&done, args.dry_run, printer),
    }
    Ok(if found { ExitStatus::Found } else { ExitStatus::Done })
}

fn human(done: &RolledBack, dry_run: bool, printer: &Printer) {
    plan::print(&done.plan, printer);
    if let Some(change) = &done.exclude {
        printer.result(&sync::list_line(change));
    }
    let would = if dry_run { "Would do: " } else { "" };
    let summary = match done.plan.changes.is_empty() && !done.plan.is_noop() {
        true => "only the lock changes".to_owned(),
        false => plan::summary(&done.plan),
    };
    printer.say(&format!("{would}{summary} (back to before generation {})", done.number));
    if let Some(number) = done.applied.generation {
        printer.say(&format!(
            "What was there is generation {number}: `claude-env rollback {number}` takes this back."
        ));
    }
    if !dry_run && !done.is_noop() {
        printer.say("The next `claude-env sync` applies the configuration again.");
    }
}

fn as_json(done: &RolledBack, dry_run: bool, ok: bool) -> String {
    let answer = json!({
        "command": "rollback",
        "ok": ok,
        "dry_run": dry_run,
        "back_to_before": done.number,
        "generation": done.applied.generation,
        "changes": plan::changes(&done.plan, &[]),
        "problems": plan::problems(&done.plan),
        "exclude": done.exclude.as_ref().map(sync::list_as_json),
    });
    format!("{answer:#}")
}

/// One line per generation.
fn table(generations: &[Generation]) -> String {
    let mut text = String::new();
    for generation in generations {
        let verb = match generation.target {
            Some(target) => format!("{} {target}", generation.verb),
            None => generation.verb.clone(),
        };
        let files = count(generation.files().count(), "file");
        let (before, after) =
            (short(&generation.revision_before), short(&generation.revision_after));
        text.push_str(&format!(
            "{:>4}  {}  {verb:<11}  {before:<10} -> {after:<10}  {files}\n",
            generation.number, generation.date
        ));
    }
    text
}

/// A revision as people see it.
fn short(revision: &str) -> &str {
    if revision.is_empty() { "-" } else { revision.get(..10).unwrap_or(revision) }
}

fn list_as_json(generations: &[Generation]) -> String {
    let generations: Vec<Json> = (generations.iter())
        .map(|generation| {
            let files: Vec<Json> = (generation.files())
                .map(|file| {
                    let action = match (&file.before, file.after) {
                        (None, _) => "add",
                        (Some(_), Some(_)) => "change",
                        (Some(_), None) => "remove",
                    };
                    json!({ "file": file.path.as_str(), "action": action })
                })
                .collect();
            json!({
                "number": generation.number,
                "date": generation.date,
                "verb": generation.verb,
                "target": generation.target,
                "continues": generation.continues,
                "revision_before": generation.revision_before,
                "revision_after": generation.revision_after,
                "files": files,
            })
        })
        .collect();
    let answer = json!({ "command": "rollback", "ok": true, "generations": generations });
    format!("{answer:#}")
}
