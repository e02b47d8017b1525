use std::path::PathBuf;

use crate::cli::args::{PackArgs, PackCommand, PlainFormat};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::report::Answer;
use claude_env_core::report::pack::{Change, Pack, Packs};
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::{Failure, pack};

/// Runs `pack add`, `pack update` or `pack list`.
pub(in crate::cli) fn pack(
    args: &PackArgs,
    request: &Request,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let from = |from: &Option<PathBuf>| from.as_ref().map(|path| request.directory.join(path));
    let change = match &args.command {
        PackCommand::Add { pack: spec, from: path } => {
            printer.progress("fetching the pack");
            pack::add(&request.config_folder()?, spec, from(path).as_deref())?
        }
        PackCommand::Update { pack: spec, from: path, force } => {
            printer.progress("fetching the pack");
            pack::update(&request.config_folder()?, spec, from(path).as_deref(), *force)?
        }
        PackCommand::List => {
            let packs = pack::list_in(request)?.into_iter().map(Pack::from).collect();
            let report = Packs { packs };
            let ok = report.are_verified();
            match args.format {
                PlainFormat::Human => printer.text(&report.text()),
                PlainFormat::Json => printer.result(&Answer::new("pack", ok, &report).json()),
            }
            return Ok(ExitStatus::done_if(ok));
        }
    };
    let report = Change::from(&change);
    match args.format {
        PlainFormat::Human => printer.text(&report.text()),
        PlainFormat::Json => printer.result(&Answer::new("pack", true, &report).json()),
    }
    Ok(ExitStatus::Done)
}
