//! CE121 policy-pattern: policy patterns that are malformed or match nothing.

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::layer::PatternRule;
use crate::merge::LAYER_TABLES;
use crate::rule::{Check, RepositoryContext, Rule};
use crate::source::Pattern;

/// The rule.
pub(super) const RULE: Rule = Rule { code: code::POLICY_PATTERN, check: Check::Repository(check) };

/// Reports patterns of `[policy]` and `[drift]` that are malformed or name no table of a layer.
fn check(context: &RepositoryContext<'_>, sink: &mut Sink) {
    let policy = &context.manifest.policy;
    let drift = &context.manifest.drift;
    let lists = [&policy.locked, &policy.append_only, &policy.exclusive, &drift.severity];
    for rule in lists.into_iter().flatten() {
        sink.extend(problem(rule));
    }
    for rule in &drift.ignore {
        sink.extend(problem(&rule.path));
    }
}

fn problem(rule: &PatternRule) -> Option<Diagnostic> {
    match Pattern::parse(&rule.pattern) {
        Err(error) => {
            let message = format!("`{}` is not a path pattern: {}", rule.pattern, error.0);
            Some(
                Diagnostic::new(code::POLICY_PATTERN, rule.pattern_span, message)
                    .help("write it like `permissions.deny`, `mcp_servers.*` or `hooks.**`"),
            )
        }
        Ok(pattern) => {
            let root = pattern.first_literal()?;
            if LAYER_TABLES.contains(&root) || root == "files" || root == "instructions" {
                return None;
            }
            let message = format!("no layer has a table `{root}`, so this pattern matches nothing");
            let known = LAYER_TABLES.iter().copied();
            Some(
                Diagnostic::new(code::POLICY_PATTERN, rule.pattern_span, message)
                    .did_you_mean(root, known),
            )
        }
    }
}
