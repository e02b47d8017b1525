//! `hook`: the command that git hooks run.

use std::path::{Path, PathBuf};

use super::sync::{SyncOptions, Synced, sync_workspace};
use super::{Failure, FailureKind};
use crate::edge::env::Env;
use crate::edge::git::{self, GitOperation};
use crate::ops::repository::load::Opened;
use crate::ops::repository::locate::{Request, Workspace};
use crate::ops::repository::remote::Fetching;
use crate::ops::state::fingerprint::{FingerprintStore, report_digest};
use claude_env_core::layer::BINDING_FILE;

/// The git hooks after which a workspace is synced.
pub const POST: [&str; 3] = ["post-checkout", "post-merge", "post-rewrite"];

/// The result of a hook in a workspace.
#[derive(Debug)]
pub enum Hooked {
    /// Nothing was done: there is no workspace, nothing has changed, or another hook follows.
    Nothing,
    /// Nothing was done, though there may be changes: git is about to restore stashed changes.
    Stashed,
    /// Nothing was done, since a person rolled this revision back.
    Held,
    /// The workspace was synced.
    Followed {
        /// The result of the sync.
        synced: Box<Synced>,
        /// Whether what is left as it is was reported before.
        already_reported: bool,
    },
}

/// Syncs the workspace around the directory, if anything has changed since the last sync.
///
/// Fails when the configuration has errors, or a variable has no valid value.
pub fn follow(
    request: &Request,
    env: &Env,
    hook: &str,
    arguments: &[&str],
) -> Result<Hooked, Failure> {
    if is_for_files(hook, arguments) {
        return Ok(Hooked::Nothing);
    }
    // The usual case, without a search for the binding: the fingerprint depends on it.
    let usual = FingerprintStore::in_repository(&request.directory);
    if usual.holds(env) {
        return Ok(Hooked::Nothing);
    }
    let Some(root) = workspace_around(&request.directory) else { return Ok(Hooked::Nothing) };
    let store = FingerprintStore::find(&root, env);
    if store.as_ref().is_some_and(|store| *store != usual && store.holds(env)) {
        return Ok(Hooked::Nothing);
    }
    let call = Call { hook, arguments };
    if let Some(operation) = call.held_up_by(&root) {
        tracing::debug!("not synced during a git operation: {operation:?}");
        return Ok(match operation {
            GitOperation::InProgress => Hooked::Nothing,
            GitOperation::Autostash => Hooked::Stashed,
        });
    }
    let reported = store.as_ref().and_then(FingerprintStore::reported);
    let env = env.clone().unattended();
    let window = env.freshness()?;
    let (directory, fetching) = (root.clone(), Fetching::OlderThan(window));
    let request = Request { directory, fetching, ..request.clone() };
    let synced = in_turn(store.as_ref(), || {
        let env = env.clone().begun_now();
        let opened = Opened::new(&request, &env)?;
        unless_held(&opened, opened.bound()?, &env, call)
    })?;
    Ok(match synced {
        None => Hooked::Nothing,
        Some(Some(synced)) => {
            let already_reported = reported == Some(report_digest(&synced.left));
            Hooked::Followed { already_reported, synced: Box::new(synced) }
        }
        Some(None) if reported.as_deref() == Some(HELD) => Hooked::Nothing,
        Some(None) => {
            if let Some(store) = &store {
                store.record_report(&env, HELD);
            }
            Hooked::Held
        }
    })
}

/// Recorded as the report when a hook said that a rollback keeps it from syncing.
const HELD: &str = "held";

/// What git called a hook with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    /// The name of the hook.
    pub hook: &'a str,
    /// Its arguments.
    pub arguments: &'a [&'a str],
}

impl Call<'_> {
    /// A call that is about the configuration, and not about the workspace itself.
    pub(super) const ELSEWHERE: Self = Self { hook: "", arguments: &[] };

    /// Returns the git operation of a workspace during which this call must not change its files; `None` when there is none.
    pub(super) fn held_up_by(self, workspace: &Path) -> Option<GitOperation> {
        let place = git::discover(workspace).ok().flatten()?;
        git::git_operation(&place, self.hook, self.arguments)
    }
}

/// Syncs a workspace unattended; `None` when a person rolled this revision back. Fails as busy during a git operation.
pub(super) fn unless_held(
    opened: &Opened,
    workspace: &Workspace,
    env: &Env,
    call: Call<'_>,
) -> Result<Option<Synced>, Failure> {
    // Asked again, right before anything is written: every way to a sync without a person comes along here.
    if call.held_up_by(&workspace.root).is_some() {
        let message = format!("git is not done in `{}`", workspace.root.display());
        return Err(Failure::new(FailureKind::Busy, message));
    }
    let store = FingerprintStore::find(&workspace.root, env);
    if store.as_ref().is_some_and(|store| store.is_held(opened)) {
        return Ok(None);
    }
    let options = SyncOptions::of_hook(&workspace.binding);
    let mut synced = sync_workspace(opened, workspace, env, "hook", options)?;
    if let Some(behind) = &mut synced.behind {
        // A folder that is read as it stands has no revision.
        let revision = match synced.revision.as_str() {
            "" => format!("{} entries", behind.entries),
            revision => revision.to_owned(),
        };
        behind.is_new = store.is_none_or(|store| store.reports_first(&revision));
    }
    Ok(Some(synced))
}

/// Runs a sync. If another run has the workspace locked, asks that one to start again when it is done, since it may have read
/// the state before the change; then returns `None`.
fn in_turn(
    store: Option<&FingerprintStore<'_>>,
    sync: impl Fn() -> Result<Option<Synced>, Failure>,
) -> Result<Option<Option<Synced>>, Failure> {
    let busy = |result: &Result<Option<Synced>, Failure>| {
        result.as_ref().is_err_and(|failure| failure.kind == FailureKind::Busy)
    };
    let mut result = sync();
    if busy(&result) {
        if let Some(store) = store {
            store.request_rerun();
        }
        // A run that is active now will see the request; the one that was active may have ended before it.
        result = sync();
        if busy(&result) {
            return Ok(None);
        }
    }
    // Once for each request meanwhile, with a limit: the last of them came from a hook that syncs itself.
    for _ in 0..8 {
        if result.is_err() || !store.is_some_and(FingerprintStore::take_rerun_request) {
            break;
        }
        let next = sync();
        if busy(&next) {
            break;
        }
        // The result of the earlier sync is reported when the later one did nothing.
        let nothing = next.as_ref().is_ok_and(|next| next.as_ref().is_none_or(Synced::is_noop));
        if !nothing {
            result = next;
        }
    }
    result.map(Some)
}

/// Returns true when git restored single files, as in `git checkout -- FILE`, and did not check out a commit.
///
/// The person wants the files as they were. Hook managers also do this to look at staged files only, and would take what a
/// hook writes meanwhile for changes of the user.
pub(super) fn is_for_files(hook: &str, arguments: &[&str]) -> bool {
    hook == "post-checkout" && arguments.get(2) == Some(&"0")
}

/// Returns the nearest folder with a binding, inside of the repository of the hook; else `None`.
fn workspace_around(start: &Path) -> Option<PathBuf> {
    for folder in start.ancestors() {
        if folder.join(BINDING_FILE).is_file() {
            return Some(folder.to_path_buf());
        }
        if folder.join(".git").symlink_metadata().is_ok() {
            return None;
        }
    }
    None
}
