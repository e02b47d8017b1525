//! A plan as people and scripts read it.

use serde_json::{Value as Json, json};

use crate::cli::output::Printer;
use crate::cli::print::check::count;
use claude_env_core::diagnostic::escape::one_line;
use claude_env_core::workspace::{Plan, PlanLine, Remedy, Sign};

/// One line per entry that is not clean, and what to do about those that are kept.
pub(super) fn print(plan: &Plan, printer: &Printer) {
    print_lines(plan, plan.lines.iter(), Remedy::help, printer);
}

/// The same for a folder that `render` writes to.
pub(super) fn print_in_folder(plan: &Plan, printer: &Printer) {
    print_lines(plan, plan.lines.iter(), Remedy::help_in_folder, printer);
}

/// The lines of what would be removed only, and the files that are left alone.
pub(super) fn print_removals(plan: &Plan, printer: &Printer) {
    let removed = plan.lines.iter().filter(|line| line.sign == Sign::Remove);
    print_lines(plan, removed, Remedy::help, printer);
}

fn print_lines<'p>(
    plan: &Plan,
    lines: impl Iterator<Item = &'p PlanLine>,
    help: fn(Remedy) -> &'static str,
    printer: &Printer,
) {
    let mut text = String::new();
    for line in lines {
        text.push_str(&one_line(&line.to_string()));
        text.push('\n');
        let help = help(line.remedy);
        if !help.is_empty() {
            text.push_str(&format!("    {help}\n"));
        }
    }
    for problem in &plan.problems {
        let place = problem.line.map_or(String::new(), |line| format!(":{line}"));
        text.push_str(&format!("! {}{place}  {}\n", problem.path, one_line(&problem.message)));
        if !problem.help.is_empty() {
            text.push_str(&format!("    {}\n", one_line(&problem.help)));
        }
    }
    if !text.is_empty() {
        printer.result(&text);
    }
}

/// `3 added, 1 changed, 2 removed, 1 kept`; `nothing to do` if the plan is empty.
pub(super) fn summary(plan: &Plan) -> String {
    let signs = [
        (Sign::Add, "added"),
        (Sign::Change, "changed"),
        (Sign::Remove, "removed"),
        (Sign::Record, "taken over"),
        (Sign::Keep, "kept"),
    ];
    let mut parts: Vec<String> = (signs.into_iter())
        .filter_map(|(sign, word)| {
            let number = plan.lines.iter().filter(|line| line.sign == sign).count();
            (number > 0).then(|| format!("{number} {word}"))
        })
        .collect();
    if !plan.problems.is_empty() {
        parts.push(format!("{} left alone", count(plan.problems.len(), "file")));
    }
    if parts.is_empty() { "nothing to do".to_owned() } else { parts.join(", ") }
}

/// The plan's lines as JSON, each with its place in the configuration where one is given.
pub(super) fn changes(plan: &Plan, origins: &[String]) -> Json {
    changes_with(plan, origins, Remedy::help)
}

/// The same for a folder that `render` writes to.
pub(super) fn changes_in_folder(plan: &Plan) -> Json {
    changes_with(plan, &[], Remedy::help_in_folder)
}

fn changes_with(plan: &Plan, origins: &[String], help: fn(Remedy) -> &'static str) -> Json {
    let origins = origins.iter().map(Some).chain(std::iter::repeat(None));
    plan.lines
        .iter()
        .zip(origins)
        .map(|(line, origin)| {
            let action = match line.sign {
                Sign::Add => "add",
                Sign::Change => "change",
                Sign::Remove => "remove",
                Sign::Record => "record",
                Sign::Keep => "keep",
            };
            json!({
                "file": line.path.as_str(),
                "pointer": line.pointer,
                "entry": line.what,
                "class": line.class.word(),
                "action": action,
                "reason": line.reason,
                "help": help(line.remedy),
                "origin": origin,
            })
        })
        .collect()
}

/// The files that were left alone, as JSON.
pub(super) fn problems(plan: &Plan) -> Json {
    plan.problems
        .iter()
        .map(|problem| {
            json!({
                "file": problem.path.as_str(),
                "line": problem.line,
                "message": problem.message,
                "help": problem.help,
            })
        })
        .collect()
}

/// Whether an entry is left as it is in the folder.
pub(super) fn is_kept(line: &PlanLine) -> bool {
    line.sign == Sign::Keep
}
