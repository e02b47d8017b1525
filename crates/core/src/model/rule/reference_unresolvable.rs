//! CE091: references in places where they are not resolved, or are not sent.

use std::collections::HashMap;

use super::literal::place_of;
use crate::diagnostic::{Diagnostic, Severity, Sink, code};
use crate::layer::reference::{self, Reference, What};
use crate::model::mcp::{self, Slot};
use crate::rule::{Check, DocumentContext, Rule, ScopeContext};
use crate::source::{KeyPath, Node, Span};

/// Checks one document.
pub(super) const PLACE: Rule =
    Rule { code: code::REFERENCE_UNRESOLVABLE, check: Check::Document(place) };

/// Checks the merged configuration.
pub(super) const CLASH: Rule =
    Rule { code: code::REFERENCE_UNRESOLVABLE, check: Check::Scope(clash) };

/// Variables that Claude Code does not send to a remote server (observed in 2.1.330).
const BLANKED: &[&str] = &[
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "AZURE_CLIENT_SECRET",
    OAUTH_TOKEN,
    "GOOGLE_APPLICATION_CREDENTIALS",
    "NPM_TOKEN",
    "ACTIONS_RUNTIME_TOKEN",
    "HTTPS_PROXY",
];

/// The variable that is not passed to programs either.
const OAUTH_TOKEN: &str = "CLAUDE_CODE_OAUTH_TOKEN";

/// Keys of a layer that are text for people, or names of claude-env.
const NOT_RENDERED: &[&str] = &["version", "description", "unset", "packs", "exclude"];

fn place(ctx: &DocumentContext<'_>, sink: &mut Sink) {
    let text = &ctx.sources.get(ctx.document.source).text;
    let text = text.as_bytes();
    if !memchr::memchr_iter(b'$', text).any(|at| text.get(at + 1) == Some(&b'{')) {
        return;
    }
    ctx.document.root.walk(&mut KeyPath::default(), &mut |path, node| {
        if let Some(text) = node.as_str()
            && text.contains("${")
        {
            misplaced(ctx, path, node, text, sink);
        }
    });
    for (_, server) in mcp::tables(&ctx.document.root) {
        mcp::each_text(server, |slot, node, text| blanked(ctx, slot, node, text, sink));
    }
}

fn misplaced(ctx: &DocumentContext<'_>, path: &KeyPath, node: &Node, text: &str, sink: &mut Sink) {
    let segments: Vec<&str> = path.segments().iter().map(AsRef::as_ref).collect();
    let devcontainer = match segments.as_slice() {
        ["mcp_servers", _, "env" | "headers", _] => return,
        [first, ..] if NOT_RENDERED.contains(first) => return,
        [first, ..] => *first == "devcontainer",
        [] => return,
    };
    for found in reference::find(text) {
        let written = &text[found.range];
        // devcontainer.json has an `${env:NAME}` of its own.
        let ours =
            written.starts_with("${vault:") || written.starts_with("${env:") && !devcontainer;
        if !ours {
            continue;
        }
        let diagnostic = Diagnostic::new(
            code::REFERENCE_UNRESOLVABLE,
            place_of(ctx.sources, node, written),
            format!("`{written}` is not resolved in `{path}`"),
        );
        sink.push(match (segments.as_slice(), &found.what) {
            (["mcp_servers", ..], What::Reference(Reference::Env { name })) => {
                diagnostic.help(format!("write `${{{name}}}`, which Claude Code expands here"))
            }
            _ => diagnostic.help("a reference belongs into `env` or `headers` of an MCP server"),
        });
    }
}

fn blanked(ctx: &DocumentContext<'_>, slot: Slot, node: &Node, text: &str, sink: &mut Sink) {
    if matches!(slot, Slot::Command | Slot::Arg) || !text.contains("${") {
        return;
    }
    for found in reference::find(text) {
        let (What::Reference(Reference::Env { name }) | What::Variable { name, .. }) = &found.what
        else {
            continue;
        };
        let lost = match slot {
            Slot::Env => name == OAUTH_TOKEN,
            _ => BLANKED.contains(&name.as_str()),
        };
        if lost {
            let written = &text[found.range];
            let to = if slot == Slot::Env { "MCP servers" } else { "remote servers" };
            let message = format!("Claude Code does not send the value of `{name}` to {to}");
            sink.push(
                Diagnostic::new(
                    code::REFERENCE_UNRESOLVABLE,
                    place_of(ctx.sources, node, written),
                    message,
                )
                .severity(Severity::Warning)
                .note("newer versions clear credentials that they know by name")
                .help("use a variable with another name, or a `${vault:path#field}` reference"),
            );
        }
    }
}

fn clash(ctx: &ScopeContext<'_>, sink: &mut Sink) {
    let mut seen: HashMap<String, (Reference, Span)> = HashMap::new();
    for (_, server) in mcp::tables(&ctx.merged.root) {
        mcp::each_text(server, |slot, node, text| {
            if !slot.takes_references() || !text.contains("${") {
                return;
            }
            for found in reference::find(text) {
                let What::Reference(reference) = found.what else { continue };
                let span = place_of(ctx.sources, node, &text[found.range]);
                let variable = reference.variable();
                match seen.get(&variable) {
                    Some((first, at)) if *first != reference => {
                        let message = format!(
                            "`{reference}` and `{first}` would both become the variable `{variable}`"
                        );
                        sink.push(
                            Diagnostic::new(code::REFERENCE_UNRESOLVABLE, span, message)
                                .other(*at, "the other one is here")
                                .help("rename one of the two secrets"),
                        );
                    }
                    Some(_) => {}
                    None => {
                        seen.insert(variable, (reference, span));
                    }
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expect: &str) {
        let input = format!("-- base/layer.toml --\n{input}");
        crate::rule::testing::check_messages(&[PLACE, CLASH], &input, expect);
    }

    #[test]
    fn references_stand_where_they_are_resolved() {
        check("[mcp_servers.a]\nenv = { A = '${vault:a#b}' }\nheaders = { B = '${env:X}' }\n", "");
        check("[mcp_servers.a]\nurl = 'https://${HOST}/${NPM:-x}'\n", "");
        check("description = 'like ${vault:a#b}'\n[devcontainer]\nx = '${env:HOME}'\n", "");
        check(
            "[environment]\nA = '${vault:a#b}'\n",
            "base/layer.toml:2 `${vault:a#b}` is not resolved in `environment.A`",
        );
        check(
            "[mcp_servers.a]\nargs = [\n  '--key',\n  '${env:KEY}',\n]\n",
            "base/layer.toml:4 `${env:KEY}` is not resolved in `mcp_servers.a.args.1`",
        );
        check(
            "[devcontainer]\nx = '${vault:a#b}'\n",
            "base/layer.toml:2 `${vault:a#b}` is not resolved in `devcontainer.x`",
        );
    }

    #[test]
    fn some_variables_do_not_arrive() {
        check(
            "[mcp_servers.a.headers]\nA = 'Bearer ${env:NPM_TOKEN}'\nB = '${GITHUB_TOKEN}'\n",
            "base/layer.toml:2 Claude Code does not send the value of `NPM_TOKEN` to remote servers",
        );
        check("[mcp_servers.a.env]\nA = '${NPM_TOKEN}'\n", "");
    }

    #[test]
    fn two_secrets_do_not_share_a_variable() {
        check(
            "[mcp_servers.a.env]\nA = '${vault:mcp/docs#key}'\n[mcp_servers.b.env]\nB = '${vault:mcp-docs#key}'\n",
            "base/layer.toml:4 `${vault:mcp-docs#key}` and `${vault:mcp/docs#key}` would both become \
             the variable `CLAUDE_ENV_MCP_DOCS_KEY`",
        );
    }
}
