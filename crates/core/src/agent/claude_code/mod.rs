//! Claude Code: its files, what it knows in them, and what it does with them.

mod server;
mod targets;

use super::target::Agent;

use targets::TARGETS;
pub use targets::*;

/// Claude Code.
pub static AGENT: Agent = Agent { name: "Claude Code", is_rendered: true, targets: TARGETS };
