//! Claude Code: its files, their formats, and the rules about them.

mod client_files;
mod content;
pub mod front_matter;
pub mod hooks;
mod imports;
mod installation;
pub mod permission;
pub mod regex_syntax;
pub mod rule;
mod server;
pub mod settings;
mod targets;
mod telemetry;
mod traps;
mod version;

use super::target::Agent;

pub use client_files::{ClientFiles, ClientState, FileText, SettingsFile};
pub use content::SKILL_FILE;
pub use imports::imports;
pub use installation::INSTALLATION;
use targets::TARGETS;
pub use targets::*;
pub use traps::{Rendered, traps};
pub use version::client_version;

/// Claude Code.
pub static AGENT: Agent = Agent {
    name: "Claude Code",
    is_rendered: true,
    targets: TARGETS,
    content: content::CONTENT,
    rules: rule::ALL,
};
