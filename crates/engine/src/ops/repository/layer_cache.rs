//! The layers that were read: each is read once, by whoever asks for it first.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::ops::Failure;
use crate::ops::repository::load::LoadedLayer;
use claude_env_core::layer::{LayerName, Manifest, Scope};

/// The layers of a config repository, by name. May be used by several threads at once.
///
/// What several workspaces share is kept for the whole run. What one workspace has for itself goes with the last who holds
/// it, so that a fleet of a thousand workspaces needs the memory of a few.
#[derive(Default)]
pub(in crate::ops) struct LayerCache {
    slots: Mutex<HashMap<LayerName, Arc<Slot>>>,
    shared: HashSet<LayerName>,
    kept: Mutex<Vec<Arc<LoadedLayer>>>,
}

/// Held while a layer is read, so that whoever wants the same one waits for it.
type Slot = Mutex<Weak<LoadedLayer>>;

impl LayerCache {
    /// An empty cache that knows from the fleet, and from other scopes that are going to be asked for, which layers are shared.
    pub(in crate::ops) fn new(manifest: &Manifest, others: &[Scope]) -> Self {
        let mut used = HashSet::new();
        let fleet = manifest.workspaces.iter().map(|entry| &entry.scope);
        let layers = fleet.chain(others).flat_map(Scope::layers);
        let shared = layers.filter(|layer| !used.insert(layer.clone())).collect();
        Self { shared, ..Self::default() }
    }

    /// Whether the layer with this name was read and is still there.
    pub(in crate::ops) fn holds(&self, name: &LayerName) -> bool {
        let slot = lock(&self.slots).get(name).map(Arc::clone);
        slot.is_some_and(|slot| lock(&slot).strong_count() > 0)
    }

    /// The layer with this name, read with `read` unless it is there; `None` if it does not exist.
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

/// A panic in another thread says nothing against what is in here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
