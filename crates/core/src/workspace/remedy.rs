//! What a person can do about an entry that a plan keeps: a kind. The advice in words is made where it is printed.

/// What a person can do about an entry that a plan keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Remedy {
    /// There is nothing to do.
    #[default]
    None,
    /// The workspace removed the entry: restore it, or remove it from the configuration.
    RestoreRemoved,
    /// The workspace changed the entry: restore the configured value, or adopt the workspace's.
    RestoreChanged,
    /// The workspace removed what the configuration changed: write the configured value, or remove it there.
    ResolveRemoved,
    /// Both changed the entry: write the configured value, or adopt the workspace's.
    ResolveChanged,
    /// Another value was there first: move it away, or overwrite it.
    ClearThePath,
    /// The configuration dropped an entry that the workspace changed: remove it here, or add it back there.
    RemoveOrphan,
    /// The file changed since the generation that a rollback restores: restore the whole file.
    RestoreFile,
}
