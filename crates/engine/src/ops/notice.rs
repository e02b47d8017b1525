//! What a verb says while it works, beside its result.

use std::fmt;
use std::sync::Arc;

/// Something to tell the person at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// What takes so long.
    Progress(String),
    /// Something that is not as one would expect, though the verb goes on.
    Warning(String),
}

/// Who listens; nobody unless said otherwise.
#[derive(Clone, Default)]
pub struct Listener(Option<Arc<dyn Fn(Notice) + Send + Sync>>);

impl Listener {
    /// A listener that calls a function.
    pub fn new(hear: impl Fn(Notice) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hear)))
    }

    /// Tells it.
    pub fn tell(&self, notice: Notice) {
        if let Some(hear) = &self.0 {
            hear(notice);
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}
