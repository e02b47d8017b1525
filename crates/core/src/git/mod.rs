//! What claude-env adds to a git repository, as values: hooks, and lines in `info/exclude`.

pub mod exclude;
pub mod hooks;
