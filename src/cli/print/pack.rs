use serde_json::json;

use super::check::count;
use crate::cli::args::{PackArgs, PackCommand, PlainFormat};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::pack::{self, PackChange, PackReport};
use claude_env_engine::ops::repository::locate::Request;

/// `pack`.
pub(in crate::cli) fn pack(
    args: &PackArgs,
    request: &Request,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let from =
        |from: &Option<std::path::PathBuf>| from.as_ref().map(|path| request.directory.join(path));
    match &args.command {
        PackCommand::Add { pack: spec, from: path } => {
            printer.progress("fetching the pack");
            let root = request.config_folder()?;
            let change = pack::add(&root, spec, from(path).as_deref())?;
            changed(&change, args.format, printer);
        }
        PackCommand::Update { pack: spec, from: path, force } => {
            printer.progress("fetching the pack");
            let root = request.config_folder()?;
            let change = pack::update(&root, spec, from(path).as_deref(), *force)?;
            changed(&change, args.format, printer);
        }
        PackCommand::List => {
            let reports = pack::list_in(request)?;
            list(&reports, args.format, printer);
            let modified = reports.iter().any(|report| !report.verified);
            return Ok(if modified { ExitStatus::Found } else { ExitStatus::Done });
        }
    }
    Ok(ExitStatus::Done)
}

fn changed(change: &PackChange, format: PlainFormat, printer: &Printer) {
    if format == PlainFormat::Json {
        let answer = json!({
            "command": "pack",
            "ok": true,
            "pack": change.name,
            "from": change.from,
            "to": change.to,
            "added": change.added,
            "changed": change.changed,
            "removed": change.removed,
            "unchanged": change.unchanged,
        });
        printer.result(&format!("{answer:#}"));
        return;
    }
    let what = match &change.from {
        None => format!("Vendored {} {}", change.name, change.to),
        Some(from) if !change.written => format!("{} {from} is up to date", change.name),
        Some(from) => format!("Updated {} from {from} to {}", change.name, change.to),
    };
    let files = format!(
        "{} added, {} changed, {} removed",
        count(change.added.len(), "file"),
        change.changed.len(),
        change.removed.len()
    );
    printer.say(&format!("{what}: {files}."));
    for step in change.next_steps() {
        printer.say(&format!("  next: {step}"));
    }
}

fn list(reports: &[PackReport], format: PlainFormat, printer: &Printer) {
    if format == PlainFormat::Json {
        let packs: Vec<_> = (reports.iter())
            .map(|report| {
                json!({
                    "name": report.name,
                    "version": report.version,
                    "source": report.source,
                    "license": report.license,
                    "archive": report.archive.as_ref().map(|archive| {
                        json!({ "file": archive.file, "sha256": archive.sha256 })
                    }),
                    "commands": report.commands,
                    "agents": report.agents,
                    "skills": report.skills,
                    "documents": report.documents,
                    "servers": report.servers,
                    "other_servers": report.other_servers,
                    "used_by": report.used_by.iter().map(ToString::to_string).collect::<Vec<_>>(),
                    "modified": report.modified,
                    "verified": report.verified,
                })
            })
            .collect();
        let ok = reports.iter().all(|report| report.verified);
        let answer = json!({ "command": "pack", "ok": ok, "packs": packs });
        printer.result(&format!("{answer:#}"));
        return;
    }
    if reports.is_empty() {
        printer.say("No packs are vendored; add one with `claude-env pack add superclaude@4.3.0`.");
    }
    for report in reports {
        let used: Vec<String> = report.used_by.iter().map(ToString::to_string).collect();
        let verified = if report.verified { "hashes match" } else { "CHANGED BY HAND" };
        printer.result(&format!(
            "{} {}  {}  {verified}\n  {}, {}, {}, {}\n  MCP servers: {}; known, but not rendered: {}\n  used by: {}",
            report.name,
            report.version,
            report.source,
            count(report.commands, "command"),
            count(report.agents, "agent"),
            count(report.skills, "skill"),
            count(report.documents, "document"),
            or_none(&report.servers),
            or_none(&report.other_servers),
            or_none(&used),
        ));
        for file in &report.modified {
            printer.result(&format!("  changed: {file}"));
        }
    }
}

fn or_none(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
