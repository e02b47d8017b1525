use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use super::before_commit::before_commit;
use super::sync_all::{in_a_line, summary};
use super::{plan, sync};
use crate::cli::output::Printer;
use crate::exit::ExitStatus;
use claude_env_core::diagnostic::escape::one_line;
use claude_env_engine::edge::env::Env;
use claude_env_engine::ops::fleet::config_hook as hook_config;
use claude_env_engine::ops::fleet::registry::{WorkspaceResult as Each, shortening};
use claude_env_engine::ops::hook::{self, Hooked, POST};
use claude_env_engine::ops::notice::{Listener, Notice};
use claude_env_engine::ops::repository::locate::Request;
use claude_env_engine::ops::sync::Synced;
use claude_env_engine::ops::{Failure, FailureKind};

/// The hook of a config repository that git asks for leave.
const BEFORE_COMMIT: &str = "pre-commit";

/// The most lines about one workspace: whoever checks a branch out reads no more.
const LINES: usize = 10;

/// `hook`.
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
        Ok(Hooked::Followed { synced, told }) => done(&synced, told, printer),
        Err(failure) => failed(&failure, printer),
    }
    if hook_config::is_config(directory) {
        all(&request, env, &name, &arguments, printer);
    }
    ExitStatus::Done
}

/// A line for each workspace that reads the config repository here, unless there is nothing to say of it.
fn all(request: &Request, env: &Env, name: &str, arguments: &[&str], printer: &Printer) {
    let tell = |synced: &Synced, told: bool| {
        let nothing = synced.is_noop() || synced.stopped;
        let quiet = nothing && (told || synced.left.is_empty());
        (!quiet).then(|| summary(synced))
    };
    let said = match hook_config::follow_all(request, env, name, arguments, tell) {
        Ok(said) => said,
        Err(failure) => return failed(&failure, printer),
    };
    let short = shortening(env);
    for Each { path, result } in said {
        let said = match result {
            Ok(None) => continue,
            Ok(Some(summary)) => summary,
            // Another run is bringing it to its configuration.
            Err(failure) if failure.kind == FailureKind::Busy => continue,
            Err(failure) => format!("not synced: {}", in_a_line(&failure)),
        };
        printer.say(&one_line(&format!("claude-env: {}: {said}", short(&path))));
    }
}

/// A line for each thing that was done; and for each that is left as it is, unless it was told before.
fn done(synced: &Synced, told: bool, printer: &Printer) {
    if let Some(prune) = synced.plan.prune.as_ref().filter(|_| synced.stopped) {
        let text = if told { String::new() } else { sync::stop(prune, false) };
        for line in text.lines() {
            printer.say(&one_line(&format!("claude-env: {}", line.trim_start())));
        }
        return;
    }
    let done = synced.plan.lines.iter().filter(|line| !plan::is_kept(line));
    let mut lines: Vec<String> = done.map(ToString::to_string).collect();
    if !told {
        lines.extend(synced.left.iter().cloned());
    }
    for line in lines.iter().take(LINES) {
        printer.say(&one_line(&format!("claude-env: {line}")));
    }
    if lines.len() > LINES {
        let summary = plan::summary(&synced.plan);
        printer.say(&format!("claude-env: … {} more; in all {summary}", lines.len() - LINES));
    }
}

/// What went wrong, in two lines: git goes on, and so does the person.
fn failed(failure: &Failure, printer: &Printer) {
    printer.say(&one_line(&format!("claude-env: not synced: {}", in_a_line(failure))));
    if let Some(hint) = failure.hints.first() {
        printer.say(&one_line(&format!("claude-env: {hint}")));
    }
}
