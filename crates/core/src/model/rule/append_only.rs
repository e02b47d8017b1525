//! CE026 append-only: items that a higher layer removes from an append-only list.

use std::collections::HashSet;

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::rule::{Check, Rule, ScopeContext};
use crate::source::{KeyPath, Node, Pattern, SameValue, Span};

/// The rule.
pub(super) const RULE: Rule = Rule { code: code::APPEND_ONLY, check: Check::Scope(check) };

/// Reports items that a lower layer has in an append-only list and the merged list lacks, and lists that were unset.
fn check(context: &ScopeContext<'_>, sink: &mut Sink) {
    for rule in &context.manifest.policy.append_only {
        let Ok(pattern) = Pattern::parse(&rule.pattern) else { continue };
        context.merged.root.walk(&mut KeyPath::default(), &mut |path, node| {
            if pattern.matches(path.segments()) {
                lost_items(path, node, rule.pattern_span, sink);
            }
        });
        for removal in &context.merged.removals {
            removal.removed.walk(&mut removal.path.clone(), &mut |path, node| {
                // The list itself, a table around it, or one of its items.
                let parent: KeyPath =
                    path.segments().split_last().map_or(&[][..], |(_, p)| p).iter().collect();
                let item = node.as_array().is_none() && pattern.matches(parent.segments());
                if (pattern.matches(path.segments()) || item) && path == &removal.path {
                    let message =
                        format!("`{path}` is append-only: a higher layer may not unset it");
                    sink.push(report(message, removal.by, node.span, rule.pattern_span));
                }
            });
        }
    }
}

fn lost_items(path: &KeyPath, node: &Node, policy: Span, sink: &mut Sink) {
    let Some(items) = node.as_array() else { return };
    let kept: HashSet<SameValue<'_>> = items.iter().map(|item| SameValue(item)).collect();
    let mut lower = node.shadowed.as_ref();
    while let Some(layer) = lower {
        for lost in layer.as_array().unwrap_or_default() {
            if !kept.contains(&SameValue(lost)) {
                let message =
                    format!("`{path}` is append-only, but an item of a lower layer is gone");
                sink.push(report(message, node.span, lost.span, policy));
            }
        }
        lower = layer.shadowed.as_ref();
    }
}

fn report(message: String, at: Span, set: Span, policy: Span) -> Diagnostic {
    Diagnostic::new(code::APPEND_ONLY, at, message)
        .label("removed here")
        .other(set, "set here")
        .other(policy, "append-only here")
        .help("keep the item: lists under `append_only` accumulate unless `[merge]` says otherwise")
}
