use crate::cli::args::{CheckArgs, FindingsFormat};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::diagnostic::Severity;
use claude_env_core::report::Answer;
use claude_env_core::report::findings::{Check, github, sarif, text};
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::{Failure, check};

/// Runs `check`.
pub(in crate::cli) fn check(
    args: &CheckArgs,
    request: &Request,
    env: &Env,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    let check::Report { findings, layers, scopes } = check::run(request, args.staged, env)?;
    let report = Check::new(findings, layers, scopes);
    let findings = &report.findings;
    let bar = if args.strict { Severity::Warning } else { Severity::Error };
    let ok = findings.iter().all(|finding| finding.severity < bar);
    let default = if env.github_actions { FindingsFormat::Github } else { FindingsFormat::Human };
    match args.format.unwrap_or(default) {
        FindingsFormat::Human => printer.text(&report.text(printer.style())),
        FindingsFormat::Json => printer.result(&Answer::new("check", ok, &report).json()),
        FindingsFormat::Markdown => printer.result(&report.markdown()),
        FindingsFormat::Sarif => printer.result(&sarif::render("check", findings, true)),
        FindingsFormat::Github => {
            printer.result(&github::render(findings));
            printer.say(&text::summary(findings));
        }
    }
    Ok(ExitStatus::done_if(ok))
}
