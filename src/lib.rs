//! claude-env: GitOps for Claude Code.
//!
//! ```text
//! config repository ─► source ─► layer ─► merge ─► model ─► render ─► workspace
//!       (edge)          text      stack   values   valid    files     compare, plan
//!                                         + origin                       ├─► drift: a report
//!                                                                        └─► adopt: edits of layers
//! ```
//!
//! Along the line everything is a pure, synchronous function on values. What can block, fail or cost money is at the rim
//! (`cli` inbound, `edge` outbound); `ops` holds the verbs and is the only place where values meet the rim.
//! `ARCHITECTURE.md` has the map and the rules.

mod cli;
mod exit;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;

pub use cli::run;
pub use exit::ExitStatus;
