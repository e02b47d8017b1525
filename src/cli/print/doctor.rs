use serde_json::{Value as Json, json};

use super::hooks::Said;
use crate::cli::args::{DoctorArgs, PlainFormat};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::diagnostic::escape::{json as printable_json, one_line};
use claude_env_core::doctor::{Area, Line, State};
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::doctor::{self, Diagnosis};
use claude_env_engine::ops::hooks::Report;
use claude_env_engine::ops::repository::locate::Request;

/// `doctor`.
pub(in crate::cli) fn doctor(
    args: &DoctorArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let Diagnosis { mut lines, hooks } = doctor::doctor(request, env, args.online);
    lines.extend(hooks.iter().flat_map(of_hooks));
    lines.sort_by_key(|line| line.area);
    let to_mend = lines.iter().filter(|line| line.state == State::Mend).count();
    if args.format == PlainFormat::Json {
        let answer = json!({
            "command": "doctor",
            "ok": to_mend == 0,
            "lines": lines.iter().map(|line| json!({
                "area": line.area.word(),
                "state": line.state.word(),
                "message": line.message,
                "help": (!line.help.is_empty()).then_some(&line.help),
            })).collect::<Json>(),
        });
        printer.result(&printable_json(format!("{answer:#}")));
    } else {
        printer.result(&human(&lines));
        printer.say(match to_mend {
            0 => "nothing to mend",
            _ => "lines with `mend` say what to do",
        });
    }
    Ok(if to_mend == 0 { ExitStatus::Done } else { ExitStatus::Found })
}

fn human(lines: &[Line]) -> String {
    let mut text = String::new();
    for area in Area::ALL {
        let of_area: Vec<&Line> = lines.iter().filter(|line| line.area == area).collect();
        if of_area.is_empty() {
            continue;
        }
        text.push_str(&format!("{}\n", area.word()));
        for line in of_area {
            text.push_str(&format!("  {:4}  {}\n", line.state.word(), one_line(&line.message)));
            if !line.help.is_empty() {
                text.push_str(&format!("        {}\n", one_line(&line.help)));
            }
        }
    }
    text
}

/// The hooks that there should be.
fn of_hooks(report: &Report) -> Vec<Line> {
    let line = |hook| {
        let said = Said::of(hook);
        let message = format!("{}: {} {}", hook.event.name(), said.state, said.text);
        let message = message.trim_end().to_owned();
        match hook.is_installed() {
            true => Line::good(Area::Hooks, message),
            false => Line::mend(Area::Hooks, message, said.help.unwrap_or_default()),
        }
    };
    report.hooks.iter().map(line).collect()
}
