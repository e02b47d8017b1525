//! `sync --watch`: a line for each time that something happened.

use std::cell::RefCell;
use std::time::Duration;

use crate::cli::args::{ReportFormat, SyncArgs};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::diagnostic::escape::one_line;
use claude_env_core::report::json_line;
use claude_env_core::workspace::Sign;
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::sync::{self as ops, SyncOptions};
use claude_env_engine::ops::watch::{self, Cause, End, Round};

/// Runs `sync --watch`.
pub(super) fn watch(
    args: &SyncArgs,
    options: SyncOptions,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    if args.format == ReportFormat::Markdown {
        return Err(Failure::usage("`--watch` has no Markdown: it prints a line for each sync")
            .hint("use `--format human` or `--format json`"));
    }
    let last = RefCell::new(String::new());
    let interval = Duration::from_secs(args.interval.into());
    let end = watch::watch(
        request,
        env,
        interval,
        |request| ops::sync(request, env, options),
        |round| {
            // What has not changed since the last time is no news: our own writes come back as changes too.
            let state = state(round);
            let news = round.cause == Cause::Start || wrote(round) || *last.borrow() != state;
            *last.borrow_mut() = state;
            if news {
                print(round, args.format, printer);
            }
            if round.cause == Cause::Start {
                let seconds = args.interval;
                printer.say(&format!("watching, and syncing every {seconds} s; Ctrl-C ends it"));
            }
        },
    )?;
    Ok(match end {
        End::Interrupted => ExitStatus::Interrupted,
        End::Terminated => ExitStatus::Done,
    })
}

fn print(round: &Round, format: ReportFormat, printer: &Printer) {
    let report = round.report();
    if format == ReportFormat::Json {
        return printer.result(&json_line(&report));
    }
    printer.result(&one_line(&report.line()));
    if let Err(failure) = &round.result {
        printer.failure(failure);
    }
}

fn wrote(round: &Round) -> bool {
    round.result.as_ref().is_ok_and(|synced| !synced.stopped && !synced.is_noop())
}

/// Returns what there is to know when nothing was written: what is kept, or why it failed.
fn state(round: &Round) -> String {
    match &round.result {
        Ok(synced) => {
            let kept = synced.plan.lines.iter().filter(|line| line.sign == Sign::Keep);
            let stopped = synced.plan.prune.as_ref().filter(|_| synced.stopped);
            format!("{:?} {:?} {stopped:?}", kept.collect::<Vec<_>>(), synced.plan.problems)
        }
        Err(failure) => format!("{failure:?}"),
    }
}
