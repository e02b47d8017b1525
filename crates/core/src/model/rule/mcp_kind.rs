//! CE045: an unknown `kind`, or one beside a `command` or `url`.

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::model::catalogue::{self, KINDS, PresetSource};
use crate::model::mcp;
use crate::rule::{Check, DocumentContext, Rule, ScopeContext};

/// Checks one document.
pub(super) const KNOWN: Rule = Rule { code: code::MCP_KIND, check: Check::Document(known) };

/// Checks the merged configuration.
pub(super) const ALONE: Rule = Rule { code: code::MCP_KIND, check: Check::Scope(alone) };

fn known(ctx: &DocumentContext<'_>, sink: &mut Sink) {
    for (_, server) in mcp::tables(&ctx.document.root) {
        let Some(node) = server.get("kind") else { continue };
        let Some(kind) = node.as_str().filter(|kind| !KINDS.contains(kind)) else { continue };
        let meant = match kind {
            "sequential-thinking" | "sequentialthinking" | "sequential_thinking" => "sequential",
            "@playwright/mcp" | "browser" => "playwright",
            "@upstash/context7-mcp" | "context7-mcp" => "context7",
            _ => kind,
        };
        let message = format!("the catalog has no kind `{kind}`");
        sink.push(
            Diagnostic::new(code::MCP_KIND, node.span, message)
                .help(format!(
                    "kinds are {}; for any other server, write a `command` or a `url`",
                    list()
                ))
                .did_you_mean(meant, KINDS.iter().copied()),
        );
    }
}

fn list() -> String {
    KINDS.iter().map(|kind| format!("`{kind}`")).collect::<Vec<_>>().join(", ")
}

fn alone(ctx: &ScopeContext<'_>, sink: &mut Sink) {
    for (name, server) in mcp::tables(&ctx.merged.root) {
        let finding = |span, message: String| Diagnostic::new(code::MCP_KIND, span, message);
        let Some(kind) = server.get("kind") else {
            if let Some(version) = server.get("version") {
                let message = format!("`{name}` has a `version` but no `kind`");
                sink.push(
                    finding(version.key, message)
                        .help("write the version into `args`, such as `package@1.2.3`"),
                );
            }
            continue;
        };
        for key in ["command", "url"] {
            if let Some(node) = server.get(key) {
                sink.push(
                    finding(node.key, format!("`{name}` has both a `kind` and a `{key}`"))
                        .other(kind.span, "the kind already says how the server is reached")
                        .help("keep one of them"),
                );
            }
        }
        if let (Some(version), Ok(Some(preset))) =
            (server.get("version"), catalogue::preset_of(server))
            && matches!(preset.source, PresetSource::Remote { .. })
        {
            let message =
                format!("the kind `{}` is a remote server and has no version", preset.kind);
            sink.push(finding(version.key, message).help("remove the line"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expect: &str) {
        let input = format!("-- base/layer.toml --\n[mcp_servers.a]\n{body}\n");
        crate::rule::testing::check_messages(&[KNOWN, ALONE], &input, expect);
    }

    #[test]
    fn a_kind_is_known_and_alone() {
        check("kind = 'playwright'\nversion = '0.0.83'", "");
        check("kind = 'contex7'", "base/layer.toml:2 the catalog has no kind `contex7`");
        check(
            "kind = 'sequential'\ncommand = 'npx'",
            "base/layer.toml:3 `a` has both a `kind` and a `command`",
        );
        check(
            "command = 'x'\nversion = '1.0.0'",
            "base/layer.toml:3 `a` has a `version` but no `kind`",
        );
        check(
            "version = '1.0.0'\nkind = 'magic'",
            "base/layer.toml:2 the kind `magic` is a remote server and has no version",
        );
    }
}
