use std::fmt::Write as _;

use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::diagnostic::Severity;
use claude_env_core::report::count;
use claude_env_core::report::explain::Explain;
use claude_env_core::report::findings;
use claude_env_core::report::plan::Plan;
use claude_env_core::workspace::unified;
use claude_env_engine::ops::Failure;
use claude_env_engine::ops::demo::{CHANGED_FILE, Demo, KEY};

/// Runs `demo`.
pub(in crate::cli) fn demo(printer: &Printer) -> Result<ExitStatus, Failure> {
    let demo = Demo::start()?;
    let folder = demo.folder.display();
    let step = |number: usize, what: &str| printer.result(&format!("\n{number}. {what}\n"));

    printer.result(&format!(
        "A config repository with four layers, and an empty workspace, in\n   {folder}"
    ));

    step(1, "Check the config repository: every layer, every overlay, every workspace.");
    let findings = demo.check()?;
    if findings.is_empty() {
        printer.result("   No findings.");
    } else {
        printer.text(&findings::Check::new(findings.clone(), 0, 0).text(printer.style()));
    }
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Ok(ExitStatus::Found);
    }

    step(2, &format!("Where does `{KEY}` come from, for the team payments?"));
    let (opened, explanation) = demo.explain()?;
    let explained = Explain::new(&explanation, &opened.repository.sources).text().to_string();
    printer.result(&indent(&explained));

    step(3, "Render team payments, project checkout: what Claude Code will read.");
    let first = demo.render(false)?;
    let files: std::collections::BTreeSet<&str> =
        first.changes.iter().map(|change| change.path.as_str()).collect();
    let mut list =
        format!("   {} from {}:\n", count(files.len(), "file"), count(first.lines.len(), "entry"));
    for file in files {
        let _ = writeln!(list, "     {file}");
    }
    printer.result(&list);

    step(4, &format!("Change one value in {CHANGED_FILE}. What would that do to the workspace?"));
    demo.change()?;
    let planned = demo.render(true)?;
    printer.result(&indent(&unified(&planned, printer.style().color)));

    step(5, "Render again: only that entry is written.");
    let second = demo.render(false)?;
    printer.result(&format!(
        "   {}; {} touched.",
        Plan::from(&second).summary(),
        count(second.changes.len(), "file")
    ));
    let third = demo.render(false)?;
    printer.result(&format!("   And once more: {}.", Plan::from(&third).summary()));

    printer.result(&format!(
        "\nTry next:\n\
         \x20 claude-env -C {folder}/acme-config explain permissions.allow --team payments --project checkout\n\
         \x20 claude-env -C {folder}/acme-config show mcp_servers --format toml\n\
         \x20 claude-env new my-config        a config repository of your own\n\
         \nThe folder stays; remove it when you are done:\n  rm -r {folder}"
    ));
    Ok(ExitStatus::Done)
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("   {line}\n")).collect()
}
