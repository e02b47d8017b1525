//! Messages of an operation while it runs, beside its result.

use std::fmt;
use std::sync::Arc;

/// A message that is shown at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A step that takes long.
    Progress(String),
    /// A problem that does not stop the operation.
    Warning(String),
}

/// The receiver of notices; by default there is none.
#[derive(Clone, Default)]
pub struct Listener(Option<Arc<dyn Fn(Notice) + Send + Sync>>);

impl Listener {
    /// Creates a listener that calls a function.
    pub fn new(receive: impl Fn(Notice) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(receive)))
    }

    /// Passes a notice on.
    pub fn notify(&self, notice: Notice) {
        if let Some(receive) = &self.0 {
            receive(notice);
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}
