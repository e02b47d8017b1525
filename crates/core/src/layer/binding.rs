//! `.claude-env.toml`: which config repository and scope a workspace is bound to.

use super::{Scope, ScopeName};
use crate::source::Node;

/// The file that makes a folder a workspace.
pub const BINDING_FILE: &str = ".claude-env.toml";

/// Whether rendered files are committed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Shared layers are rendered into committed files.
    #[default]
    Committed,
    /// All layers are rendered into files that are kept out of git.
    Local,
}

impl Mode {
    /// Returns the word for it, as written in the binding.
    pub fn word(self) -> &'static str {
        match self {
            Mode::Committed => "committed",
            Mode::Local => "local",
        }
    }
}

/// What git hooks do when the configuration has moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookAction {
    /// Report it, and write only what no commit holds: the files of one person.
    Report,
    /// Write every file, as `claude-env sync` does.
    Sync,
}

impl HookAction {
    /// Returns the word for it, as written in the binding.
    pub fn word(self) -> &'static str {
        match self {
            HookAction::Report => "report",
            HookAction::Sync => "sync",
        }
    }
}

/// The binding of a workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Binding {
    /// URL or path of the config repository, as written; a path is relative to the binding's folder.
    pub repository: Option<String>,
    /// Other addresses of the same repository, tried in turn.
    pub mirrors: Vec<String>,
    /// Branch, tag or commit to read.
    pub reference: Option<String>,
    /// The scope of the workspace.
    pub scope: Scope,
    /// Whether rendered files are committed.
    pub mode: Mode,
    /// What git hooks do, as written; `None` leaves it to the mode.
    pub hooks: Option<HookAction>,
}

impl Binding {
    /// Reads the binding's table. Values of the wrong type are ignored; the schema check reports them.
    pub fn read(root: &Node) -> Self {
        let text = |table: &str, key: &str| {
            root.get(table).and_then(|table| table.get(key)).and_then(|node| node.as_str())
        };
        let name = |key: &str| text("scope", key).and_then(|name| ScopeName::parse(name).ok());
        Self {
            repository: text("source", "repository").map(str::to_owned),
            mirrors: (root.get("source"))
                .and_then(|table| table.get("mirrors")?.as_array())
                .map(|items| items.iter().filter_map(|item| item.as_str()).map(str::to_owned))
                .into_iter()
                .flatten()
                .collect(),
            reference: text("source", "ref").map(str::to_owned),
            scope: Scope {
                team: name("team"),
                project: name("project"),
                user: name("user"),
                environment: name("environment"),
            },
            mode: match text("render", "mode") {
                Some("local") => Mode::Local,
                _ => Mode::Committed,
            },
            hooks: match text("render", "hooks") {
                Some("report") => Some(HookAction::Report),
                Some("sync") => Some(HookAction::Sync),
                _ => None,
            },
        }
    }

    /// Returns what git hooks do: in mode `committed` they report, for generated files belong to the commit.
    pub fn hook_action(&self) -> HookAction {
        self.hooks.unwrap_or(match self.mode {
            Mode::Committed => HookAction::Report,
            Mode::Local => HookAction::Sync,
        })
    }
}
