//! Git: where a repository lies, what its references say, and the one door to the `git` program.
//!
//! What is here works without a git library, so that a hook that has nothing to do pays for a few small reads only.
//! Objects are read by [`config_source`](crate::edge::config_source).

mod command;
mod exclude;
mod git_dirs;
mod hooks;
mod operation;
mod reference;
mod resolved_ref;
#[cfg(test)]
mod tests;
mod tracked;

#[cfg(test)]
pub(crate) use command::git;
pub use command::{CredentialPrompt, configure, git_for_remotes, run};
pub use exclude::{Exclude, ExcludeChange, ExcludeFileError};
pub use git_dirs::{DiscoverError, GitDirs, discover};
pub use hooks::{Hooks, HooksError};
pub use operation::{GitOperation, git_operation};
pub use reference::head_commit;
#[cfg(test)]
use reference::read_reference;
pub use resolved_ref::ResolvedRef;
pub use tracked::{tracked, untrack};
