//! CE101 pack-modified: vendored files that differ from their pack.

use crate::diagnostic::{Sink, code};
use crate::rule::{Check, RepositoryContext, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: code::PACK_MODIFIED, check: Check::Repository(check) };

/// Reports files of packs that are changed, missing or extra, and an invalid `pack.toml`.
fn check(context: &RepositoryContext<'_>, sink: &mut Sink) {
    for pack in context.packs.iter() {
        sink.extend(pack.findings(context.sources).iter().cloned());
    }
}
