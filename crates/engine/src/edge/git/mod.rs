//! Git: where a repository lies, what its references say, and the one door to the `git` program.
//!
//! What is here works without a git library, so that a hook that has nothing to do pays for a few small reads only.
//! Objects are read by [`config_source`](crate::edge::config_source).

mod command;
mod exclude;
mod followed;
mod hooks;
mod place;
mod reference;
#[cfg(test)]
mod tests;
mod tracked;
mod under_way;

#[cfg(test)]
pub(crate) use command::git;
pub use command::{Ask, configure, git_for_remotes, run};
pub use exclude::{Exclude, ExcludeChange, ExcludeFileError};
pub use followed::Followed;
pub use hooks::{Hooks, HooksError};
pub use place::{DiscoverError, Place, discover};
pub use reference::head_commit;
#[cfg(test)]
use reference::read_reference;
pub use tracked::{tracked, untrack};
pub use under_way::{UnderWay, under_way};
