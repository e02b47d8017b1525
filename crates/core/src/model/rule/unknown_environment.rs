//! CE033 unknown-environment: workspaces whose environment has no overlay.

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::layer::{DEFAULT_ENVIRONMENT, LayerName};
use crate::rule::{Check, RepositoryContext, Rule};

/// The rule.
pub(super) const RULE: Rule =
    Rule { code: code::UNKNOWN_ENVIRONMENT, check: Check::Repository(check) };

/// Reports workspaces whose environment has no overlay in any of their layers. The default environment needs none.
fn check(context: &RepositoryContext<'_>, sink: &mut Sink) {
    for entry in &context.manifest.workspaces {
        let Some(node) = entry.node.get("environment") else { continue };
        let Some(name) = node.as_str() else { continue };
        let layers: Vec<LayerName> = entry.scope.layers().collect();
        let of_scope = context.overlays.iter().filter(|(layer, _)| layers.contains(layer));
        let known = of_scope.flat_map(|(_, environments)| environments.iter().map(String::as_str));
        if name == DEFAULT_ENVIRONMENT || known.clone().any(|known| known == name) {
            continue;
        }
        let message = format!("no layer of this workspace has an overlay `layer.{name}.toml`");
        sink.push(
            Diagnostic::new(code::UNKNOWN_ENVIRONMENT, node.span, message)
                .help("create an overlay beside a layer.toml, or correct the name")
                .did_you_mean(name, known.chain([DEFAULT_ENVIRONMENT])),
        );
    }
}
