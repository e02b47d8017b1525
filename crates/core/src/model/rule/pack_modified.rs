//! CE101 pack-modified: a vendored copy is worth something only while it is one.

use crate::diagnostic::{Sink, code};
use crate::rule::{Check, RepositoryContext, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: code::PACK_MODIFIED, check: Check::Repository(check) };

/// Reports files of packs that are changed, missing or extra, and a `pack.toml` that does not read.
fn check(context: &RepositoryContext<'_>, sink: &mut Sink) {
    for pack in context.packs.iter() {
        sink.extend(pack.findings(context.sources).iter().cloned());
    }
}
