//! `sync --watch`: syncs now, and again whenever something changes.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use super::Failure;
use super::hook::Call;
use super::notice::Notice;
use super::sync::Synced;
use crate::edge::config_source::ConfigSource;
use crate::edge::env::Env;
use crate::edge::fs::is_temporary;
use crate::edge::watch::{Depth, WakeReason, Watch, WatchTarget};
use crate::ops::repository::locate::Request;
use crate::ops::repository::remote::Fetching;
use claude_env_core::workspace::PENDING_SUFFIX;

/// One sync of a watch: its cause and its result.
#[derive(Debug)]
pub struct Round {
    /// Why the sync was run.
    pub cause: Cause,
    /// The result of the sync.
    pub result: Result<Synced, Failure>,
}

/// Why a sync was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The watch began.
    Start,
    /// These files changed; empty when the system lost track of which.
    Changed(Vec<String>),
    /// The interval is over.
    Interval,
}

/// What ended a watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By SIGINT: the person at the terminal.
    Interrupted,
    /// By SIGTERM or SIGHUP.
    Terminated,
}

/// Syncs until a signal arrives: at once, when a layer, the binding or a rendered file changes, and after each interval.
///
/// Calls `sync` for each, and `report` with the result. A sync that fails does not end the watch. Only the first sync and those
/// after an interval fetch. Fails when the directory is not a workspace, or files cannot be watched.
pub fn watch(
    request: &Request,
    env: &Env,
    interval: Duration,
    sync: impl Fn(&Request) -> Result<Synced, Failure>,
    report: impl Fn(&Round),
) -> Result<End, Failure> {
    let root = request.workspace()?.root;
    let mut watch = Watch::new()?;
    let offline = Request { fetching: Fetching::Never, ..request.clone() };
    let mut cause = Cause::Start;
    loop {
        // Before the sync, so that no change is missed while it runs.
        let _ = follow(&mut watch, &root, &offline, env);
        let request = if matches!(cause, Cause::Changed(_)) { &offline } else { request };
        // In the middle of a rebase or the like files are git's; a change at its end, or the interval, comes later.
        if Call::ELSEWHERE.held_up_by(&root).is_none() {
            report(&Round { cause, result: sync(request) });
        }
        // The sync may have created folders, or the mirror.
        let git = follow(&mut watch, &root, &offline, env);
        cause = match watch.wait(interval, |path| counts(path, &git)) {
            WakeReason::Changed(paths) => Cause::Changed(names(&paths, &root)),
            WakeReason::Elapsed => Cause::Interval,
            WakeReason::Interrupted => return Ok(End::Interrupted),
            WakeReason::Terminated => return Ok(End::Terminated),
        };
    }
}

/// Watches everything that a sync depends on. Returns the git directories among it, in which most changes do not matter.
fn follow(watch: &mut Watch, root: &Path, request: &Request, env: &Env) -> Vec<PathBuf> {
    let watched = |folder: PathBuf, depth| WatchTarget { folder, depth };
    let mut folders = vec![
        watched(root.to_path_buf(), Depth::Children),
        watched(root.join(".claude"), Depth::Everything),
    ];
    if let Some(user) = env.user_layer() {
        let above = user.parent().map(|above| watched(above.to_path_buf(), Depth::Children));
        folders.extend(above);
        folders.push(watched(user, Depth::Everything));
    }
    // The sync reports a config repository that cannot be opened.
    let source = request.locate(env).ok().map(|located| located.source);
    let git = source.as_ref().map(ConfigSource::git_dirs).unwrap_or_default();
    for folder in &git {
        folders.push(watched(folder.clone(), Depth::Children));
        folders.push(watched(folder.join("refs"), Depth::Everything));
    }
    if let Some(ConfigSource::Folder(folder)) = &source {
        let root = folder.path();
        folders.push(watched(root.to_path_buf(), Depth::Children));
        let children = source.iter().flat_map(|source| source.list("").unwrap_or_default());
        let below = children.map(|child| watched(root.join(child.path), Depth::Everything));
        folders.extend(below);
    }
    for error in watch.follow(&folders) {
        request.listener.notify(Notice::Warning(error.to_string()));
    }
    git
}

/// Returns true for changes that may matter: not for our own temporary files, and in a git directory only for references.
fn counts(path: &Path, git: &[PathBuf]) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_temporary = |part: Component<'_>| part.as_os_str().to_str().is_some_and(is_temporary);
    if path.components().any(is_temporary) || name.ends_with(PENDING_SUFFIX) || name == ".git" {
        return false;
    }
    let inside = git.iter().filter_map(|folder| path.strip_prefix(folder).ok());
    inside.min_by_key(|inside| inside.components().count()).is_none_or(|inside| {
        !name.ends_with(".lock")
            && (inside.starts_with("refs") || matches!(&*name, "HEAD" | "packed-refs"))
    })
}

/// Returns the paths for messages: relative to the root inside the workspace.
fn names(paths: &BTreeSet<PathBuf>, root: &Path) -> Vec<String> {
    paths.iter().map(|path| path.strip_prefix(root).unwrap_or(path).display().to_string()).collect()
}
