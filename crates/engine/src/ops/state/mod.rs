//! The state engine: the target state of a workspace, its comparison with the files, the plan, and carrying it out.

pub mod as_written;
pub(in crate::ops) mod fingerprint;
pub(in crate::ops) mod generations;
pub(in crate::ops) mod git_exclusion;
pub mod inspect;
pub(in crate::ops) mod merge_base;
pub mod reconcile;
