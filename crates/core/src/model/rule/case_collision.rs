//! CE005: paths that collide on a case-insensitive file system.

use std::collections::HashMap;

use crate::agent::content_folder;
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::layer::ContentFile;
use crate::rule::{Check, RepositoryContext, Rule, ScopeContext};
use crate::source::RepoPath;

/// Checks the paths of the config repository.
pub(super) const PATHS: Rule = Rule { code: code::CASE_COLLISION, check: Check::Repository(paths) };

/// Checks the files of different layers in a workspace.
pub(super) const RENDERED: Rule =
    Rule { code: code::CASE_COLLISION, check: Check::Scope(rendered) };

fn paths(ctx: &RepositoryContext<'_>, sink: &mut Sink) {
    // Of two paths that collide, at least one has an upper case letter: usually there are few of those.
    if !ctx.paths.iter().any(|path| has_upper(&path.path)) {
        return;
    }
    let mut seen: HashMap<String, &str> = HashMap::with_capacity(ctx.paths.len() * 2);
    for path in ctx.paths {
        let ends = memchr::memchr_iter(b'/', path.path.as_bytes()).chain([path.path.len()]);
        for end in ends {
            let part = &path.path[..end];
            let first = *seen.entry(part.to_lowercase()).or_insert(part);
            if first != part {
                let message = format!("`{part}` and `{first}` differ only in letter case");
                sink.push(collision(ctx.path_span(&path.path), message));
                break;
            }
        }
    }
}

/// Returns the path in the workspace of a file with another path in its folder; `None` if it is not rendered as a file.
fn workspace_path(file: &ContentFile, path: &RepoPath) -> Option<String> {
    content_folder(file.kind)?.path(path.as_str())
}

fn rendered(ctx: &ScopeContext<'_>, sink: &mut Sink) {
    // Fragments of the instructions become no files.
    let files = || ctx.files.iter().filter(|file| workspace_path(file, &file.path).is_some());
    if !files().any(|file| has_upper(file.path.as_str())) {
        return;
    }
    let mut seen = HashMap::new();
    for file in files() {
        let key = (file.kind, file.path.as_str().to_lowercase());
        let first = *seen.entry(key).or_insert(file);
        // Two paths of one folder of the repository have been seen above.
        let same_folder = first.layer == file.layer && first.pack == file.pack;
        if first.path == file.path || same_folder && !file.origin.starts_with('/') {
            continue;
        }
        let path = |path| workspace_path(file, path).unwrap_or_default();
        let message = format!(
            "`{}` and `{}` of another layer differ only in letter case",
            path(&file.path),
            path(&first.path)
        );
        sink.push(
            collision(ctx.file_span(file), message).other(ctx.file_span(first), "the other file"),
        );
    }
}

fn has_upper(path: &str) -> bool {
    path.bytes().any(|b| b.is_ascii_uppercase() || !b.is_ascii())
}

fn collision(span: crate::source::Span, message: String) -> Diagnostic {
    Diagnostic::new(code::CASE_COLLISION, span, message)
        .note("on macOS and Windows one of the two would overwrite the other")
        .help("rename one of them")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expect: &str) {
        crate::rule::testing::check(&[PATHS, RENDERED], input, expect);
    }

    #[test]
    fn paths_differ_in_more_than_case() {
        check("-- base/agents/a.md --\n-- base/agents/b.md --\n-- base/README.md --\n", "");
        check("-- base/agents/A.md --\n-- base/agents/a.md --\n", "base/agents/a.md:1 CE005");
        check(
            "-- teams/Web/layer.toml --\n-- teams/web/agents/a.md --\n",
            "teams/web/agents/a.md:1 CE005",
        );
    }

    #[test]
    fn layers_meet_in_a_workspace() {
        check(
            "-- base/agents/Reviewer.md --\n-- teams/web/agents/reviewer.md --\n",
            "teams/web/agents/reviewer.md:1 CE005",
        );
        check("-- base/memory/A.md --\n-- teams/web/memory/a.md --\n", "");
        check("-- base/agents/Reviewer.md --\n-- teams/web/agents/Reviewer.md --\n", "");
    }
}
