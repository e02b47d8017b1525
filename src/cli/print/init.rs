use super::sync;
use crate::cli::args::{InitArgs, ModeArg, PlainFormat};
use crate::cli::output::Printer;
use crate::edge::env::Env;
use crate::exit::ExitStatus;
use crate::layer::Mode;
use crate::ops::Failure;
use crate::ops::init::{self, Wanted};
use crate::ops::locate::Request;

/// `init`.
pub(in crate::cli) fn init(
    args: &InitArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let wanted = Wanted {
        source: args.source.clone(),
        reference: args.reference.clone(),
        mode: match args.mode {
            ModeArg::Committed => Mode::Committed,
            ModeArg::Local => Mode::Local,
        },
        dry_run: args.dry_run,
    };
    let done = init::init(request, &wanted, env)?;
    if args.format == PlainFormat::Json {
        printer.result(&sync::as_json("init", &done.synced, args.dry_run));
        return Ok(sync::status(&done.synced, args.dry_run));
    }
    let folder = done.root.display();
    let verb = match (done.written, args.dry_run) {
        (true, true) => "Would bind",
        (true, false) => "Bound",
        (false, _) => "Already bound:",
    };
    printer.say(&format!("{verb} {folder}"));
    sync::human(&done.synced, args.dry_run, printer);
    Ok(sync::status(&done.synced, args.dry_run))
}
