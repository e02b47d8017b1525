//! The state engine: the target state of a workspace, its comparison with the files, the plan, and carrying it out.

pub mod apply;
pub mod as_written;
pub mod fingerprint;
pub mod folder;
pub mod generations;
pub mod git_exclusion;
pub mod inspect;
pub mod merge_base;
pub mod plan;
pub mod registration;
pub mod target;
