//! The hooks of a git repository: whose each of them is, and what would have to be done to install ours or to take them away.
//!
//! Values only. What is there is read, and what is to be done is carried out, by `edge/git/hooks.rs`.

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

/// What git runs a hook for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    PostCheckout,
    PostMerge,
    PostRewrite,
    PreCommit,
}

impl Event {
    /// Every event that claude-env may have a hook for.
    pub const ALL: [Self; 4] =
        [Self::PostCheckout, Self::PostMerge, Self::PostRewrite, Self::PreCommit];

    /// Those of a workspace.
    pub const WORKSPACE: [Self; 3] = [Self::PostCheckout, Self::PostMerge, Self::PostRewrite];

    /// The name that git calls it by; also that of the hook's file.
    pub fn name(self) -> &'static str {
        match self {
            Self::PostCheckout => "post-checkout",
            Self::PostMerge => "post-merge",
            Self::PostRewrite => "post-rewrite",
            Self::PreCommit => "pre-commit",
        }
    }

    /// The name of our hook for it in git's configuration, which may not be the event's own.
    pub fn friendly_name(self) -> String {
        format!("claude-env-{}", self.name())
    }

    /// Where the hook that was there before ours is kept, as the shim knows it too.
    pub fn before(self) -> String {
        format!("{}.claude-env-before", self.name())
    }

    /// Whether git asks the hook for leave.
    fn may_refuse(self) -> bool {
        self == Self::PreCommit
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
