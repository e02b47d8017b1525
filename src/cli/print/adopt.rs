use crate::cli::args::{AdoptArgs, LayerArg, PlainFormat};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::layer::LayerKind;
use claude_env_core::report::Answer;
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::adopt::{self, AdoptOptions};
use claude_env_engine::ops::repository::locate::Request;

/// Runs `adopt`, and asks before it writes.
pub(in crate::cli) fn adopt(
    args: &AdoptArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let layer = args.layer.map(|layer| match layer {
        LayerArg::Base => LayerKind::Base,
        LayerArg::Team => LayerKind::Team,
        LayerArg::Project => LayerKind::Project,
        LayerArg::User => LayerKind::User,
    });
    let adoption =
        adopt::adopt(request, env, &AdoptOptions { entries: args.entries.clone(), layer })?;
    let mut report = adoption.report(args.dry_run, false);
    let for_people = args.format == PlainFormat::Human;
    if for_people {
        printer.result(&adoption.diff(printer.style().color));
        printer.text(&report.text(printer.style()));
    }
    report.written = !args.dry_run
        && !adoption.is_noop()
        && (args.yes
            || (for_people && env.interactive() && printer.ask("Write this into the layers?")));
    if report.written {
        adoption.write()?;
    }
    let done = report.is_done();
    match args.format {
        PlainFormat::Human => printer.text(&report.conclusion(env.interactive())),
        PlainFormat::Json => printer.result(&Answer::new("adopt", done, &report).json()),
    }
    Ok(ExitStatus::done_if(done))
}
