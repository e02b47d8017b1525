//! CE042: server names that Claude Code rejects, and those that permission rules and allowlists cannot say.

use crate::diagnostic::{Diagnostic, Severity, Sink, code};
use crate::model::mcp;
use crate::rule::{Check, DocumentContext, Rule};

pub(super) const RULE: Rule = Rule { code: code::MCP_NAME, check: Check::Document(check) };

/// Names that Claude Code reserves, and those of the properties of every JavaScript object.
const RESERVED: &[&str] = &[
    "workspace",
    "computer-use",
    "claude-in-chrome",
    "Claude in Chrome",
    "Claude Preview",
    "Claude Browser",
    "__proto__",
    "prototype",
    "constructor",
    "toString",
    "valueOf",
    "hasOwnProperty",
];

fn check(ctx: &DocumentContext<'_>, sink: &mut Sink) {
    for (name, server) in mcp::tables(&ctx.document.root) {
        let finding = |message: String| Diagnostic::new(code::MCP_NAME, server.key, message);
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if name.is_empty() {
            sink.push(finding("an MCP server has an empty name".to_owned()));
        } else if RESERVED.contains(&name.as_ref()) {
            sink.push(
                finding(format!("Claude Code reserves the MCP server name `{name}`"))
                    .help("choose another name"),
            );
        } else if let Some(bad) = name.chars().find(|&c| !fine(c)) {
            let plain: String = name.chars().map(|c| if fine(c) { c } else { '-' }).collect();
            let words = plain.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>();
            let suggestion = words.join("-").replace("__", "_");
            let diagnostic = finding(format!("the MCP server name `{name}` has {bad:?} in it"))
                .severity(Severity::Warning)
                .note(
                    "the server works; permission rules write `_` for it, and `allowedMcpServers` cannot name it",
                );
            sink.push(if suggestion.is_empty() {
                diagnostic.help("choose a name of letters, digits, `_` and `-`")
            } else {
                diagnostic.help(format!("call it `{suggestion}`"))
            });
        } else if name.contains("__") {
            sink.push(
                finding(format!("the MCP server name `{name}` contains `__`"))
                    .severity(Severity::Warning)
                    .note("in a permission rule, `mcp__server__tool`, the two parts would be ambiguous")
                    .help(format!("call it `{}`", name.replace("__", "_"))),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expect: &str) {
        let input = format!("-- base/layer.toml --\n[mcp_servers.{name}]\ncommand = 'x'\n");
        crate::rule::testing::check(&[RULE], &input, expect);
    }

    #[test]
    fn names_are_plain() {
        check("context7-eu_1", "");
        check("ide", "");
        check("\"my server\"", "base/layer.toml:1 CE042");
        check("'docs.acme'", "base/layer.toml:1 CE042");
        check("workspace", "base/layer.toml:1 CE042");
        check("'Claude Browser'", "base/layer.toml:1 CE042");
        check("a__b", "base/layer.toml:1 CE042");
        check("\"\"", "base/layer.toml:1 CE042");
    }

    #[test]
    fn names_that_clients_connect_to_are_no_errors() {
        for (name, help) in [
            ("Acme Docs", "call it `Acme-Docs`"),
            ("@acme/wiki", "call it `acme-wiki`"),
            ("acme.docs", "call it `acme-docs`"),
            ("caf\u{e9}", "call it `caf`"),
            ("\u{6587}\u{6863}", "choose a name of letters, digits, `_` and `-`"),
        ] {
            let input = format!("-- base/layer.toml --\n[mcp_servers.'{name}']\ncommand = 'x'\n");
            let found = crate::rule::testing::findings(&[RULE], &input);
            assert_eq!(found.len(), 1, "{name}");
            assert_eq!(found[0].severity, Severity::Warning, "{name}");
            assert_eq!(found[0].help.as_deref(), Some(help), "{name}");
        }
    }
}
