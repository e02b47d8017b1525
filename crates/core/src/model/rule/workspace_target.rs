//! CE034 workspace-target: workspaces that do not name exactly one checkout.

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::rule::{Check, RepositoryContext, Rule};
use crate::source::Node;

/// The rule.
pub(super) const RULE: Rule =
    Rule { code: code::WORKSPACE_TARGET, check: Check::Repository(check) };

/// Reports entries with neither or both of `repository` and `path`, and invalid targets.
fn check(context: &RepositoryContext<'_>, sink: &mut Sink) {
    for entry in &context.manifest.workspaces {
        match (entry.node.get("repository"), entry.node.get("path")) {
            (None, None) => sink.push(
                Diagnostic::new(
                    code::WORKSPACE_TARGET,
                    entry.span,
                    format!("workspace `{}` names no checkout", entry.name),
                )
                .help("add `repository = \"owner/name\"`, or `path = \"../folder\"`"),
            ),
            (Some(repository), Some(path)) => sink.push(
                Diagnostic::new(
                    code::WORKSPACE_TARGET,
                    path.span,
                    format!("workspace `{}` names two checkouts", entry.name),
                )
                .label("a path")
                .other(repository.span, "and a repository")
                .help("keep one of them"),
            ),
            (Some(repository), None) => sink.extend(check_repository(repository)),
            (None, Some(_)) => {}
        }
    }
}

/// Checks `owner/name` by the rules of GitHub: <https://docs.github.com/en/rest/repos/repos>.
fn check_repository(node: &Node) -> Option<Diagnostic> {
    let text = node.as_str()?;
    let fine = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    if text.split_once('/').is_some_and(|(owner, name)| fine(owner) && fine(name)) {
        return None;
    }
    let message = format!("`{text}` is not a repository on GitHub");
    let diagnostic = Diagnostic::new(code::WORKSPACE_TARGET, node.span, message);
    let tail = text.trim_end_matches(".git").rsplit(['/', ':']).take(2).collect::<Vec<_>>();
    Some(match tail.as_slice() {
        [name, owner] if fine(owner) && fine(name) => {
            diagnostic.help(format!("write `{owner}/{name}`"))
        }
        _ => diagnostic.help("write it as `owner/name`"),
    })
}
