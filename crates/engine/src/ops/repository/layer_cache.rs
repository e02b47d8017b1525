//! A cache of layers: each is read once, by the first thread that needs it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::ops::Failure;
use crate::ops::repository::load::LoadedLayer;
use claude_env_core::layer::{LayerName, Manifest, Scope};

/// The layers of a config repository, by name, for several threads.
///
/// Keeps layers that several workspaces share for the whole run. A layer of one workspace is dropped with its last user, so
/// that a fleet of a thousand workspaces needs the memory of a few.
#[derive(Default)]
pub(in crate::ops) struct LayerCache {
    slots: Mutex<HashMap<LayerName, Arc<Slot>>>,
    shared: HashSet<LayerName>,
    kept: Mutex<Vec<Arc<LoadedLayer>>>,
}

/// One layer; locked while it is read, so that other threads wait for it.
type Slot = Mutex<Weak<LoadedLayer>>;

impl LayerCache {
    /// Creates an empty cache. The fleet and `others`, the scopes that will be loaded, tell which layers are shared.
    pub(in crate::ops) fn new(manifest: &Manifest, others: &[Scope]) -> Self {
        let mut used = HashSet::new();
        let fleet = manifest.workspaces.iter().map(|entry| &entry.scope);
        let layers = fleet.chain(others).flat_map(Scope::layers);
        let shared = layers.filter(|layer| !used.insert(layer.clone())).collect();
        Self { shared, ..Self::default() }
    }

    /// Returns true when the layer with this name is cached.
    pub(in crate::ops) fn holds(&self, name: &LayerName) -> bool {
        let slot = lock(&self.slots).get(name).map(Arc::clone);
        slot.is_some_and(|slot| lock(&slot).strong_count() > 0)
    }

    /// Returns the layer with this name; calls `read` when it is not cached. `None` when it does not exist.
    ///
    /// Fails when `read` does.
    pub(in crate::ops) fn get(
        &self,
        name: &LayerName,
        read: impl FnOnce() -> Result<Option<LoadedLayer>, Failure>,
    ) -> Result<Option<Arc<LoadedLayer>>, Failure> {
        let slot = Arc::clone(lock(&self.slots).entry(name.clone()).or_default());
        let mut known = lock(&slot);
        if let Some(layer) = known.upgrade() {
            return Ok(Some(layer));
        }
        let Some(layer) = read()?.map(Arc::new) else { return Ok(None) };
        *known = Arc::downgrade(&layer);
        if self.shared.contains(name) {
            lock(&self.kept).push(Arc::clone(&layer));
        }
        Ok(Some(layer))
    }
}

/// Locks a mutex. A panic in another thread leaves the values in here valid.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
