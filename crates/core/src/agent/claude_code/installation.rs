//! Claude Code on a machine: its program, and the files that it reads outside of workspaces.

use crate::agent::installation::{Installation, ManagedFolder};

/// The program and the files.
pub static INSTALLATION: Installation = Installation {
    program: "claude",
    quiet: &[("DISABLE_AUTOUPDATER", "1"), ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")],
    folder: ".claude",
    settings: "settings.json",
    state: ".claude.json",
    managed: ManagedFolder {
        macos: "/Library/Application Support/ClaudeCode",
        windows: r"C:\Program Files\ClaudeCode",
        other: "/etc/claude-code",
    },
    managed_settings: "managed-settings.json",
    managed_settings_folder: "managed-settings.d",
    managed_servers: "managed-mcp.json",
};
