use serde_json::{Value as Json, json};

use super::{hooks, sync};
use crate::cli::args::{InitArgs, ModeArg, PlainFormat};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::diagnostic::escape::{json as printable_json, one_line};
use claude_env_core::layer::Mode;
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::init::{self, Initialised, Wanted};
use claude_env_engine::ops::repository::locate::Request;

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
        hooks: !args.no_hooks,
        dry_run: args.dry_run,
    };
    let done = init::init(request, &wanted, env)?;
    let status = status(&done, args.dry_run);
    if args.format == PlainFormat::Json {
        let mut answer = sync::answer("init", &done.synced, args.dry_run);
        answer["ok"] = (status == ExitStatus::Done).into();
        answer["hooks"] = match &done.hooks {
            None => Json::Null,
            Some(Ok(changed)) => hooks::as_json(changed, args.dry_run),
            Some(Err(refused)) => {
                json!({ "refused": refused.message, "help": refused.hints })
            }
        };
        printer.result(&printable_json(format!("{answer:#}")));
        return Ok(status);
    }
    let folder = done.root.display();
    let verb = match (done.written, args.dry_run) {
        (true, true) => "Would bind",
        (true, false) => "Bound",
        (false, _) => "Already bound:",
    };
    printer.say(&format!("{verb} {folder}"));
    sync::human(&done.synced, args.dry_run, printer);
    match &done.hooks {
        None => {}
        Some(Ok(changed)) => hooks::steps(changed, printer),
        Some(Err(refused)) => {
            printer.warning(&format!("no git hooks: {}", refused.message));
            for hint in &refused.hints {
                printer.say(&one_line(&format!("    {hint}")));
            }
        }
    }
    Ok(status)
}

/// As for `sync`; hooks that could not be installed are no failure of the binding.
fn status(done: &Initialised, dry_run: bool) -> ExitStatus {
    let pending = matches!(&done.hooks, Some(Ok(changed)) if !changed.steps.is_empty());
    match sync::status(&done.synced, dry_run) {
        ExitStatus::Done if dry_run && pending => ExitStatus::Found,
        status => status,
    }
}
