use serde_json::{Value as Json, json};

use super::check::count;
use crate::cli::args::{HooksArgs, HooksCommand, PlainFormat};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::diagnostic::escape::{json as printable_json, one_line};
use claude_env_core::git::hooks::{Hook, HookState, HookStep, Owner, Via};
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::hooks::{self, Changed, Report};
use claude_env_engine::ops::repository::locate::Request;

/// `hooks`.
pub(in crate::cli) fn hooks(
    args: &HooksArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let json = args.format == PlainFormat::Json;
    let (changed, dry_run) = match args.command {
        HooksCommand::Install { shim, dry_run } => {
            (hooks::install(&request.directory, env, shim, dry_run)?, dry_run)
        }
        HooksCommand::Uninstall { dry_run } => {
            (hooks::uninstall(&request.directory, dry_run)?, dry_run)
        }
        HooksCommand::Status => {
            let report = hooks::status(&request.directory)?;
            let ok = report.is_complete();
            if json {
                let answer = json!({ "command": "hooks", "ok": ok, "hooks": standings(&report) });
                printer.result(&printable_json(format!("{answer:#}")));
            } else {
                human(&report, printer);
            }
            return Ok(if ok { ExitStatus::Done } else { ExitStatus::Found });
        }
    };
    let status = match dry_run && !changed.steps.is_empty() {
        true => ExitStatus::Found,
        false => ExitStatus::Done,
    };
    if json {
        let mut answer = json!({ "command": "hooks", "ok": status == ExitStatus::Done });
        if let (Json::Object(answer), Json::Object(more)) =
            (&mut answer, as_json(&changed, dry_run))
        {
            answer.extend(more);
        }
        printer.result(&printable_json(format!("{answer:#}")));
        return Ok(status);
    }
    steps(&changed, printer);
    let would = if dry_run { "Would do: " } else { "" };
    let number = changed.steps.len();
    let what = match (number, &args.command) {
        (0, _) => "nothing to do".to_owned(),
        (_, HooksCommand::Uninstall { .. }) => "hooks taken away".to_owned(),
        _ => format!("{} installed", count(changed.report.hooks.len(), "hook")),
    };
    printer.say(&format!("{would}{what}"));
    Ok(status)
}

/// One line for each thing that was done, and what a person should know of it.
pub(super) fn steps(changed: &Changed, printer: &Printer) {
    let lines: Vec<String> =
        changed.steps.iter().filter_map(|step| line(step, &changed.report.folder)).collect();
    if !lines.is_empty() {
        printer.result(&lines.join("\n"));
    }
    for warning in &changed.warnings {
        printer.warning(warning);
    }
}

fn line(step: &HookStep, folder: &str) -> Option<String> {
    let line = match step {
        HookStep::MakeFolder | HookStep::RemoveFolder => return None,
        HookStep::Write { file, new: true, .. } => format!("+ {folder}/{file}"),
        HookStep::Write { file, new: false, .. } => format!("~ {folder}/{file}"),
        HookStep::Rename { from, to } => format!("> {folder}/{from}  is now {to}"),
        HookStep::Remove { file } => format!("- {folder}/{file}"),
        HookStep::Configure { event, new, .. } => {
            let sign = if *new { '+' } else { '~' };
            format!(
                "{sign} hook.{}  in git's configuration of the repository",
                event.friendly_name()
            )
        }
        HookStep::Unconfigure { event } => {
            format!("- hook.{}  in git's configuration of the repository", event.friendly_name())
        }
    };
    Some(one_line(&line))
}

/// What was done as a JSON object.
pub(super) fn as_json(changed: &Changed, dry_run: bool) -> Json {
    let changes = changed.steps.iter().map(|step| match step {
        HookStep::MakeFolder => json!({ "action": "make-folder" }),
        HookStep::RemoveFolder => json!({ "action": "remove-folder" }),
        HookStep::Write { file, new, .. } => {
            json!({ "action": if *new { "add" } else { "change" }, "file": file })
        }
        HookStep::Rename { from, to } => json!({ "action": "rename", "file": from, "to": to }),
        HookStep::Remove { file } => json!({ "action": "remove", "file": file }),
        HookStep::Configure { event, command, new } => json!({
            "action": if *new { "add" } else { "change" },
            "key": format!("hook.{}", event.friendly_name()),
            "command": command,
        }),
        HookStep::Unconfigure { event } => {
            json!({ "action": "remove", "key": format!("hook.{}", event.friendly_name()) })
        }
    });
    json!({
        "dry_run": dry_run,
        "folder": changed.report.folder,
        "changes": changes.collect::<Json>(),
        "warnings": changed.warnings,
        "hooks": standings(&changed.report),
    })
}

/// How the hooks stand, as JSON.
pub(super) fn standings(report: &Report) -> Json {
    let one = |hook: &Hook| {
        let said = Said::of(hook);
        json!({
            "event": hook.event.name(),
            "state": said.state,
            "installed": hook.is_installed(),
            "owner": said.owner,
            "at": (!hook.place.is_empty()).then_some(&hook.place),
            "message": said.text,
            "help": said.help,
        })
    };
    report.hooks.iter().map(one).collect()
}

fn human(report: &Report, printer: &Printer) {
    let mut out = String::new();
    for hook in &report.hooks {
        let said = Said::of(hook);
        let text = [said.state, &said.text].join("  ");
        out.push_str(&one_line(&format!("{:13}  {}", hook.event.name(), text.trim_end())));
        out.push('\n');
        if let Some(help) = &said.help {
            out.push_str(&format!("    {}\n", one_line(help)));
        }
    }
    printer.result(&out);
    if report.hooks.is_empty() {
        printer.say("no hooks are due here: this is neither a workspace nor a config repository");
    }
}

/// The hooks on one line, for a glance at a workspace.
pub(super) fn at_a_glance(report: &Report) -> String {
    let total = report.hooks.len();
    let installed = report.hooks.iter().filter(|hook| hook.is_installed()).count();
    if installed == total {
        let names: Vec<&str> = report.hooks.iter().map(|hook| hook.event.name()).collect();
        return names.join(", ");
    }
    let missing = report.hooks.iter().all(|hook| hook.state == HookState::Missing);
    match missing {
        true => "none: `claude-env hooks install` installs them".to_owned(),
        false => format!("{installed} of {total} installed; `claude-env hooks status` says more"),
    }
}

/// What is said of a hook.
pub(super) struct Said {
    pub(super) state: &'static str,
    owner: Option<String>,
    pub(super) text: String,
    pub(super) help: Option<String>,
}

impl Said {
    pub(super) fn of(hook: &Hook) -> Self {
        let place = &hook.place;
        let ours = || Some("claude-env".to_owned());
        let install = || Some("`claude-env hooks install` installs it".to_owned());
        let (state, owner, text, help) = match &hook.state {
            HookState::Installed(via) => ("installed", ours(), by_way_of(via, place), None),
            HookState::Missing => ("missing", None, String::new(), install()),
            HookState::Foreign(owner) => (
                "foreign",
                Some(owner.to_string()),
                format!("{place} is {}", whose(owner)),
                Some("`claude-env hooks install` puts ours behind it".to_owned()),
            ),
            HookState::Displaced { by, aside } => (
                "overtaken",
                Some(by.to_string()),
                format!("{place} is {} now, and ours lies aside as {aside}", whose(by)),
                Some("`claude-env hooks install` puts ours behind it".to_owned()),
            ),
            HookState::Off { why, help } => {
                let help = help.as_ref().map(|help| format!("{help} switches it on"));
                ("off", ours(), format!("{place}: {why}"), help.or_else(install))
            }
            HookState::ProgramGone(program) => {
                ("broken", ours(), format!("{place} runs {program}, which is gone"), install())
            }
            HookState::Elsewhere(folder) => (
                "elsewhere",
                None,
                format!("git looks for hooks in {folder}"),
                Some("`claude-env hooks install` says how to go on".to_owned()),
            ),
        };
        Self { state, owner, text, help }
    }
}

fn whose(owner: &Owner) -> String {
    match owner {
        Owner::Unknown => owner.to_string(),
        _ => format!("{owner}'s"),
    }
}

fn by_way_of(via: &Via, place: &str) -> String {
    match via {
        Via::Config(_) => format!("by {place}"),
        Via::File { before: None } => format!("by {place}"),
        Via::File { before: Some(Owner::Unknown) } => {
            format!("by {place}, after the hook that was there before")
        }
        Via::File { before: Some(owner) } => format!("by {place}, after {owner}'s"),
        Via::Manager(owner) => format!("by {place}, which {owner} runs"),
        Via::Hand => format!("by hand, in {place}"),
    }
}
