//! CE008: paths that lead out of their folder.

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::rule::{Check, DocumentContext, RepositoryContext, Rule};
use crate::source::{KeyPath, PathError, RepoPath};

/// Checks the paths of the manifest, and the names of files.
pub(super) const REPOSITORY: Rule =
    Rule { code: code::PATH_ESCAPE, check: Check::Repository(repository) };

/// Checks the paths in layers.
pub(super) const DOCUMENT: Rule =
    Rule { code: code::PATH_ESCAPE, check: Check::Document(document) };

fn repository(ctx: &RepositoryContext<'_>, sink: &mut Sink) {
    for workspace in &ctx.manifest.workspaces {
        let Some(node) = workspace.node.get("path") else { continue };
        let Some(text) = node.as_str() else { continue };
        // A checkout lies beside the config repository, so `..` is what people write. An absolute path holds on one machine.
        let windows = text.as_bytes().get(1) == Some(&b':');
        if text.starts_with(['/', '\\', '~']) || windows {
            let message = format!("the path of the workspace `{}` is absolute", workspace.name);
            sink.push(
                Diagnostic::new(code::PATH_ESCAPE, node.span, message)
                    .note("others have their checkouts in other places")
                    .help("write it relative to this repository, such as `../checkout`"),
            );
        }
    }
    for path in ctx.paths {
        if RepoPath::parse(&path.path) == Err(PathError::Character) {
            let message =
                format!("the name {:?} has a backslash or a control character", path.path);
            sink.push(
                Diagnostic::new(code::PATH_ESCAPE, ctx.path_span(&path.path), message)
                    .note("on Windows a backslash separates folders")
                    .help("rename the file"),
            );
        }
    }
}

fn document(ctx: &DocumentContext<'_>, sink: &mut Sink) {
    let root = &ctx.document.root;
    let entries = |key: &str| root.get(key).and_then(|node| node.as_array()).unwrap_or_default();
    for node in entries("unset") {
        let path = node.as_str().and_then(|text| KeyPath::parse(text).ok());
        let Some(path) = path else { continue };
        let [first, named @ ..] = path.segments() else { continue };
        if &**first == "files" {
            let name = named.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join("/");
            leaves(node, &name, "an `unset` entry names a file", sink);
        }
    }
    for node in entries("exclude") {
        if let Some(text) = node.as_str() {
            leaves(node, text, "an `exclude` entry names a part", sink);
        }
    }
}

fn leaves(node: &crate::source::Node, path: &str, what: &str, sink: &mut Sink) {
    if path.starts_with('/') || path.split('/').any(|segment| segment == "..") {
        let message = format!("{what} that lies outside: `{path}`");
        sink.push(
            Diagnostic::new(code::PATH_ESCAPE, node.span, message)
                .help("write the path without `..` and without a leading `/`"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expect: &str) {
        crate::rule::testing::check(&[REPOSITORY, DOCUMENT], input, expect);
    }

    #[test]
    fn paths_stay_inside() {
        let manifest = |path: &str, expect: &str| {
            check(
                &format!("-- claude-env.toml --\nversion = 1\n[workspaces.a]\npath = '{path}'\n"),
                expect,
            );
        };
        manifest("../checkout", "");
        manifest("/home/ada/checkout", "claude-env.toml:3 CE008");
        manifest("~/checkout", "claude-env.toml:3 CE008");
        manifest("C:/checkout", "claude-env.toml:3 CE008");
    }

    #[test]
    fn layers_name_their_own_files() {
        check(
            "-- base/layer.toml --\nunset = ['files.\"agents/a.md\"']\nexclude = ['superclaude/modes/*']\n",
            "",
        );
        check(
            "-- base/layer.toml --\nunset = [\n  'files.\"../a.md\"',\n]\nexclude = ['superclaude/../x']\n",
            "base/layer.toml:2 CE008\nbase/layer.toml:4 CE008",
        );
    }
}
