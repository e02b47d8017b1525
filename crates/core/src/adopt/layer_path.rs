//! Where a file of a layer is.

/// Which folder a layer's file lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Home {
    /// The config repository.
    Repository,
    /// The folder of this machine's user layer.
    User,
}

/// A file, or a folder, of a layer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayerPath {
    pub home: Home,
    /// Relative to the home, with forward slashes.
    pub path: String,
}

impl LayerPath {
    /// Something in this folder.
    pub fn join(&self, inside: &str) -> Self {
        let path = if self.path.is_empty() {
            inside.to_owned()
        } else {
            format!("{}/{inside}", self.path)
        };
        Self { home: self.home, path }
    }
}
