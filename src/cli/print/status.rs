use serde_json::{Value as Json, json};

use super::check::count;
use super::hooks;
use super::survey::status_all;
use crate::cli::args::{PlainFormat, StatusArgs};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::diagnostic::escape::{json as printable_json, one_line};
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::status::{self, Rendered, Status};

/// `status`.
pub(in crate::cli) fn status(
    args: &StatusArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    if args.all {
        return status_all(args, request, env, printer);
    }
    let status = status::status(request, env)?;
    let bad = args.check_drift && status.drifts();
    match args.format {
        PlainFormat::Human => printer.result(&human(&status)),
        PlainFormat::Json => printer.result(&as_json(&status, !bad)),
    }
    Ok(if bad { ExitStatus::Found } else { ExitStatus::Done })
}

fn human(status: &Status) -> String {
    let mut out = String::new();
    let mut line =
        |name: &str, text: &str| out.push_str(&format!("{name:10}  {}\n", one_line(text)));
    line("workspace", &status.root);
    let reference = status.reference.as_ref().map(|name| format!(", {name}"));
    line("config", &format!("{}{}", status.repository, reference.unwrap_or_default()));
    line("rendered", &rendered(status));
    line("scope", &status.scope.to_string());
    line("mode", status.mode.word());
    let counts: Vec<String> =
        status.counts.iter().map(|(class, number)| format!("{number} {class}")).collect();
    line("entries", if counts.is_empty() { "none".to_owned() } else { counts.join(", ") }.as_str());
    let hooks = status.hooks.as_ref().map(hooks::at_a_glance);
    line("hooks", hooks.as_deref().unwrap_or("none: this is no git repository"));
    line("drift", &drift(status));
    if status.interrupted {
        line("note", "the last sync was interrupted; the next one puts it right");
    }
    if !(status.rows.is_empty() && status.problems.is_empty()) {
        out.push('\n');
    }
    for row in &status.rows {
        let (moved, todo) = (row.moved.sign(), row.todo.sign());
        let mut text = row.file.clone();
        if !row.entry.is_empty() {
            text.push_str(&format!("  {}", row.entry));
        }
        out.push_str(&format!("{moved}{todo} {}  {}\n", one_line(&text), row.class));
    }
    for problem in &status.problems {
        let place = problem.line.map_or(String::new(), |line| format!(":{line}"));
        out.push_str(&format!("?? {}{place}  {}\n", problem.path, one_line(&problem.message)));
    }
    out
}

fn rendered(status: &Status) -> String {
    let short = |revision: &str| match revision.get(..10) {
        Some(short) => short.to_owned(),
        None => "the folder as it stood".to_owned(),
    };
    match &status.rendered {
        Rendered::Nothing => "never: `claude-env sync` does it".to_owned(),
        Rendered::Revision { revision, behind, elsewhere } => {
            let state = match (behind, *revision == status.revision) {
                _ if *elsewhere => "for another repository or scope".to_owned(),
                (_, true) if revision.is_empty() => String::new(),
                (_, true) => "up to date".to_owned(),
                (Some(0), false) => format!("newer than {}", short(&status.revision)),
                (Some(number), false) => {
                    format!("{} behind {}", count(*number, "commit"), short(&status.revision))
                }
                (None, false) => format!("now {}", short(&status.revision)),
            };
            let comma = if state.is_empty() { "" } else { ", " };
            format!("{}{comma}{state}", short(revision))
        }
    }
}

fn drift(status: &Status) -> String {
    let ignored = match status.ignored {
        0 => String::new(),
        number => format!(", {number} ignored"),
    };
    match status.drifts() {
        false => format!("none{ignored}"),
        true => format!(
            "{}, {} %{ignored}; `claude-env drift` says more",
            count(status.drifted, "entry"),
            status.percentage
        ),
    }
}

fn as_json(status: &Status, ok: bool) -> String {
    printable_json(format!("{:#}", answer(status, ok)))
}

pub(super) fn answer(status: &Status, ok: bool) -> Json {
    let entries = status.rows.iter().map(|row| {
        json!({
            "file": row.file,
            "pointer": row.pointer,
            "entry": row.entry,
            "class": row.class,
            "workspace": row.moved.sign().to_string().trim(),
            "sync": row.todo.sign().to_string().trim(),
        })
    });
    let problems = status.problems.iter().map(|problem| {
        json!({
            "file": problem.path.as_str(),
            "line": problem.line,
            "message": problem.message,
            "help": problem.help,
        })
    });
    let rendered = match &status.rendered {
        Rendered::Nothing => Json::Null,
        Rendered::Revision { revision, behind, elsewhere } => {
            json!({ "revision": revision, "behind": behind, "elsewhere": elsewhere })
        }
    };
    json!({
        "command": "status",
        "ok": ok,
        "workspace": status.root,
        "repository": status.repository,
        "ref": status.reference,
        "revision": status.revision,
        "rendered": rendered,
        "scope": scope(status),
        "mode": status.mode.word(),
        "interrupted": status.interrupted,
        "counts": status.counts,
        "drift": {
            "percentage": status.percentage,
            "significant": status.significant,
            "drifted": status.drifted,
            "ignored": status.ignored,
        },
        "hooks": status.hooks.as_ref().map(hooks::standings),
        "entries": entries.collect::<Json>(),
        "problems": problems.collect::<Json>(),
    })
}

fn scope(status: &Status) -> Json {
    let scope = &status.scope;
    let name =
        |name: &Option<claude_env_core::layer::ScopeName>| name.as_ref().map(ToString::to_string);
    json!({
        "team": name(&scope.team),
        "project": name(&scope.project),
        "user": name(&scope.user),
        "environment": name(&scope.environment),
    })
}
