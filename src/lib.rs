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

mod adopt;
mod cli;
mod diagnostic;
mod doctor;
mod drift;
mod edge;
mod exit;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
mod git_hooks;
mod layer;
mod merge;
mod model;
mod ops;
mod pack;
mod render;
mod source;
mod stamp;
mod workspace;

pub use cli::run;
pub use exit::ExitStatus;
