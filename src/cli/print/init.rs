use crate::cli::args::{InitArgs, ModeArg, PlainFormat};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::layer::Mode;
use claude_env_core::report::Answer;
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::init::{self, InitOptions};
use claude_env_engine::ops::repository::locate::Request;

/// Runs `init`.
pub(in crate::cli) fn init(
    args: &InitArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let options = InitOptions {
        source: args.source.clone(),
        reference: args.reference.clone(),
        mode: match args.mode {
            ModeArg::Committed => Mode::Committed,
            ModeArg::Local => Mode::Local,
        },
        hooks: !args.no_hooks,
        dry_run: args.dry_run,
    };
    let report = init::init(request, &options, env)?.report(args.dry_run);
    let done = report.is_done();
    match args.format {
        PlainFormat::Human => printer.text(&report.text(printer.style())),
        PlainFormat::Json => printer.result(&Answer::new("init", done, &report).json()),
    }
    Ok(ExitStatus::done_if(done))
}
