use std::path::Path;

use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::diagnostic::escape::one_line;
use claude_env_core::report::findings::text as human;
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::before_commit;

/// Runs `hook pre-commit`. What cannot be checked is not refused: CI checks it again.
pub(super) fn before_commit(directory: &Path, env: &Env, printer: &Printer) -> ExitStatus {
    let findings = match before_commit::findings(directory, env) {
        Ok(None) => return ExitStatus::Done,
        Ok(Some(findings)) => findings,
        Err(failure) => {
            printer.say(&one_line(&format!("claude-env: not checked: {}", failure.message)));
            if let Some(hint) = failure.hints.first() {
                printer.say(&one_line(&format!("claude-env: {hint}")));
            }
            return ExitStatus::Done;
        }
    };
    printer.findings(&findings);
    if !before_commit::refuses(&findings) {
        return ExitStatus::Done;
    }
    printer.say(&format!(
        "claude-env: the commit is refused: it adds {}; `git commit --no-verify` commits all the same",
        human::summary(&findings)
    ));
    ExitStatus::Found
}
