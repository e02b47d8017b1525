use crate::cli::args::{ReportFormat, StatusArgs};
use crate::cli::output::Printer;
use crate::cli::print::fleet;
use crate::exit::ExitStatus;
use claude_env_core::report::Answer;
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::{Failure, status};

/// Runs `status`.
pub(in crate::cli) fn status(
    args: &StatusArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    if args.all {
        return fleet::status_all(args, request, env, printer);
    }
    let report = status::status(request, env)?;
    let ok = !(args.check_drift && report.drifts());
    match args.format {
        ReportFormat::Human => printer.text(&report.text()),
        ReportFormat::Json => printer.result(&Answer::new("status", ok, &report).json()),
        ReportFormat::Markdown => printer.result(&report.markdown()),
    }
    Ok(ExitStatus::done_if(ok))
}
