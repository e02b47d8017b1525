//! CE031 unknown-project: a workspace names a project that has no layer.

use super::unknown_name;
use crate::diagnostic::{Sink, code};
use crate::rule::{Check, RepositoryContext, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: code::UNKNOWN_PROJECT, check: Check::Repository(check) };

/// Reports workspaces whose project has no layer.
fn check(context: &RepositoryContext<'_>, sink: &mut Sink) {
    for entry in &context.manifest.workspaces {
        let named = entry.node.get("project");
        sink.extend(named.and_then(|node| {
            unknown_name(code::UNKNOWN_PROJECT, "project", node, context.projects)
        }));
    }
}
