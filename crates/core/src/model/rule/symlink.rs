//! CE004: symbolic links in layers, which differ between machines.

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::rule::{Check, PathKind, RepositoryContext, Rule};

pub(super) const RULE: Rule = Rule { code: code::SYMLINK, check: Check::Repository(check) };

/// Folders whose files are read.
const READ: &[&str] = &["base", "teams", "projects", "users", "packs", "workspaces"];

fn check(ctx: &RepositoryContext<'_>, sink: &mut Sink) {
    for path in ctx.paths {
        let PathKind::Symlink(target) = &path.kind else { continue };
        let top = path.path.split('/').next().unwrap_or_default();
        if !READ.contains(&top) && path.path != crate::layer::MANIFEST_FILE {
            continue;
        }
        let message = format!("`{}` is a symbolic link to `{target}`", path.path);
        sink.push(
            Diagnostic::new(code::SYMLINK, ctx.path_span(&path.path), message)
                .note("links are not followed: they could lead anywhere, and are not the same on every machine")
                .help("put a copy of the file in its place"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expect: &str) {
        crate::rule::testing::check(&[RULE], input, expect);
    }

    #[test]
    fn links_in_layers_are_found() {
        check("-- symlink docs/a.md -> ../b.md --\n-- symlink CLAUDE.md -> AGENTS.md --\n", "");
        check("-- symlink base/agents/a.md -> ../../b.md --\n", "base/agents/a.md:1 CE004");
        check("-- symlink teams/web -> payments --\n", "teams/web:1 CE004");
    }
}
