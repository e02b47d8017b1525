//! CE025 locked: changes of locked values by a higher layer.

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::rule::{Check, Rule, ScopeContext};
use crate::source::{KeyPath, Node, Pattern, Span, Value};

/// The rule.
pub(super) const RULE: Rule = Rule { code: code::LOCKED, check: Check::Scope(check) };

/// Reports every change of a locked value by a higher layer. Overlays belong to their layer.
fn check(context: &ScopeContext<'_>, sink: &mut Sink) {
    for rule in &context.manifest.policy.locked {
        // A pattern that does not parse is CE121.
        let Ok(pattern) = Pattern::parse(&rule.pattern) else { continue };
        context.merged.root.walk(&mut KeyPath::default(), &mut |path, node| {
            if pattern.matches(path.segments()) {
                changes(context, path, node, rule.pattern_span, sink);
            }
        });
        for removal in &context.merged.removals {
            let removed = &removal.removed;
            removed.walk(&mut removal.path.clone(), &mut |path, node| {
                if pattern.matches(path.segments()) && !same_layer(context, removal.by, node.span) {
                    let message = format!("`{path}` is locked: a higher layer may not unset it");
                    sink.push(report(message, removal.by, node.span, rule.pattern_span));
                }
            });
        }
    }
}

/// Compares each value of a locked subtree with what it shadows.
fn changes(context: &ScopeContext<'_>, path: &KeyPath, node: &Node, policy: Span, sink: &mut Sink) {
    let Some(lower) = &node.shadowed else { return };
    if node.same_value(lower) {
        return;
    }
    // In a table, the keys that changed are reported one by one, and keys that a higher layer adds.
    if let (Value::Table(now), Value::Table(before)) = (&node.value, &lower.value) {
        for (key, value) in now.iter() {
            let path = path.join(key);
            match before.get(key) {
                Some(_) => changes(context, &path, value, policy, sink),
                None if !same_layer(context, value.span, lower.span) => {
                    let message = format!("`{path}` adds to a locked table");
                    sink.push(report(message, value.key, lower.span, policy));
                }
                None => {}
            }
        }
        return;
    }
    if !same_layer(context, node.span, lower.span) {
        let message = format!("`{path}` is locked: a higher layer may not change it");
        sink.push(report(message, node.span, lower.span, policy));
    } else {
        changes(context, path, lower, policy, sink);
    }
}

fn report(message: String, at: Span, set: Span, policy: Span) -> Diagnostic {
    Diagnostic::new(code::LOCKED, at, message)
        .label("changed here")
        .other(set, "set here")
        .other(policy, "locked here")
        .help("remove it from this layer, or ask the owner of the lower layer to change it there")
}

/// Returns true if two places are in documents of one layer, or of one pack.
fn same_layer(context: &ScopeContext<'_>, a: Span, b: Span) -> bool {
    let layer = |span: Span| {
        let layer = context.layer_of(span)?;
        Some((&layer.name, layer.pack.as_deref()))
    };
    layer(a) == layer(b)
}
