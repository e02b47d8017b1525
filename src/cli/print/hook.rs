use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use super::before_commit::before_commit;
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::diagnostic::escape::one_line;
use claude_env_core::report::behind;
use claude_env_core::report::failure::Failure as Report;
use claude_env_core::report::plan::Change;
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::fleet::config_hook as hook_config;
use claude_env_engine::ops::fleet::registry::{WorkspaceResult, shortening};
use claude_env_engine::ops::hook::{self, Hooked, POST};
use claude_env_engine::ops::notice::{Listener, Notice};
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::sync::Synced;
use claude_env_engine::ops::{Failure, FailureKind};

/// The hook of a config repository that can refuse a commit.
const BEFORE_COMMIT: &str = "pre-commit";

/// The most lines about one workspace.
const LINES: usize = 10;

/// Runs `hook`: what a git hook is for.
pub(in crate::cli) fn hook(
    name: &OsString,
    arguments: &[OsString],
    directory: &Path,
    env: &Env,
    printer: &Arc<Printer>,
) -> ExitStatus {
    let name = name.to_string_lossy();
    if env.hooks_off {
        return ExitStatus::Done;
    }
    if name == BEFORE_COMMIT {
        return before_commit(directory, env, printer);
    }
    if !POST.contains(&name.as_ref()) {
        let failure = Failure::usage(format!("there is no hook `{name}`"))
            .hint(format!("there are {} and {BEFORE_COMMIT}", POST.join(", ")));
        let status = printer.failure(&failure);
        return if name.starts_with("post-") { ExitStatus::Done } else { status };
    }
    let hears = Arc::clone(printer);
    let listener = Listener::new(move |notice| match notice {
        Notice::Progress(_) => {}
        Notice::Warning(text) => hears.say(&format!("claude-env: {}", one_line(&text))),
    });
    let request = Request { listener, ..Request::at(directory) };
    let arguments: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    match hook::follow(&request, env, &name, &arguments) {
        Ok(Hooked::Nothing) => {}
        Ok(Hooked::Stashed) => printer.say(
            "claude-env: not synced, for git is about to put your changes back: run `claude-env sync`",
        ),
        Ok(Hooked::Held) => printer.say(
            "claude-env: left rolled back until the configuration changes, or you run `claude-env sync`",
        ),
        Ok(Hooked::Followed { synced, already_reported }) => done(&synced, already_reported, printer),
        Err(failure) => failed(&failure, printer),
    }
    if hook_config::is_config(directory) {
        all(&request, env, &name, &arguments, printer);
    }
    ExitStatus::Done
}

/// Syncs each workspace that reads the config repository here, and prints a line for it unless there is nothing to say.
fn all(request: &Request, env: &Env, name: &str, arguments: &[&str], printer: &Printer) {
    let tell = |synced: &Synced, already_reported: bool| {
        let nothing = synced.is_noop() || synced.stopped;
        let quiet = nothing && (already_reported || synced.left.is_empty());
        let done = (!quiet).then(|| synced.report(false).summary());
        let parts: Vec<String> = done.into_iter().chain(behind(synced)).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    };
    let said = match hook_config::follow_all(request, env, name, arguments, tell) {
        Ok(said) => said,
        Err(failure) => return failed(&failure, printer),
    };
    let short = shortening(env);
    for WorkspaceResult { path, result } in said {
        let said = match result {
            Ok(None) => continue,
            Ok(Some(summary)) => summary,
            // Another run is bringing it to its configuration.
            Err(failure) if failure.kind == FailureKind::Busy => continue,
            Err(failure) => format!("not synced: {}", Report::from(&failure).line()),
        };
        printer.say(&one_line(&format!("claude-env: {}: {said}", short(&path))));
    }
}

/// Prints a line for each change; and for each entry that is left as it is, unless that was reported before.
fn done(synced: &Synced, already_reported: bool, printer: &Printer) {
    let report = synced.report(false);
    if let Some(stop) = report.stop() {
        for line in stop.lines().filter(|_| !already_reported) {
            printer.say(&one_line(&format!("claude-env: {}", line.trim_start())));
        }
        return;
    }
    let done = report.plan.changes.iter().filter(|change| !change.is_kept());
    let mut lines: Vec<String> = done.map(Change::line).collect();
    if !already_reported {
        lines.extend(synced.left.iter().cloned());
    }
    lines.extend(behind(synced));
    for line in lines.iter().take(LINES) {
        printer.say(&one_line(&format!("claude-env: {line}")));
    }
    if lines.len() > LINES {
        let (more, summary) = (lines.len() - LINES, report.summary());
        printer.say(&format!("claude-env: … {more} more; in all {summary}"));
    }
}

/// Returns the line about what is left to a commit, unless it was printed before for this revision.
fn behind(synced: &Synced) -> Option<String> {
    let behind = synced.behind.filter(|behind| behind.is_new)?;
    Some(behind::hook_line(behind.entries, &synced.revision))
}

/// Prints what went wrong on two lines: git goes on.
fn failed(failure: &Failure, printer: &Printer) {
    printer.say(&one_line(&format!("claude-env: not synced: {}", Report::from(failure).line())));
    if let Some(hint) = failure.hints.first() {
        printer.say(&one_line(&format!("claude-env: {hint}")));
    }
}
