//! The findings of `doctor`, as lines with a fix each.
//!
//! Findings about the files of an agent are made in [`crate::agent`]. A line names keys and servers, never values.

mod version;

pub use version::{Version, git_version};

/// The subject of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// The installed programs.
    Installed,
    /// The binding, and the rendered files.
    Workspace,
    /// The config repository.
    Configuration,
    /// Git's hooks.
    Hooks,
    /// Files of Claude Code that override or disable rendered settings.
    ClaudeCode,
}

impl Area {
    /// All areas, in the order of the output.
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

/// The state of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// No problem.
    Good,
    /// Worth knowing, but not a problem.
    Note,
    /// A problem.
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

/// One line of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The subject of the line.
    pub area: Area,
    /// The state.
    pub state: State,
    /// The message, a sentence without a full stop.
    pub message: String,
    /// How to fix it; empty if there is nothing to do.
    pub help: String,
}

impl Line {
    /// Returns a line without a problem.
    pub fn good(area: Area, message: impl Into<String>) -> Self {
        Self { area, state: State::Good, message: message.into(), help: String::new() }
    }

    /// Returns a line that is worth knowing.
    pub fn note(area: Area, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { area, state: State::Note, message: message.into(), help: help.into() }
    }

    /// Returns a line about a problem.
    pub fn fail(area: Area, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { area, state: State::Fail, message: message.into(), help: help.into() }
    }
}
