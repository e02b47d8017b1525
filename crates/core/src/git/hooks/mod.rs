//! The hooks of a git repository: who wrote each of them, and the steps to install or uninstall claude-env's.
//!
//! Values only: `edge/git/hooks.rs` reads the hooks and applies the steps.

mod hook_file;
mod owner;
mod plan;
mod shim;
mod snapshot;
mod state;
#[cfg(test)]
mod tests;

use std::fmt;

pub use hook_file::HookFile;
pub use owner::{Manager, Owner};
pub use plan::{HookForm, HookStep, HooksPlan, HooksRefusal, InstallOptions, install, uninstall};
pub use shim::shell_word;
pub use snapshot::{FolderState, HookSnapshot, HooksPath, Setting, Version};
pub use state::{Hook, HookState, Via, hooks};

/// The folder beside the folder of hooks through which the hooks from before the installation run under their own names.
pub const KEPT_HOOKS: &str = "hooks-before-claude-env";

/// A git event that claude-env has a hook for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// After `git checkout` and `git switch`.
    PostCheckout,
    /// After `git merge` and `git pull`.
    PostMerge,
    /// After `git rebase` and `git commit --amend`.
    PostRewrite,
    /// Before `git commit`.
    PreCommit,
}

impl Event {
    /// All events.
    pub const ALL: [Self; 4] =
        [Self::PostCheckout, Self::PostMerge, Self::PostRewrite, Self::PreCommit];

    /// The events of a workspace.
    pub const WORKSPACE: [Self; 3] = [Self::PostCheckout, Self::PostMerge, Self::PostRewrite];

    /// Returns git's name for the event, which is also the name of the hook's file.
    pub fn name(self) -> &'static str {
        match self {
            Self::PostCheckout => "post-checkout",
            Self::PostMerge => "post-merge",
            Self::PostRewrite => "post-rewrite",
            Self::PreCommit => "pre-commit",
        }
    }

    /// Returns the name of the hook in git's configuration. It must differ from the event's name.
    pub fn friendly_name(self) -> String {
        format!("claude-env-{}", self.name())
    }

    /// Returns the file name under which the hook from before the installation is kept. The shim runs it under this name.
    pub fn before(self) -> String {
        format!("{}.claude-env-before", self.name())
    }

    /// Returns true if the hook can make git stop.
    fn may_refuse(self) -> bool {
        self == Self::PreCommit
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
