//! `explain`: shows which layers made a value.

use super::Failure;
use super::show::{parse_key, unknown_key};
use crate::ops::repository::load::Repository;
use claude_env_core::merge::{self, Explanation, Merged};

/// Returns the history of one key. Fails when nothing is set at the key.
pub fn explain(
    repository: &Repository,
    merged: &Merged,
    key: &str,
) -> Result<Explanation, Failure> {
    let path = parse_key(key)?;
    merge::explain(merged, &repository.strategies, &path).ok_or_else(|| unknown_key(merged, &path))
}
