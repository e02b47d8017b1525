//! What tests share: a cleared environment, repositories, fixtures.

mod answer;
mod environment;
mod fixture;
mod json_schema;
mod snapshot;
mod stage;

pub(crate) use answer::assert_valid;
pub(crate) use environment::{Outcome, TestEnv, tool};
pub(crate) use fixture::Fixture;
pub(crate) use snapshot::{Entry, files_below, tree};
pub(crate) use stage::{EXAMPLE, copy};
