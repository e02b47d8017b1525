//! What is wrong around a workspace, as far as files tell: lines, each with how to fix it.
//!
//! What an agent does with its own files is found in [`crate::agent`]. Names of keys and servers are said, values never.

mod version;

pub use version::{client_version, git_version};

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// The programs.
    Installed,
    /// The binding, and what was rendered.
    Workspace,
    /// Where the configuration comes from.
    Configuration,
    /// Git's hooks.
    Hooks,
    /// Files that Claude Code reads besides, or reads otherwise than one would expect.
    ClaudeCode,
}

impl Area {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 5] =
        [Self::Installed, Self::Workspace, Self::Configuration, Self::Hooks, Self::ClaudeCode];

    /// Returns the word for it in every output format.
    pub fn word(self) -> &'static str {
        match self {
            Self::Installed => "installed",
            Self::Workspace => "workspace",
            Self::Configuration => "configuration",
            Self::Hooks => "hooks",
            Self::ClaudeCode => "claude-code",
        }
    }
}

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// As it should be.
    Good,
    /// Worth knowing; nothing is broken.
    Note,
    /// Something does not work, or not as configured.
    Fail,
}

impl State {
    /// Returns the word for it in every output format.
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Note => "note",
            Self::Fail => "fail",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What the line is about.
    pub area: Area,
    /// How it went.
    pub state: State,
    /// A sentence without a full stop.
    pub message: String,
    /// How to fix it; empty where nothing is to be done.
    pub help: String,
}

impl Line {
    /// Returns all is well.
    pub fn good(area: Area, message: impl Into<String>) -> Self {
        Self { area, state: State::Good, message: message.into(), help: String::new() }
    }

    /// Worth knowing.
    pub fn note(area: Area, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { area, state: State::Note, message: message.into(), help: help.into() }
    }

    /// Something that does not work.
    pub fn fail(area: Area, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { area, state: State::Fail, message: message.into(), help: help.into() }
    }
}
