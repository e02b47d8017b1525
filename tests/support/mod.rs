//! What tests share: a cleared environment, repositories, fixtures.

mod environment;
mod fixture;
mod snapshot;

pub(crate) use environment::{Outcome, TestEnv, tool};
pub(crate) use fixture::Fixture;
pub(crate) use snapshot::tree;
