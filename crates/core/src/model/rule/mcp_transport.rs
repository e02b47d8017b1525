//! CE040: servers without exactly one of `command` and `url`.

use crate::diagnostic::{Diagnostic, Sink, code, nearest};
use crate::model::mcp;
use crate::rule::{Check, Rule, ScopeContext};
use crate::source::{Node, Span, Table};

pub(super) const RULE: Rule = Rule { code: code::MCP_TRANSPORT, check: Check::Scope(check) };

fn check(ctx: &ScopeContext<'_>, sink: &mut Sink) {
    for (name, server) in mcp::tables(&ctx.merged.root) {
        // A kind brings its own; what contradicts it is another rule's.
        let Some(table) = server.as_table().filter(|table| !table.contains_key("kind")) else {
            continue;
        };
        match (table.get("command"), table.get("url")) {
            (Some(command), Some(url)) => sink.push(both(name, command.key, url.key)),
            (None, None) => sink.push(neither(name, server, table)),
            _ => {}
        }
    }
}

fn both(name: &str, command: Span, url: Span) -> Diagnostic {
    let message = format!("the MCP server `{name}` has both `command` and `url`");
    let diagnostic = Diagnostic::new(code::MCP_TRANSPORT, url, message)
        .other(command, "the command is here")
        .note("Claude Code would start the command and ignore the address");
    if url.source == command.source {
        diagnostic.help("keep one of them")
    } else {
        diagnostic.help(format!(
            "keep one of them; `unset = [\"mcp_servers.{name}\"]` in the higher layer removes the lower one's server"
        ))
    }
}

fn neither(name: &str, server: &Node, table: &Table) -> Diagnostic {
    let message = format!("the MCP server `{name}` has neither `command` nor `url`");
    let diagnostic = Diagnostic::new(code::MCP_TRANSPORT, server.key, message);
    if let Some(inner) = dotted_name(table) {
        return diagnostic.help(format!(
            "a dot separates keys: `{inner}` is a table inside of `{name}`; use a name without a dot"
        ));
    }
    let near = |wanted: &'static str| {
        nearest(wanted, table.keys().map(AsRef::as_ref)).map(|found| (found, wanted))
    };
    match near("command").or_else(|| near("url")) {
        Some((found, wanted)) => diagnostic.help(format!("write `{wanted}` instead of `{found}`")),
        None => diagnostic.help("give it a `kind`, a `command`, or a `url` with a `type`"),
    }
}

/// Returns the key of a table that looks like a server itself: `[mcp_servers.my.server]`.
pub(super) fn dotted_name(table: &Table) -> Option<&str> {
    let is_server =
        |node: &Node| ["command", "url", "kind"].iter().any(|key| node.get(key).is_some());
    table.iter().find(|(_, node)| is_server(node)).map(|(key, _)| key.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expect: &str) {
        crate::rule::testing::check(&[RULE], input, expect);
    }

    #[test]
    fn a_server_has_exactly_one_transport() {
        check(
            "-- base/layer.toml --\n[mcp_servers.a]\ncommand = 'x'\n[mcp_servers.b]\nkind = 'magic'\n",
            "",
        );
        check("-- base/layer.toml --\n[mcp_servers.a]\nenv = {}\n", "base/layer.toml:1 CE040");
        check(
            "-- base/layer.toml --\n[mcp_servers]\na.command = 'x'\na.type = 'stdio'\na.url = 'https://x.example'\n",
            "base/layer.toml:4 CE040",
        );
        check(
            "-- base/layer.toml --\n[mcp_servers.a.b]\ncommand = 'x'\n",
            "base/layer.toml:1 CE040",
        );
    }

    #[test]
    fn layers_are_judged_together() {
        let base = "-- base/layer.toml --\n[mcp_servers.a]\ncommand = 'x'\n";
        let team = "-- teams/t/layer.toml --\n[mcp_servers.a]\n";
        check(&format!("{base}{team}args = ['-v']\n"), "");
        check(&format!("{base}{team}url = 'https://x.example'\n"), "teams/t/layer.toml:2 CE040");
        check(
            &format!(
                "{base}-- teams/t/layer.toml --\nunset = ['mcp_servers.a']\n[mcp_servers.a]\nurl = 'https://x.example'\n"
            ),
            "",
        );
    }
}
