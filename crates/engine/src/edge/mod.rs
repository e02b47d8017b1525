//! Input and output: files, git, networks, other programs, the clock and the environment.
//!
//! Everything that can fail, block or take long is here. Each module is the only one that accesses its part of the system.

pub mod agent_files;
pub mod clock;
pub mod config_source;
pub mod env;
pub mod file_stamp;
pub mod fingerprint;
pub mod fs;
pub mod git;
pub mod mirror;
pub mod open_folder;
pub mod process;
pub mod pypi;
pub mod registry;
pub mod regular_file;
pub mod vendor;
pub mod watch;
