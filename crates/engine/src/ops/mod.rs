//! The operations, one file per command: the only place where values of the core meet the edge.

pub mod adopt;
pub mod before_commit;
pub mod check;
pub mod demo;
pub mod doctor;
pub mod drift;
pub mod embedded;
pub mod explain;
mod failure;
pub mod fleet;
pub mod hook;
pub mod hooks;
pub mod init;
pub mod new;
pub mod notice;
pub mod pack;
pub mod render;
mod report;
pub mod repository;
pub mod rollback;
pub mod schema;
pub mod show;
pub mod state;
pub mod status;
pub mod sync;
pub mod watch;
mod workers;

pub use failure::{Failure, FailureKind};
