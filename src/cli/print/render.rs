use std::time::{Duration, Instant};

use crate::cli::args::{PlainFormat, RenderArgs};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::report::Answer;
use claude_env_core::report::render::{Folder, Render};
use claude_env_core::workspace::Plan;
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::repository::load::Opened;
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::{Failure, render};

/// Runs `render`.
pub(in crate::cli) fn render(
    args: &RenderArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let opened = Opened::new(request, env)?;
    let output = request.directory.join(&args.output);
    let workspaces = if args.all {
        let started = Instant::now();
        let finished = |done: usize, of: usize| {
            if done.is_multiple_of(100) && started.elapsed() > Duration::from_secs(1) {
                printer.progress(&format!("rendered {done} of {of} workspaces"));
            }
        };
        let tell = |name: &str, plan: &Plan| match args.format {
            PlainFormat::Human => Folder::brief(Some(name), plan),
            PlainFormat::Json => Folder::new(Some(name), plan),
        };
        render::all(&opened, &output, args.dry_run, tell, finished)?
    } else {
        vec![Folder::new(None, &render::one(&opened, &output, args.dry_run)?)]
    };
    let report = Render { dry_run: args.dry_run, workspaces };
    let done = report.is_done();
    match args.format {
        PlainFormat::Human => printer.text(&report.text(&args.output.display().to_string())),
        PlainFormat::Json => printer.result(&Answer::new("render", done, &report).json()),
    }
    Ok(ExitStatus::done_if(done))
}
