//! The rim: everything that can fail, block or cost money. Each module here is the only one that touches its thing.

pub mod claude;
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
pub mod vendor;
pub mod watch;
