//! claude-env: GitOps for Claude Code.
#![forbid(unsafe_code)]
#![allow(dead_code, unused_imports)] // while the skeleton grows
mod diagnostic;
mod edge;
mod exit;
mod layer;
mod merge;
mod model;
mod render;
mod source;
pub use exit::ExitStatus;
