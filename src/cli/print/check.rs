use crate::cli::args::{CheckArgs, FindingsFormat};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::diagnostic::Severity;
use claude_env_core::report::findings as show;
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::{Failure, check};

/// `check`.
pub(in crate::cli) fn check(
    args: &CheckArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let report = check::run(request, args.staged, env)?;
    let default = if env.github_actions { FindingsFormat::Github } else { FindingsFormat::Human };
    let findings = &report.findings;
    let bar = if args.strict { Severity::Warning } else { Severity::Error };
    let found = findings.iter().any(|finding| finding.severity >= bar);
    match args.format.unwrap_or(default) {
        FindingsFormat::Human => {
            if !findings.is_empty() {
                printer.result(&printer.human(findings, printer.colour_out()));
            }
            printer.say(&format!(
                "{}; checked {} and {}",
                show::text::summary(findings),
                count(report.layers, "layer"),
                count(report.scopes, "scope"),
            ));
        }
        FindingsFormat::Json => {
            printer.result(&show::json::render("check", !found, findings, true));
        }
        FindingsFormat::Sarif => printer.result(&show::sarif::render("check", findings, true)),
        FindingsFormat::Github => {
            printer.result(&show::github::render(findings));
            printer.say(&show::text::summary(findings));
        }
    }
    Ok(if found { ExitStatus::Found } else { ExitStatus::Done })
}

/// `1 layer`, `2 layers`, `3 entries`.
pub(in crate::cli) fn count(number: usize, noun: &str) -> String {
    match (number, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) => format!("{number} {noun}s"),
    }
}
