//! CE030 unknown-team: a workspace names a team that has no layer.

use super::{RepositoryContext, unknown_name};
use crate::diagnostic::{Sink, code};

/// Reports workspaces whose team has no layer.
pub(super) fn check(context: &RepositoryContext<'_>, sink: &mut Sink) {
    for entry in &context.manifest.workspaces {
        let named = entry.node.get("team");
        sink.extend(
            named.and_then(|node| unknown_name(code::UNKNOWN_TEAM, "team", node, context.teams)),
        );
    }
}
