//! Where a file of a layer is.

/// The folder that a layer's path is relative to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Home {
    /// The config repository.
    Repository,
    /// The folder of the local user layer.
    User,
}

/// The path of a file or folder of a layer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayerPath {
    /// What the path is relative to.
    pub home: Home,
    /// The path, with forward slashes.
    pub path: String,
}

impl LayerPath {
    /// Returns the path of something in this folder.
    pub fn join(&self, inside: &str) -> Self {
        let path = if self.path.is_empty() {
            inside.to_owned()
        } else {
            format!("{}/{inside}", self.path)
        };
        Self { home: self.home, path }
    }
}
