//! `sync --watch`: a line for each time that something happened.

use std::cell::RefCell;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::check::count;
use super::{plan, sync};
use crate::cli::args::{PlainFormat, SyncArgs};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::diagnostic::escape::one_line;
use claude_env_core::workspace::Plan;
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::sync::{self as ops, SyncOptions, Synced};
use claude_env_engine::ops::watch::{self, Cause, End, Round};

/// The most files that a line names.
const NAMED: usize = 3;

/// `sync --watch`.
pub(super) fn watch(
    args: &SyncArgs,
    options: SyncOptions,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let last = RefCell::new(String::new());
    let interval = Duration::from_secs(args.interval.into());
    let end = watch::watch(
        request,
        env,
        interval,
        |request| ops::sync(request, env, options),
        |round| {
            let said = match args.format {
                PlainFormat::Human => line(round),
                PlainFormat::Json => as_json(round),
            };
            // What has not changed since the last time is no news: our own writes come back as changes too.
            let state = state(round);
            let news = round.cause == Cause::Start || wrote(round) || *last.borrow() != state;
            *last.borrow_mut() = state;
            if news {
                printer.result(&one_line(&said));
                if let (Err(failure), PlainFormat::Human) = (&round.result, args.format) {
                    printer.failure(failure);
                }
            }
            if round.cause == Cause::Start {
                printer.say(&format!(
                    "watching, and syncing every {} s; Ctrl-C ends it",
                    args.interval
                ));
            }
        },
    )?;
    Ok(match end {
        End::Interrupted => ExitStatus::Interrupted,
        End::Terminated => ExitStatus::Done,
    })
}

fn wrote(round: &Round) -> bool {
    round.result.as_ref().is_ok_and(|synced| !synced.stopped && !synced.is_noop())
}

/// What there is to know when nothing was written: what is kept, or why it failed.
fn state(round: &Round) -> String {
    match &round.result {
        Ok(synced) => {
            let kept = synced.plan.lines.iter().filter(|line| plan::is_kept(line));
            let stopped = synced.plan.prune.as_ref().filter(|_| synced.stopped);
            format!("{:?} {:?} {stopped:?}", kept.collect::<Vec<_>>(), synced.plan.problems)
        }
        Err(failure) => format!("{failure:?}"),
    }
}

fn line(round: &Round) -> String {
    let cause = match &round.cause {
        Cause::Start => "start".to_owned(),
        Cause::Interval => "interval".to_owned(),
        Cause::Changed(paths) if paths.is_empty() => "changes".to_owned(),
        Cause::Changed(paths) => {
            let named = paths.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
            match paths.len().saturating_sub(NAMED) {
                0 => named,
                more => format!("{named} and {more} more"),
            }
        }
    };
    let what = match &round.result {
        Ok(Synced { stopped: true, plan: Plan { prune: Some(prune), .. }, .. }) => {
            sync::stop(prune, false)
        }
        Ok(synced) => {
            let mut files: Vec<&str> =
                synced.plan.lines.iter().map(|line| line.path.as_str()).collect();
            files.dedup();
            let summary = plan::summary(&synced.plan);
            match files.len() {
                0 => summary,
                1..=NAMED => format!("{summary} ({})", files.join(", ")),
                many => format!("{summary} ({})", count(many, "file")),
            }
        }
        Err(failure) => format!("failed: {}", failure.message),
    };
    format!("{cause}: {what}")
}

/// One object on one line.
fn as_json(round: &Round) -> String {
    let mut answer = match &round.result {
        Ok(synced) => sync::answer("sync", synced, false),
        Err(failure) => json!({
            "command": "sync",
            "ok": false,
            "error": failure.message,
            "hints": failure.hints,
        }),
    };
    let cause = match &round.cause {
        Cause::Start => json!({ "start": true }),
        Cause::Interval => json!({ "interval": true }),
        Cause::Changed(paths) => json!({ "changed": paths }),
    };
    if let Json::Object(members) = &mut answer {
        members.insert("cause".to_owned(), cause);
    }
    answer.to_string()
}
