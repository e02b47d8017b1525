//! CE032 unknown-user: a workspace names a user that has no layer.

use super::unknown_name;
use crate::diagnostic::{Sink, code};
use crate::rule::{Check, RepositoryContext, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: code::UNKNOWN_USER, check: Check::Repository(check) };

/// Reports workspaces whose user has no layer.
fn check(context: &RepositoryContext<'_>, sink: &mut Sink) {
    for entry in &context.manifest.workspaces {
        let named = entry.node.get("user");
        sink.extend(
            named.and_then(|node| unknown_name(code::UNKNOWN_USER, "user", node, context.users)),
        );
    }
}
