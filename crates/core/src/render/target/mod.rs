//! Rendering the managed part of each target.

pub(super) mod files;
pub(super) mod instructions;
pub(super) mod json;
