//! Claude Code's own files, as texts, and as it reads them.

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
    /// As shown to people.
    pub shown: String,
    /// What is at the path.
    pub text: FileText,
}

/// What of `~/.claude.json` matters: names, and whether the folder is trusted. It holds tokens, too; none of them is in here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientState {
    /// The servers that a person has everywhere.
    pub servers: BTreeSet<String>,
    /// Those that a person has in this workspace.
    pub local_servers: BTreeSet<String>,
    /// Whether the person said that the workspace is trusted.
    pub trusted: bool,
}

/// All files that Claude Code reads in a workspace, as far as they can spoil what is rendered.
#[derive(Clone, Debug)]
pub struct ClientFiles {
    /// The person's settings, for all workspaces.
    pub user: SettingsFile,
    /// The workspace's settings.
    pub project: SettingsFile,
    /// The person's settings, for this workspace.
    pub local: SettingsFile,
    /// The workspace's MCP servers.
    pub mcp: SettingsFile,
    /// Of those who manage the machine, lowest first.
    pub managed: Vec<SettingsFile>,
    /// The MCP servers of those who manage the machine.
    pub managed_mcp: SettingsFile,
    /// What Claude Code remembers about the workspace.
    pub state: ClientState,
    /// Where the state is, as shown to people.
    pub state_shown: String,
    /// Whether `AGENTS.md` is beside `CLAUDE.md`, and not what that imports or links to.
    pub unread_agents: bool,
}

impl SettingsFile {
    /// Returns the settings as Claude Code reads them; why it reads none, as the end of a sentence that begins with the file.
    pub(super) fn settings(&self) -> Result<Map<String, Json>, String> {
        match &self.text {
            FileText::Text(text) if text.trim_start_matches('\u{feff}').trim().is_empty() => {
                Ok(Map::new())
            }
            _ => self.object().map(Option::unwrap_or_default),
        }
    }

    /// Returns the object that the file holds; `None` if it is not there.
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
    /// Reads the text of `~/.claude.json`. `roots` are the paths that the workspace may be known by.
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
