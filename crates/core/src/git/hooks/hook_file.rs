//! One file in a folder of hooks.

use super::Event;
use super::owner::{Manager, Owner};
use super::shim::CALL;

/// A file among hooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookFile {
    pub(super) bytes: Vec<u8>,
    /// Git runs no other.
    pub executable: bool,
    pub owner: Owner,
    /// Whether the program that a file of ours runs is there.
    pub program_runs: bool,
    /// Whether it is no file at all, but a folder or the like.
    pub odd: bool,
}

impl HookFile {
    /// A file with its text.
    pub fn new(bytes: Vec<u8>, executable: bool, runs: impl Fn(&str) -> bool) -> Self {
        let owner = Owner::of(&bytes);
        let program_runs = match &owner {
            Owner::Ours(shim) => runs(&shim.program),
            _ => false,
        };
        Self { bytes, executable, owner, program_runs, odd: false }
    }

    /// Something that is no file.
    pub fn odd() -> Self {
        Self {
            bytes: Vec::new(),
            executable: false,
            owner: Owner::Unknown,
            program_runs: false,
            odd: true,
        }
    }
}

impl HookFile {
    /// Whether it runs `NAME.legacy` beside it: so do pre-commit and prek, for hooks that were there before them.
    pub(super) fn runs_legacy(&self) -> bool {
        let keeps = [Manager::PreCommit, Manager::Prek].map(Owner::Manager);
        keeps.contains(&self.owner) && self.has("--hook-dir")
    }

    /// Whether somebody wrote a call of ours into it.
    pub(super) fn calls_us(&self, event: Event) -> bool {
        !self.owner.is_ours() && self.has(&format!("{CALL}{event}"))
    }

    /// Whether the two are the same hook: the same text, or written by the same manager.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.bytes == other.bytes
            || (self.owner == other.owner && matches!(self.owner, Owner::Manager(_)))
    }

    fn has(&self, text: &str) -> bool {
        memchr::memmem::find(&self.bytes, text.as_bytes()).is_some()
    }
}
