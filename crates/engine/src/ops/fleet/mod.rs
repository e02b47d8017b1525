//! The registered workspaces of this machine, and the operations on all of them.

pub mod config_hook;
pub mod inspect_all;
pub mod registry;
pub mod sync_all;
