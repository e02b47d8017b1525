use crate::cli::args::{ExplainArgs, PlainFormat};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::diagnostic::code;
use claude_env_core::report::Answer;
use claude_env_core::report::explain::{Code, Explain};
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::repository::load::Opened;
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::{Failure, explain};

/// Runs `explain`: for the code of a finding the page about it, else where a value comes from.
pub(in crate::cli) fn explain(
    args: &ExplainArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    if let Some(code) = code::find(&args.key) {
        printer.result(&match args.format {
            PlainFormat::Human => code.page.to_owned(),
            PlainFormat::Json => Answer::new("explain", true, Code::from(code)).json(),
        });
        return Ok(ExitStatus::Done);
    }
    let opened = Opened::new(request, env)?;
    let (merged, _) = opened.merged(env)?;
    let explanation = explain::explain(&opened.repository, &merged, &args.key)?;
    let report = Explain::new(&explanation, &opened.repository.sources);
    match args.format {
        PlainFormat::Human => printer.text(&report.text()),
        PlainFormat::Json => printer.result(&Answer::new("explain", true, &report).json()),
    }
    Ok(ExitStatus::Done)
}
