use super::{fleet, watch};
use crate::cli::args::{ReportFormat, SyncArgs};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::report::Answer;
use claude_env_core::workspace::{Policy, unified, unified_file};
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::sync::{self, SyncOptions};

/// Runs `sync`.
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
        ..SyncOptions::default()
    };
    if args.all {
        return fleet::sync_all(args, options, &request, env, printer);
    }
    if args.watch {
        return watch::watch(args, options, &request, env, printer);
    }
    let synced = sync::sync(&request, env, options)?;
    let report = synced.report(args.dry_run);
    let done = report.is_done();
    match args.format {
        ReportFormat::Human => {
            if args.diff {
                let color = printer.style().color;
                printer.result(&unified(&synced.plan, color));
                if let Some(change) = &synced.exclude {
                    let path = change.path.display().to_string();
                    printer.result(&unified_file(&path, &change.before, &change.after, color));
                }
            }
            printer.text(&report.text());
        }
        ReportFormat::Json => printer.result(&Answer::new("sync", done, &report).json()),
        ReportFormat::Markdown => printer.result(&report.markdown()),
    }
    Ok(ExitStatus::done_if(done))
}
