//! The pure part of claude-env: values and functions on values.
//!
//! ```text
//! source ─► layer ─► merge ─► model ─► render ─► workspace
//!  text     stack    values   valid    files     compare, plan
//!                    + origin                      ├─► drift: a report
//!                                                  └─► adopt: edits of layers
//! ```
//!
//! Nothing here does IO or reads the environment or a clock; `clippy.toml` beside `Cargo.toml` bans it. `ARCHITECTURE.md`
//! has the map and the rules.

pub mod adopt;
pub mod agent;
pub mod diagnostic;
pub mod doctor;
pub mod drift;
pub mod fingerprint;
pub mod git;
pub mod layer;
pub mod merge;
pub mod model;
pub mod pack;
pub mod render;
pub mod report;
pub mod rule;
pub mod schema;
pub mod source;
pub mod workspace;
