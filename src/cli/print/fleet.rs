//! `--all`: the answers about every workspace of this machine, which all look the same.

use std::path::Path;

use crate::cli::args::{DriftArgs, DriftFormat, ReportFormat, StatusArgs, SyncArgs};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::report::Answer;
use claude_env_core::report::drift::Drift;
use claude_env_core::report::fleet::{Fleet, Line, NONE_REGISTERED, Shown, Workspace};
use claude_env_core::report::status::Status;
use claude_env_core::report::sync::Sync;
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::fleet::inspect_all::{InspectBy, Inspection};
use claude_env_engine::ops::fleet::registry::{WorkspaceResult, shortening};
use claude_env_engine::ops::fleet::sync_all::sync_all as sync_each;
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::sync::{SyncOptions, Synced};
use claude_env_engine::ops::{Failure, drift, status};

/// Runs `sync --all`.
pub(super) fn sync_all(
    args: &SyncArgs,
    options: SyncOptions,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let tell = |synced: &Synced| synced.report(args.dry_run);
    let seen = sync_each(request, env, options, tell)?;
    let exit = exit_of(&seen, |sync| !sync.is_done());
    let fleet = Fleet::<Sync> { dry_run: Some(args.dry_run), ..of(seen) };
    let summary = fleet.sync_summary();
    print(&fleet, "sync", args.format, exit, (Shown::All, &summary), env, printer);
    Ok(exit)
}

/// Runs `drift --all`.
pub(super) fn drift_all(
    args: &DriftArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let format = match args.format {
        DriftFormat::Human => ReportFormat::Human,
        DriftFormat::Json => ReportFormat::Json,
        DriftFormat::Markdown => ReportFormat::Markdown,
        DriftFormat::Sarif | DriftFormat::Github => {
            return Err(Failure::usage(
                "SARIF and workflow commands are about one workspace, and `--all` about many",
            )
            .hint("use `--format json`, or run `drift` with this format in each"));
        }
    };
    let seen = drift::drift_all(request, env, how(args.by_content, format), |drift| drift)?;
    let exit =
        exit_of(&seen, |looked| matches!(looked, Inspection::Compared(drift) if !drift.is_clean()));
    let fleet: Fleet<Drift> = of(seen);
    let summary = fleet.drift_summary();
    print(&fleet, "drift", format, exit, (Shown::Concerned, &summary), env, printer);
    Ok(exit)
}

/// Runs `status --all`.
pub(super) fn status_all(
    args: &StatusArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let how = how(args.by_content, args.format);
    let seen = status::status_all(request, env, how, |status| status)?;
    let exit = exit_of(&seen, |looked| {
        args.check_drift && matches!(looked, Inspection::Compared(status) if status.drifts())
    });
    let fleet: Fleet<Status> = of(seen);
    let summary = if fleet.workspaces.is_empty() { NONE_REGISTERED } else { "" };
    print(&fleet, "status", args.format, exit, (Shown::All, summary), env, printer);
    Ok(exit)
}

/// Prints an answer in the format that was asked for.
fn print<T: Line>(
    fleet: &Fleet<T>,
    command: &'static str,
    format: ReportFormat,
    exit: ExitStatus,
    (shown, summary): (Shown, &str),
    env: &Env,
    printer: &Printer,
) {
    let shorten = shortening(env);
    let short = |path: &str| shorten(Path::new(path));
    match format {
        ReportFormat::Human => {
            let mut text = fleet.text(shown, short);
            text.remark(summary);
            printer.text(&text);
        }
        ReportFormat::Json => {
            printer.result(&Answer::new(command, exit == ExitStatus::Done, fleet).json());
        }
        ReportFormat::Markdown => printer.result(&fleet.markdown(shown, summary, short)),
    }
}

fn of<R, T: Line>(seen: Vec<WorkspaceResult<R>>) -> Fleet<T>
where
    Workspace<T>: From<WorkspaceResult<R>>,
{
    Fleet { dry_run: None, workspaces: seen.into_iter().map(Workspace::from).collect() }
}

/// Returns 1 if something was found in a workspace; that the command failed in one outweighs it.
fn exit_of<R>(seen: &[WorkspaceResult<R>], found: impl Fn(&R) -> bool) -> ExitStatus {
    let statuses = seen.iter().map(|each| match &each.result {
        Ok(result) => ExitStatus::done_if(!found(result)),
        Err(failure) => failure.kind.into(),
    });
    statuses.max_by_key(|status| status.number()).unwrap_or(ExitStatus::Done)
}

/// Programs are told how the content of each workspace stands, the threshold of its configuration and so on.
fn how(by_content: bool, format: ReportFormat) -> InspectBy {
    match (by_content, format) {
        (false, _) => InspectBy::ByTime,
        (true, ReportFormat::Json) => InspectBy::InFull,
        (true, _) => InspectBy::ByContent,
    }
}
