//! `sync --watch`: sync now, and again whenever something changes.

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

/// What a round of a watch was for, and what came of it.
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
    /// These files changed, as people name them; none when the system lost track of which.
    Changed(Vec<String>),
    /// It was time.
    Interval,
}

/// Who ended a watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By SIGINT: the person at the terminal.
    Interrupted,
    /// By SIGTERM or SIGHUP.
    Terminated,
}

/// Syncs until a signal comes: at once, when a layer, the binding or a rendered file changes, and after each interval.
///
/// `sync` is what a sync does, and `tell` hears of each. A sync that fails is told too, and the next change is waited for; only
/// a folder that is no workspace ends the watch. What is fetched is fetched when it is time, and not for each change of a file.
pub fn watch(
    request: &Request,
    env: &Env,
    interval: Duration,
    sync: impl Fn(&Request) -> Result<Synced, Failure>,
    tell: impl Fn(&Round),
) -> Result<End, Failure> {
    let root = request.workspace()?.root;
    let mut watch = Watch::new().map_err(|error| {
        Failure::io(error.to_string()).hint("run `claude-env sync` from a timer instead")
    })?;
    let offline = Request { fetching: Fetching::Never, ..request.clone() };
    let mut cause = Cause::Start;
    loop {
        // Followed before the sync, so that no change is missed while it runs.
        let _ = follow(&mut watch, &root, &offline, env);
        let request = if matches!(cause, Cause::Changed(_)) { &offline } else { request };
        // In the middle of a rebase or the like files are git's; a change at its end, or the interval, comes later.
        if Call::ELSEWHERE.held_up_by(&root).is_none() {
            tell(&Round { cause, result: sync(request) });
        }
        // The sync may have made folders, or fetched the mirror for the first time.
        let git = follow(&mut watch, &root, &offline, env);
        cause = match watch.wait(interval, |path| counts(path, &git)) {
            WakeReason::Changed(paths) => Cause::Changed(names(&paths, &root)),
            WakeReason::Elapsed => Cause::Interval,
            WakeReason::Interrupted => return Ok(End::Interrupted),
            WakeReason::Terminated => return Ok(End::Terminated),
        };
    }
}

/// Has everything watched that a sync depends on. Returns the git directories among it, where most changes mean nothing.
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
    // One that cannot be opened now is a failure of the sync, which says so.
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
        request.listener.tell(Notice::Warning(error.to_string()));
    }
    git
}

/// Whether a change may be one that matters: not those of our own temporary files, and of a git directory only where its
/// branches point to.
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

/// Paths as people know them: those of the workspace from its root, others whole.
fn names(paths: &BTreeSet<PathBuf>, root: &Path) -> Vec<String> {
    paths.iter().map(|path| path.strip_prefix(root).unwrap_or(path).display().to_string()).collect()
}
