//! The files of a workspace that Claude Code reads and that people also edit.

use super::server;
use crate::agent::target::{Content, Format, JsonFormat, Layout, MergeRules, Target};

/// The folder of a workspace that Claude Code reads.
pub const FOLDER: &str = ".claude";
/// The instructions of a workspace.
pub const INSTRUCTIONS: &str = "CLAUDE.md";
/// The personal instructions of a workspace, read after [`INSTRUCTIONS`].
pub const LOCAL_INSTRUCTIONS: &str = "CLAUDE.local.md";
/// The instructions of other agents, which Claude Code does not read.
pub const AGENTS_FILE: &str = "AGENTS.md";
/// The folder of scripts that hooks run.
pub const HOOK_SCRIPTS: &str = ".claude/hooks/";
/// The other place where Claude Code looks for [`INSTRUCTIONS`].
pub const INNER_INSTRUCTIONS: &str = ".claude/CLAUDE.md";
/// The settings of a workspace.
pub const SETTINGS: &str = ".claude/settings.json";
/// The local settings of a workspace, which override [`SETTINGS`].
pub const LOCAL_SETTINGS: &str = ".claude/settings.local.json";
/// The MCP servers of a workspace.
pub const MCP_SERVERS: &str = ".mcp.json";
/// The key with the servers in [`MCP_SERVERS`] and in the state file.
pub const SERVERS_KEY: &str = "mcpServers";

/// The files, in the order in which they are rendered.
pub(super) const TARGETS: &[Target] = &[
    Target {
        path: MCP_SERVERS,
        // Claude Code has no file for a person's servers beside the committed one.
        personal: None,
        aliases: &["mcp.json"],
        content: Content::Servers,
        format: Format::Json(JsonFormat {
            layout: Layout::Members(SERVERS_KEY),
            tables: &[(SERVERS_KEY, "mcp_servers")],
            normalize: Some(server::normalize),
            merge: MergeRules::NONE,
        }),
        may_be_link: false,
        advice: Some(&server::ADVICE),
    },
    Target {
        path: SETTINGS,
        personal: Some(LOCAL_SETTINGS),
        aliases: &[],
        content: Content::Settings,
        format: Format::Json(JsonFormat {
            layout: Layout::Leaves { other: "settings", set_like: SET_LIKE },
            tables: SETTINGS_TABLES,
            normalize: None,
            merge: MERGE,
        }),
        may_be_link: false,
        advice: None,
    },
    Target {
        path: INSTRUCTIONS,
        personal: Some(LOCAL_INSTRUCTIONS),
        aliases: &[AGENTS_FILE],
        content: Content::Instructions,
        format: Format::Block,
        may_be_link: true,
        advice: None,
    },
];

/// The settings keys that have a table in a layer, each with the name of the table, in the order in which they are written.
pub const SETTINGS_TABLES: &[(&str, &str)] =
    &[("env", "environment"), ("permissions", "permissions"), ("hooks", "hooks")];

/// The settings lists that are sets: each item is an entry. `*` is any event.
///
/// Claude Code unites them over all settings files, so their order does not matter.
pub const SET_LIKE: &[&[&str]] = &[
    &["permissions", "allow"],
    &["permissions", "ask"],
    &["permissions", "deny"],
    &["permissions", "additionalDirectories"],
    &["hooks", "*"],
    &["enabledMcpjsonServers"],
    &["disabledMcpjsonServers"],
    &["allowedMcpServers"],
    &["deniedMcpServers"],
];

/// How Claude Code merges [`LOCAL_SETTINGS`] over [`SETTINGS`], other than key by key.
const MERGE: MergeRules = MergeRules {
    replaced: &[&["fallbackModel"]],
    // Newer clients only; the older ones merge these tables, too.
    whole_entries: &["extraKnownMarketplaces", "managedMcpServers"],
    sticky: &[
        &["permissions", "blockReadsOutsideWorkingDirectories"],
        &["permissions", "blockWritesOutsideWorkingDirectories"],
        &["permissions", "denyInsteadOfPrompting"],
    ],
    scripts: &["hooks"],
};
