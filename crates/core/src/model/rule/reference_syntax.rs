//! CE090: a `${…}` of an MCP server that is neither a reference nor a variable of Claude Code.

use super::literal::place_of;
use super::reference_lookalike::meant;
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::layer::reference::{self, What};
use crate::model::mcp::{self, Slot};
use crate::rule::{Check, DocumentContext, Rule};

pub(super) const RULE: Rule = Rule { code: code::REFERENCE_SYNTAX, check: Check::Document(check) };

fn check(ctx: &DocumentContext<'_>, sink: &mut Sink) {
    for (_, server) in mcp::tables(&ctx.document.root) {
        let script = mcp::runs_script(server);
        mcp::each_text(server, |slot, node, text| {
            if !text.contains("${") || script && slot == Slot::Arg {
                return;
            }
            for found in reference::find(text) {
                let What::Malformed(why) = found.what else { continue };
                let written = &text[found.range];
                let inner = written.trim_start_matches("${").trim_end_matches('}');
                // These two belong to the rules that know what was meant.
                let ours = inner.starts_with("vault:") || inner.starts_with("env:");
                if meant(inner).is_some() || ours && !slot.takes_references() {
                    continue;
                }
                let diagnostic = Diagnostic::new(
                    code::REFERENCE_SYNTAX,
                    place_of(ctx.sources, node, written),
                    format!("`{written}` is malformed: {why}"),
                );
                sink.push(diagnostic.help(if slot.takes_references() {
                    "write `${vault:path#field}`, `${env:NAME}`, or `${NAME}` as Claude Code reads it"
                } else {
                    "write `${NAME}` or `${NAME:-default}`, as Claude Code reads it"
                }));
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expect: &str) {
        let input = format!("-- base/layer.toml --\n[mcp_servers.a]\n{body}\n");
        crate::rule::testing::check_messages(&[RULE], &input, expect);
    }

    #[test]
    fn references_are_well_formed() {
        check("env = { A = '${vault:a/b#c}', B = '${env:X}', C = '${X:-d}' }", "");
        check(
            "env = { A = 'x' }\n[mcp_servers.a.headers]\nB = 'Bearer ${vault:a/b}'",
            "base/layer.toml:4 `${vault:a/b}` is malformed: a vault reference needs a field: `${vault:path#field}`",
        );
        check(
            "env = { A = '${valt:a#b}' }",
            "base/layer.toml:2 `${valt:a#b}` is malformed: there is no scheme `valt`; use `vault` or `env`",
        );
        check(
            "url = 'https://${HOST/x'",
            "base/layer.toml:2 `${HOST/x` is malformed: `${` is not closed",
        );
        check("command = 'bash'\nargs = ['-c', 'echo ${X%%.*}']", "");
    }
}
