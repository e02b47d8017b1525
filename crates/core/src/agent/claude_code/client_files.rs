//! The settings and state files of Claude Code on this machine, as text.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

/// The largest settings file that Claude Code reads.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileText {
    /// Nothing is there.
    Missing,
    /// The text of the file.
    Text(String),
    /// Why it cannot be read.
    Unreadable(String),
}

/// A file of settings or servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsFile {
    /// The path, for messages.
    pub shown: String,
    /// What is at the path.
    pub text: FileText,
}

/// The relevant part of `~/.claude.json`: names of servers, and whether the folder is trusted. The file also has tokens;
/// none of them is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientState {
    /// The names of the servers in the user scope.
    pub servers: BTreeSet<String>,
    /// The names of the servers in the local scope of this workspace.
    pub local_servers: BTreeSet<String>,
    /// Whether the person trusts the workspace.
    pub trusted: bool,
}

/// The files that can override or disable rendered settings of a workspace.
#[derive(Clone, Debug)]
pub struct ClientFiles {
    /// The user settings.
    pub user: SettingsFile,
    /// The project settings.
    pub project: SettingsFile,
    /// The local settings.
    pub local: SettingsFile,
    /// The MCP servers of the project.
    pub mcp: SettingsFile,
    /// The managed settings, lowest precedence first.
    pub managed: Vec<SettingsFile>,
    /// The managed MCP servers.
    pub managed_mcp: SettingsFile,
    /// The state of Claude Code for the workspace.
    pub state: ClientState,
    /// The path of the state file, for messages.
    pub state_shown: String,
    /// Whether there is an `AGENTS.md` that `CLAUDE.md` neither imports nor links to.
    pub unread_agents: bool,
}

impl SettingsFile {
    /// Returns the settings, as Claude Code reads them. Fails with the reason, as the end of a sentence that starts with the
    /// file.
    pub(super) fn settings(&self) -> Result<Map<String, Json>, String> {
        match &self.text {
            FileText::Text(text) if text.trim_start_matches('\u{feff}').trim().is_empty() => {
                Ok(Map::new())
            }
            _ => self.object().map(Option::unwrap_or_default),
        }
    }

    /// Returns the JSON object in the file; `None` if there is no file. Fails with the reason, as the end of a sentence.
    pub(super) fn object(&self) -> Result<Option<Map<String, Json>>, String> {
        let text = match &self.text {
            FileText::Missing => return Ok(None),
            FileText::Unreadable(why) => return Err(format!("cannot be read: {why}")),
            FileText::Text(text) => text,
        };
        if text.len() > MOST_BYTES {
            return Err("is larger than 2 MiB".to_owned());
        }
        match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
            Ok(Json::Object(map)) => Ok(Some(map)),
            Ok(_) => Err("holds no object".to_owned()),
            Err(error) => Err(format!("is not valid JSON, line {}", error.line())),
        }
    }

    pub(super) fn is_there(&self) -> bool {
        self.text != FileText::Missing
    }
}

impl ClientState {
    /// Reads the text of `~/.claude.json`. `roots` are the possible paths of the workspace. `None` if it is not valid JSON.
    pub fn read(text: &str, roots: &[String]) -> Option<Self> {
        let json: Json = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
        let names = |json: Option<&Json>| -> BTreeSet<String> {
            json.and_then(Json::as_object)
                .into_iter()
                .flatten()
                .map(|(name, _)| name.clone())
                .collect()
        };
        let projects: Vec<&Json> =
            roots.iter().filter_map(|root| json.get("projects")?.get(root)).collect();
        let trusts = |project: &&Json| {
            project.get("hasTrustDialogAccepted").and_then(Json::as_bool) == Some(true)
        };
        Some(Self {
            servers: names(json.get("mcpServers")),
            local_servers: projects.iter().flat_map(|p| names(p.get("mcpServers"))).collect(),
            trusted: projects.iter().any(trusts),
        })
    }
}
