use crate::cli::args::{PlainFormat, RollbackArgs};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::report::Answer;
use claude_env_core::report::rollback::Generations;
use claude_env_core::workspace::Policy;
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::{Failure, rollback};

/// Runs `rollback`.
pub(in crate::cli) fn rollback(
    args: &RollbackArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let root = request.workspace_root()?;
    if args.list {
        let report = Generations::from(rollback::list(&root, env)?.as_slice());
        match args.format {
            PlainFormat::Human => printer.text(&report.text()),
            PlainFormat::Json => printer.result(&Answer::new("rollback", true, &report).json()),
        }
        return Ok(ExitStatus::Done);
    }
    let policy = if args.force { Policy::Force } else { Policy::Keep };
    let done = rollback::rollback(&root, env, args.generation, policy, args.dry_run)?;
    let report = done.report(args.dry_run);
    let ok = report.is_done();
    match args.format {
        PlainFormat::Human => printer.text(&report.text()),
        PlainFormat::Json => printer.result(&Answer::new("rollback", ok, &report).json()),
    }
    Ok(ExitStatus::done_if(ok))
}
