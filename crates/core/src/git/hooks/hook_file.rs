//! One file in a folder of hooks.

use super::Event;
use super::owner::{Manager, Owner};
use super::shim::CALL;

/// A file in a folder of hooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookFile {
    /// The content.
    pub(super) bytes: Vec<u8>,
    /// Whether it is executable; git runs no other files.
    pub executable: bool,
    /// Who wrote it.
    pub owner: Owner,
    /// Whether claude-env wrote it and the program that it runs exists.
    pub program_runs: bool,
    /// Whether it is not a regular file, but a folder or the like.
    pub odd: bool,
}

impl HookFile {
    /// Makes a regular file; `runs` tells whether a program exists.
    pub fn new(bytes: Vec<u8>, executable: bool, runs: impl Fn(&str) -> bool) -> Self {
        let owner = Owner::of(&bytes);
        let program_runs = match &owner {
            Owner::Ours(shim) => runs(&shim.program),
            _ => false,
        };
        Self { bytes, executable, owner, program_runs, odd: false }
    }

    /// Makes something that is not a regular file.
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
    /// Returns true if it runs `NAME.legacy` beside it, as pre-commit and prek do for hooks from before their installation.
    pub(super) fn runs_legacy(&self) -> bool {
        let keeps = [Manager::PreCommit, Manager::Prek].map(Owner::Manager);
        keeps.contains(&self.owner) && self.has("--hook-dir")
    }

    /// Returns true if somebody else wrote it and calls claude-env in it.
    pub(super) fn calls_us(&self, event: Event) -> bool {
        !self.owner.is_ours() && self.has(&format!("{CALL}{event}"))
    }

    /// Returns true if both are the same hook: the same text, or written by the same manager.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.bytes == other.bytes
            || (self.owner == other.owner && matches!(self.owner, Owner::Manager(_)))
    }

    fn has(&self, text: &str) -> bool {
        memchr::memmem::find(&self.bytes, text.as_bytes()).is_some()
    }
}
