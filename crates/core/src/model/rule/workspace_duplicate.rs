//! CE035 workspace-duplicate: names and checkouts that occur twice in the fleet.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::layer::WorkspaceTarget;
use crate::rule::{Check, RepositoryContext, Rule};
use crate::source::Span;

/// The rule.
pub(super) const RULE: Rule =
    Rule { code: code::WORKSPACE_DUPLICATE, check: Check::Repository(check) };

/// Reports the second of two entries with one name (in different files) or one target.
fn check(context: &RepositoryContext<'_>, sink: &mut Sink) {
    let mut names: HashMap<&str, Span> = HashMap::new();
    let mut targets: HashMap<String, Span> = HashMap::new();
    for entry in &context.manifest.workspaces {
        if let Some(first) = names.insert(&entry.name, entry.span) {
            let message = format!("there are two workspaces `{}`", entry.name);
            sink.push(report(message, entry.span, first));
            continue;
        }
        let target = match &entry.target {
            // GitHub does not tell repositories apart by letter case.
            Some(WorkspaceTarget::Repository(name)) => {
                format!("repository {}", name.to_lowercase())
            }
            Some(WorkspaceTarget::Path(path)) => format!("path {}", path.trim_end_matches('/')),
            None => continue,
        };
        let message = format!("workspace `{}` is for the same {target}", entry.name);
        if let Some(first) = targets.insert(target, entry.span) {
            sink.push(report(message, entry.span, first));
        }
    }
}

fn report(message: String, at: Span, first: Span) -> Diagnostic {
    Diagnostic::new(code::WORKSPACE_DUPLICATE, at, message)
        .other(first, "the first one is here")
        .help("remove one of them")
}
