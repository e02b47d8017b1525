//! What claude-env has in a git repository beside the files of a workspace, as values: hooks, and lines in `info/exclude`.

pub mod exclude;
pub mod hooks;
