//! CE030 unknown-team: a workspace names a team that has no layer.

use super::unknown_name;
use crate::diagnostic::{Sink, code};
use crate::rule::{Check, RepositoryContext, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: code::UNKNOWN_TEAM, check: Check::Repository(check) };

/// Reports workspaces whose team has no layer.
fn check(context: &RepositoryContext<'_>, sink: &mut Sink) {
    for entry in &context.manifest.workspaces {
        let named = entry.node.get("team");
        sink.extend(
            named.and_then(|node| unknown_name(code::UNKNOWN_TEAM, "team", node, context.teams)),
        );
    }
}
