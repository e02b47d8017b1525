use crate::cli::args::{HooksArgs, HooksCommand, PlainFormat};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::report::{Answer, hooks as report};
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::{Failure, hooks};

/// Runs `hooks install`, `hooks uninstall` or `hooks status`.
pub(in crate::cli) fn hooks(
    args: &HooksArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let directory = &request.directory;
    let (changed, uninstall) = match args.command {
        HooksCommand::Install { shim, dry_run } => {
            (hooks::install(directory, env, shim, dry_run)?.report(dry_run), false)
        }
        HooksCommand::Uninstall { dry_run } => {
            (hooks::uninstall(directory, dry_run)?.report(dry_run), true)
        }
        HooksCommand::Status => {
            let report = report::Status::from(&hooks::status(directory)?);
            let ok = report.is_complete();
            match args.format {
                PlainFormat::Human => printer.text(&report.text()),
                PlainFormat::Json => printer.result(&Answer::new("hooks", ok, &report).json()),
            }
            return Ok(ExitStatus::done_if(ok));
        }
    };
    let done = changed.is_done();
    match args.format {
        PlainFormat::Human => printer.text(&changed.text(uninstall, printer.style())),
        PlainFormat::Json => printer.result(&Answer::new("hooks", done, &changed).json()),
    }
    Ok(ExitStatus::done_if(done))
}
