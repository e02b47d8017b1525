//! CE101 pack-modified: a vendored copy is worth something only while it is one.

use super::RepositoryContext;
use crate::diagnostic::Sink;

/// Reports files of packs that are changed, missing or extra, and a `pack.toml` that does not read.
pub(super) fn check(context: &RepositoryContext<'_>, sink: &mut Sink) {
    for pack in context.packs.iter() {
        sink.extend(pack.findings(context.sources).iter().cloned());
    }
}
