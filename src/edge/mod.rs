//! The rim: everything that can fail, block or cost money. Each module here is the only one that touches its thing.

pub(crate) mod claude;
pub(crate) mod clock;
pub(crate) mod config_source;
pub(crate) mod env;
pub(crate) mod fs;
pub(crate) mod git;
pub(crate) mod mirror;
pub(crate) mod open_folder;
pub(crate) mod process;
pub(crate) mod pypi;
pub(crate) mod registry;
pub(crate) mod stamp;
pub(crate) mod vendor;
pub(crate) mod watch;
