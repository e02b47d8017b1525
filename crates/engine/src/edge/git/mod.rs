//! Git repositories: their directories, references, hooks and exclude file, and the only module that starts `git`.
//!
//! Nothing here loads a git library, so a hook with nothing to do costs a few small reads only. Objects are read by
//! [`config_source`](crate::edge::config_source).

mod command;
mod exclude;
mod git_dirs;
mod head;
mod hooks;
mod kept_hooks;
mod operation;
mod owner;
mod reference;
mod resolved_ref;
#[cfg(test)]
mod tests;
mod tracked;

#[cfg(test)]
pub(crate) use command::git_of_tests;
pub use command::{configure, git_for_remotes, run, version};
pub use exclude::{Exclude, ExcludeChange, ExcludeFileError};
pub use git_dirs::{DiscoverError, GitDirs, discover};
pub use head::{Head, head};
pub use hooks::{Hooks, HooksError};
pub use operation::{GitOperation, git_operation};
pub use owner::{has_file_modes, is_trusted};
#[cfg(test)]
use reference::read_reference;
pub use reference::{head_commit, is_object_id};
pub use resolved_ref::ResolvedRef;
pub use tracked::{tracked, untrack};
