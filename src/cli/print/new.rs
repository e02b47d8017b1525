use std::path::Path;

use crate::cli::args::NewArgs;
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::report::count;
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::{Failure, new};

/// Runs `new`.
pub(in crate::cli) fn new(
    args: &NewArgs,
    request: &Request,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let root = request.directory.join(&args.folder);
    let made = new::new(&root, args.example)?;
    let shown = args.folder.display();
    let there = if args.folder == Path::new(".") { String::new() } else { format!(" -C {shown}") };
    let git = if made.initialized { ", and initialised a git repository" } else { "" };
    printer.say(&format!("Wrote {} to `{shown}`{git}.", count(made.files, "file")));
    printer.say(&format!("\nNext:\n  claude-env{there} check\n  claude-env{there} show"));
    Ok(ExitStatus::Done)
}
