//! One target per file: what each of Claude Code's files gets from the model.

pub(super) mod files;
pub(super) mod instructions;
pub(super) mod mcp_servers;
pub(super) mod settings;
