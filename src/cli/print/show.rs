use crate::cli::args::{ShowArgs, ShowFormat};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::repository::load::Opened;
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::{Failure, show};

/// Runs `show`.
pub(in crate::cli) fn show(
    args: &ShowArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let opened = Opened::new(request, env)?;
    let (merged, layers) = opened.merged(env)?;
    let text = match args.format.unwrap_or(ShowFormat::Json) {
        ShowFormat::Json => show::json(&merged, args.key.as_deref())?,
        ShowFormat::Toml => show::toml(&merged, args.key.as_deref())?,
    };
    printer.result(&text);
    // The process ends here, and the system takes memory back faster than a walk over a large tree does.
    std::mem::forget((merged, layers, opened));
    Ok(ExitStatus::Done)
}
