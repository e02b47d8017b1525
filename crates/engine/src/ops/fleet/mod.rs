//! The workspaces of this machine: which are registered, and what runs over many of them.

pub mod config_hook;
pub mod registry;
pub mod survey;
pub mod sync_all;
