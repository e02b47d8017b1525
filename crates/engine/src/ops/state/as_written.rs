//! Whether a workspace still holds what the last sync wrote, by content, while its configuration is the same.
//!
//! A sync that left nothing to differ has noted what the configuration depends on, and in the locks what it wrote. While both
//! hold, the files are compared with the locks, and no layer is read.

use std::path::Path;
use std::time::Duration;

use crate::edge::env::Env;
use crate::edge::fs::Root;
use crate::ops::repository::locate::Request;
use crate::ops::repository::remote::Fetching;
use crate::ops::state::fingerprint as stamp;
use crate::ops::state::target::lock_state;
use claude_env_core::layer::Scope;
use claude_env_core::render::Rendering;
use claude_env_core::workspace::{
    Class, Desired, DigestCache, Header, LOCAL_LOCK_FILE, LOCK_FILE, Lock, Policy, compare,
};

/// A workspace in which nothing differs.
#[derive(Debug)]
pub struct AsWritten {
    /// Where it comes from, by the lock.
    pub header: Header,
    /// How many entries there are.
    pub entries: usize,
}

/// Compares a workspace with what the last sync wrote. `None` says that something differs, or that this way does not tell: the
/// configuration has to be asked.
pub fn as_written(root: &Path, request: &Request, env: &Env) -> Option<AsWritten> {
    let freshness = match request.fetching {
        Fetching::Always => Duration::ZERO,
        Fetching::OlderThan(age) => age,
        Fetching::Never => Duration::MAX,
    };
    if asks_otherwise(request) || !stamp::is_clean_beside_files(root, env, freshness) {
        return None;
    }
    let nothing = Rendering::default();
    let nothing = Desired::new(&nothing, &mut DigestCache::default());
    let mut root = Root::new(root);
    let mut locks = Vec::new();
    for file in [LOCK_FILE, LOCAL_LOCK_FILE] {
        let lock = lock_state(&root, file, Lock::default).ok()?;
        let actual = root.read_all(lock.paths().cloned());
        // Beside a rendering of nothing, whatever is as it was written is an orphan.
        let comparison = compare(&nothing, &lock, &actual, Policy::Keep);
        let same = comparison.states.iter().all(|state| state.class == Class::Orphan);
        let whole =
            comparison.problems.is_empty() && comparison.states.len() == lock.applied.entry_count();
        if !same || !whole || lock.is_interrupted() {
            return None;
        }
        locks.extend(lock.has_lock().then_some(lock.applied));
    }
    tracing::debug!("nothing differs from what was written, and the configuration is as it was");
    let entries = locks.iter().map(Lock::entry_count).sum();
    Some(AsWritten { header: locks.into_iter().next()?.header, entries })
}

/// Whether the command line names another configuration than the binding does.
fn asks_otherwise(request: &Request) -> bool {
    let Request { config_repo, revision, scope, frozen, directory: _, fetching: _, listener: _ } =
        request;
    config_repo.is_some() || revision.is_some() || *frozen || *scope != Scope::default()
}
