use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::check::count;
use super::plan;
use crate::cli::args::{PlainFormat, RenderArgs};
use crate::cli::output::Printer;
use crate::edge::env::Env;
use crate::exit::ExitStatus;
use crate::ops::Failure;
use crate::ops::load::Opened;
use crate::ops::locate::Request;
use crate::ops::render::{self, Rendered};

/// `render`.
pub(in crate::cli) fn render(
    args: &RenderArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let opened = Opened::new(request, env)?;
    let output = env.current_dir.join(&args.output);
    let rendered = if args.all {
        let started = Instant::now();
        let finished = |done: usize, of: usize| {
            if done.is_multiple_of(100) && started.elapsed() > Duration::from_secs(1) {
                printer.progress(&format!("rendered {done} of {of} workspaces"));
            }
        };
        render::all(&opened, &output, args.dry_run, env.threads, &finished)?
    } else {
        vec![render::one(&opened, &output, args.dry_run)?]
    };
    match args.format {
        PlainFormat::Json => printer.result(&as_json(&rendered, args.dry_run)),
        PlainFormat::Human => human(&rendered, args, printer),
    }
    let left = rendered
        .iter()
        .any(|one| one.plan.lines.iter().any(plan::is_kept) || !one.plan.problems.is_empty());
    let pending = args.dry_run && rendered.iter().any(|one| !one.plan.is_noop());
    Ok(if left || pending { ExitStatus::Found } else { ExitStatus::Done })
}

fn human(rendered: &[Rendered], args: &RenderArgs, printer: &Printer) {
    let would = if args.dry_run { "Would do: " } else { "" };
    if let [only] = rendered {
        plan::print(&only.plan, printer);
        printer.say(&format!("{would}{} in {}", plan::summary(&only.plan), args.output.display()));
        return;
    }
    for one in rendered {
        let name = one.workspace.as_deref().unwrap_or_default();
        if !one.plan.is_noop() || one.plan.lines.iter().any(plan::is_kept) {
            printer.result(&format!("{name}: {}", plan::summary(&one.plan)));
        }
    }
    let touched = rendered.iter().filter(|one| !one.plan.is_noop()).count();
    let all = count(rendered.len(), "workspace");
    printer.say(&format!("{would}{all} in {}, {touched} changed", args.output.display()));
}

fn as_json(rendered: &[Rendered], dry_run: bool) -> String {
    let workspaces: Vec<Json> = (rendered.iter())
        .map(|one| {
            json!({
                "workspace": one.workspace,
                "changes": plan::changes(&one.plan, &[]),
                "problems": plan::problems(&one.plan),
            })
        })
        .collect();
    let ok = rendered.iter().all(|one| one.plan.problems.is_empty());
    let answer =
        json!({ "command": "render", "ok": ok, "dry_run": dry_run, "workspaces": workspaces });
    format!("{answer:#}")
}
