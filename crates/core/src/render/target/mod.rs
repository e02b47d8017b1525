//! From the model to our part of each file, as the agent's table of targets has it.

pub(super) mod files;
pub(super) mod instructions;
pub(super) mod json;
