//! CE033 unknown-environment: a workspace names an environment that no layer has an overlay for.

use super::{Check, RepositoryContext, Rule};
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::layer::DEFAULT_ENVIRONMENT;

/// The rule.
pub(super) const RULE: Rule =
    Rule { code: code::UNKNOWN_ENVIRONMENT, check: Check::Repository(check) };

/// Reports workspaces whose environment has no overlay anywhere. The default environment needs none.
fn check(context: &RepositoryContext<'_>, sink: &mut Sink) {
    for entry in &context.manifest.workspaces {
        let Some(node) = entry.node.get("environment") else { continue };
        let Some(name) = node.as_str() else { continue };
        if name == DEFAULT_ENVIRONMENT || context.environments.iter().any(|known| known == name) {
            continue;
        }
        let message = format!("no layer has an overlay `layer.{name}.toml`");
        let known = context.environments.iter().map(String::as_str);
        sink.push(
            Diagnostic::new(code::UNKNOWN_ENVIRONMENT, node.span, message)
                .help("create an overlay beside a layer.toml, or correct the name")
                .did_you_mean(name, known.chain([DEFAULT_ENVIRONMENT])),
        );
    }
}
