//! Checks by content whether a workspace still has what the last sync wrote, without reading a layer.
//!
//! A sync that left no difference has recorded what the configuration depends on in a fingerprint, and what it wrote in the
//! locks. While the fingerprint holds, comparing the files with the locks is enough.

use std::path::Path;
use std::time::Duration;

use crate::edge::env::Env;
use crate::edge::fs::Root;
use crate::ops::repository::locate::Request;
use crate::ops::repository::remote::Fetching;
use crate::ops::state::fingerprint::FingerprintStore;
use crate::ops::state::target::lock_state;
use claude_env_core::layer::Scope;
use claude_env_core::render::Rendering;
use claude_env_core::workspace::{
    Class, Desired, DigestCache, Header, LOCAL_LOCK_FILE, LOCK_FILE, Lock, Policy, compare,
};

/// A workspace without differences.
#[derive(Debug)]
pub struct AsWritten {
    /// What the lock says about the rendering.
    pub header: Header,
    /// How many entries its locks have.
    pub entries: usize,
}

/// Compares a workspace with what the last sync wrote; `None` when something differs, or when the configuration has to be read
/// to find out.
pub fn as_written(root: &Path, request: &Request, env: &Env) -> Option<AsWritten> {
    let freshness = match request.fetching {
        Fetching::Always => Duration::ZERO,
        Fetching::OlderThan(age) => age,
        Fetching::Never => Duration::MAX,
    };
    if overrides_binding(request)
        || !FingerprintStore::find(root, env)?.is_clean_except_files(env, freshness)
    {
        return None;
    }
    let nothing = Rendering::default();
    let nothing = Desired::new(&nothing, &mut DigestCache::default());
    let mut root = Root::new(root);
    let mut locks = Vec::new();
    for file in [LOCK_FILE, LOCAL_LOCK_FILE] {
        let lock = lock_state(&root, file, Lock::default).ok()?;
        let actual = root.read_all(lock.paths().cloned());
        // Compared with an empty rendering, every entry that is as it was written is an orphan.
        let comparison = compare(&nothing, &lock, &actual, Policy::Keep);
        let same = comparison.states.iter().all(|state| state.class == Class::Orphan);
        let whole =
            comparison.problems.is_empty() && comparison.states.len() == lock.applied.entry_count();
        if !same || !whole || lock.is_interrupted() {
            return None;
        }
        locks.extend(lock.has_lock().then_some(lock.applied));
    }
    tracing::debug!("the files are as they were written, and the configuration is unchanged");
    let entries = locks.iter().map(Lock::entry_count).sum();
    Some(AsWritten { header: locks.into_iter().next()?.header, entries })
}

/// Returns true when the command line names another configuration than the binding does.
fn overrides_binding(request: &Request) -> bool {
    let Request { config_repo, revision, scope, frozen, directory: _, fetching: _, listener: _ } =
        request;
    config_repo.is_some() || revision.is_some() || *frozen || *scope != Scope::default()
}
