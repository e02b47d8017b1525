//! The schemas of the TOML files, for the checks, "did you mean" and the JSON Schemas.

mod files;
mod problem;
mod shape;

pub use files::{BINDING, LAYER, MANIFEST, MCP_SERVER, WORKSPACES_FILE};
pub use shape::{Field, Misfit, Problem, Shape, TableShape};
