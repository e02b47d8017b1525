use serde_json::{Value as Json, json};

use super::check::count;
use crate::cli::args::{AdoptArgs, LayerArg, PlainFormat};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::diagnostic::escape::{json as printable_json, one_line};
use claude_env_core::layer::LayerKind;
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::adopt::{self, AdoptOptions, Adoption, Row};
use claude_env_engine::ops::repository::locate::Request;

/// `adopt`.
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
    let for_people = args.format == PlainFormat::Human;
    if for_people {
        human(&adoption, printer);
    }
    let write = !args.dry_run
        && !adoption.is_noop()
        && (args.yes
            || (for_people && env.interactive() && printer.ask("Write this into the layers?")));
    if write {
        adoption.write()?;
    }
    let done = (write || adoption.is_noop()) && adoption.is_whole();
    if for_people {
        printer.say(&one_line(&summary(&adoption, write)));
        let advice = advice(&adoption, args, env, write);
        if !advice.is_empty() {
            printer.say(&one_line(&advice));
        }
    } else {
        printer.result(&as_json(&adoption, args.dry_run, write, done));
    }
    Ok(if done { ExitStatus::Done } else { ExitStatus::Found })
}

/// The edits to stdout; which entry goes where, and what is left and why, to stderr.
fn human(adoption: &Adoption, printer: &Printer) {
    let diff = adoption.diff(printer.colour_out());
    if !diff.is_empty() {
        printer.result(&diff);
    }
    for row in &adoption.adopted {
        printer.say(&one_line(&format!("adopt: {} → {}", name(row), row.layers.join(", "))));
    }
    for (row, why) in &adoption.refused {
        printer.say(&one_line(&format!("not adopted: {}: {}", name(row), why.reason)));
        if !why.help.is_empty() {
            printer.say(&format!("    {}", one_line(&why.help)));
        }
    }
    for problem in &adoption.problems {
        let place = problem.line.map_or(String::new(), |line| format!(":{line}"));
        let path = &problem.path;
        printer.say(&one_line(&format!("not adopted: {path}{place}: {}", problem.message)));
        printer.say(&format!("    {}", one_line(&problem.help)));
    }
    for row in &adoption.passed_over {
        printer.say(&one_line(&format!("passed over: {}: {}", name(row), row.class)));
    }
    printer.findings(&adoption.warnings);
}

fn name(row: &Row) -> String {
    format!("{}  {}", row.file, row.entry).trim_end().to_owned()
}

fn summary(adoption: &Adoption, written: bool) -> String {
    let number = adoption.adopted.len();
    let left = adoption.refused.len() + adoption.problems.len();
    let mut parts = Vec::new();
    if number > 0 {
        let files = adoption.edits.iter().map(|edits| edits.plan.changes.len()).sum();
        let files = count(files, "file");
        let verb = if written { "adopted" } else { "would adopt" };
        parts.push(format!(
            "{verb} {} into {files} of {}",
            count(number, "entry"),
            adoption.repository
        ));
    }
    if left > 0 {
        parts.push(format!("{left} not adopted"));
    }
    if parts.is_empty() { "nothing to adopt".to_owned() } else { parts.join(", ") }
}

fn advice(adoption: &Adoption, args: &AdoptArgs, env: &Env, written: bool) -> String {
    let committed = adoption.edits.iter().any(|edits| edits.is_repository);
    if written && committed {
        "look at it and commit it there; the next `claude-env sync` takes note".to_owned()
    } else if written {
        "the next `claude-env sync` takes note".to_owned()
    } else if adoption.is_noop() && !adoption.passed_over.is_empty() {
        "what claude-env never wrote is adopted only if it is named".to_owned()
    } else if adoption.is_noop() || args.dry_run {
        String::new()
    } else if env.interactive() {
        "nothing was written".to_owned()
    } else {
        "nothing was written: there is no terminal to ask on; add `--yes`".to_owned()
    }
}

/// The same as one JSON object.
fn as_json(adoption: &Adoption, dry_run: bool, written: bool, ok: bool) -> String {
    let entry = |row: &Row| {
        json!({
            "file": row.file,
            "pointer": row.pointer,
            "entry": row.entry,
            "class": row.class,
            "key": row.key,
            "origin": (!row.origin.is_empty()).then_some(&row.origin),
            "layers": row.layers,
        })
    };
    let refused = |row: &Row, reason: &str, help: &str| {
        let mut json = entry(row);
        if let Json::Object(map) = &mut json {
            map.shift_remove("layers");
            map.insert("reason".to_owned(), Json::from(reason));
            map.insert("help".to_owned(), Json::from(help));
        }
        json
    };
    let files = adoption.edits.iter().flat_map(|edits| {
        edits.plan.changes.iter().map(|change| {
            json!({
                "folder": edits.folder.display().to_string(),
                "file": change.path.as_str(),
                "action": change.action.word(),
            })
        })
    });
    let answer = json!({
        "command": "adopt",
        "ok": ok,
        "dry_run": dry_run,
        "written": written,
        "repository": adoption.repository,
        "adopted": adoption.adopted.iter().map(entry).collect::<Vec<Json>>(),
        "refused": adoption.refused.iter()
            .map(|(row, why)| refused(row, &why.reason, &why.help))
            .collect::<Vec<Json>>(),
        "problems": adoption.problems.iter().map(|problem| json!({
            "file": problem.path.as_str(),
            "line": problem.line,
            "message": problem.message,
            "help": problem.help,
        })).collect::<Vec<Json>>(),
        "passed_over": adoption.passed_over.iter().map(entry).collect::<Vec<Json>>(),
        "warnings": adoption.warnings.iter().map(|finding| json!({
            "code": finding.code.id,
            "file": finding.at.file,
            "line": finding.at.place.line,
            "message": finding.message,
        })).collect::<Vec<Json>>(),
        "files": files.collect::<Vec<Json>>(),
        "diff": adoption.diff(false),
    });
    printable_json(format!("{answer:#}"))
}
