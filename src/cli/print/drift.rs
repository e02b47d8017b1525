use crate::cli::args::{DriftArgs, DriftFormat};
use crate::cli::output::Printer;
use crate::cli::print::fleet;
use crate::exit::ExitStatus;
use claude_env_core::report::Answer;
use claude_env_core::report::drift::no_drift;
use claude_env_core::report::findings::{github, sarif};
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::state::as_written::AsWritten;
use claude_env_engine::ops::{Failure, drift};

/// Runs `drift`.
pub(in crate::cli) fn drift(
    args: &DriftArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    if args.all {
        return fleet::drift_all(args, request, env, printer);
    }
    // Programs are told what the configuration says about drift, too.
    if args.format == DriftFormat::Human
        && let Some(AsWritten { header, entries }) = drift::none(request, env)
    {
        printer.say(&no_drift(entries, &header.repository, &header.revision));
        return Ok(ExitStatus::Done);
    }
    let report = drift::drift(request, env)?;
    let clean = report.is_clean();
    match args.format {
        DriftFormat::Human => printer.text(&report.text()),
        DriftFormat::Json => printer.result(&Answer::new("drift", clean, &report).json()),
        DriftFormat::Markdown => printer.result(&report.markdown()),
        DriftFormat::Sarif => printer.result(&sarif::render("drift", &report.findings(), true)),
        DriftFormat::Github => printer.result(&github::render(&report.findings())),
    }
    Ok(ExitStatus::done_if(clean))
}
