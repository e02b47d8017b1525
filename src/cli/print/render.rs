use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::check::count;
use super::plan;
use crate::cli::args::{PlainFormat, RenderArgs};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::workspace::Plan;
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::render;
use claude_env_engine::ops::repository::load::Opened;
use claude_env_engine::ops::repository::locate::Request;

/// What is kept of one folder's plan, to be printed at the end.
struct Rendered {
    /// The one line for people, unless nothing happened.
    line: Option<String>,
    /// The object for programs; null when people asked.
    json: Json,
    noop: bool,
    /// Whether something was left as it is.
    left: bool,
}

/// `render`.
pub(in crate::cli) fn render(
    args: &RenderArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let opened = Opened::new(request, env)?;
    let output = request.directory.join(&args.output);
    let rendered = if args.all {
        let started = Instant::now();
        let finished = |done: usize, of: usize| {
            if done.is_multiple_of(100) && started.elapsed() > Duration::from_secs(1) {
                printer.progress(&format!("rendered {done} of {of} workspaces"));
            }
        };
        let tell = |name: &str, plan: &Plan| Rendered::new(Some(name), plan, args.format);
        render::all(&opened, &output, args.dry_run, tell, finished)?
    } else {
        let plan = render::one(&opened, &output, args.dry_run)?;
        if args.format == PlainFormat::Human {
            plan::print_in_folder(&plan, printer);
        }
        vec![Rendered::new(None, &plan, args.format)]
    };
    match args.format {
        PlainFormat::Json => printer.result(&as_json(&rendered, args.dry_run)),
        PlainFormat::Human => human(&rendered, args, printer),
    }
    let left = rendered.iter().any(|one| one.left);
    let pending = args.dry_run && rendered.iter().any(|one| !one.noop);
    Ok(if left || pending { ExitStatus::Found } else { ExitStatus::Done })
}

impl Rendered {
    fn new(workspace: Option<&str>, plan: &Plan, format: PlainFormat) -> Self {
        let (noop, left) =
            (plan.is_noop(), plan.lines.iter().any(plan::is_kept) || !plan.problems.is_empty());
        let (line, json) = match format {
            PlainFormat::Human => (
                (!noop || left).then(|| plan::summary(plan)).map(|summary| match workspace {
                    Some(name) => format!("{name}: {summary}"),
                    None => summary,
                }),
                Json::Null,
            ),
            PlainFormat::Json => (
                None,
                json!({
                    "workspace": workspace,
                    "changes": plan::changes_in_folder(plan),
                    "problems": plan::problems(plan),
                }),
            ),
        };
        Self { line, json, noop, left }
    }
}

fn human(rendered: &[Rendered], args: &RenderArgs, printer: &Printer) {
    let would = if args.dry_run { "Would do: " } else { "" };
    let lines: Vec<&str> = rendered.iter().filter_map(|one| one.line.as_deref()).collect();
    let output = args.output.display();
    if args.all {
        printer.result(&lines.join("\n"));
        let touched = rendered.iter().filter(|one| !one.noop).count();
        let all = count(rendered.len(), "workspace");
        printer.say(&format!("{would}{all} in {output}, {touched} changed"));
    } else {
        let summary = lines.first().unwrap_or(&"nothing to do");
        printer.say(&format!("{would}{summary} in {output}"));
    }
}

fn as_json(rendered: &[Rendered], dry_run: bool) -> String {
    let workspaces: Vec<&Json> = rendered.iter().map(|one| &one.json).collect();
    let ok = workspaces.iter().all(|one| one["problems"].as_array().is_none_or(Vec::is_empty));
    let answer =
        json!({ "command": "render", "ok": ok, "dry_run": dry_run, "workspaces": workspaces });
    format!("{answer:#}")
}
