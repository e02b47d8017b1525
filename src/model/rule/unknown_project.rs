//! CE031 unknown-project: a workspace names a project that has no layer.

use super::{RepositoryContext, unknown_name};
use crate::diagnostic::{Sink, code};

/// Reports workspaces whose project has no layer.
pub(super) fn check(context: &RepositoryContext<'_>, sink: &mut Sink) {
    for entry in &context.manifest.workspaces {
        let named = entry.node.get("project");
        sink.extend(named.and_then(|node| {
            unknown_name(code::UNKNOWN_PROJECT, "project", node, context.projects)
        }));
    }
}
