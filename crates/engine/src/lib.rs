//! What claude-env does: the operations, and everything that touches the world outside the process.
//!
//! `edge` has one module for each thing that can fail, block or cost money. `ops` has the operations, and is the only place
//! where values of `claude-env-core` meet the edge.

pub mod edge;
pub mod ops;
