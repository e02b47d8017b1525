//! CE046: fields of a server that Claude Code ignores.

use super::mcp_transport::dotted_name;
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::model::{catalogue, mcp};
use crate::rule::{Check, DocumentContext, Rule, ScopeContext};
use crate::schema::MCP_SERVER;
use crate::source::Value;

/// Checks one document.
pub(super) const KNOWN: Rule = Rule { code: code::MCP_FIELD, check: Check::Document(known) };

/// Checks the merged configuration.
pub(super) const FIT: Rule = Rule { code: code::MCP_FIELD, check: Check::Scope(fit) };

fn known(ctx: &DocumentContext<'_>, sink: &mut Sink) {
    for (name, server) in mcp::tables(&ctx.document.root) {
        let Some(table) = server.as_table() else { continue };
        if let Some(timeout) = table.get("timeout")
            && let Value::Int(1..=999) = timeout.value
        {
            let message = "Claude Code ignores a timeout below 1000; it counts milliseconds";
            sink.push(Diagnostic::new(code::MCP_FIELD, timeout.span, message));
        }
        if dotted_name(table).is_some() {
            continue;
        }
        for (key, node) in table.iter().filter(|(key, _)| MCP_SERVER.field(key).is_none()) {
            let message = format!("Claude Code ignores the field `{key}` of an MCP server");
            let diagnostic = Diagnostic::new(code::MCP_FIELD, node.key, message);
            sink.push(match advice(key, name) {
                Some(advice) => diagnostic.help(advice),
                None => {
                    diagnostic.did_you_mean(key, MCP_SERVER.fields.iter().map(|field| field.name))
                }
            });
        }
    }
}

/// Returns what to write instead of a field of other clients.
fn advice(key: &str, server: &str) -> Option<String> {
    let plain = key.to_ascii_lowercase().replace(['-', '_'], "");
    let instead = |field: &str| Some(format!("write `{field}`"));
    match plain.as_str() {
        "cwd" | "workingdirectory" | "workdir" => Some(
            "a server starts in Claude Code's folder; to change it, use `command = \"bash\"` with \
             `args = [\"-c\", \"cd … && exec …\"]`"
                .to_owned(),
        ),
        "disabled" | "enabled" => Some(format!(
            "remove the server with `unset = [\"mcp_servers.{server}\"]`, or name it in \
             `settings.disabledMcpjsonServers`"
        )),
        "autoapprove" | "alwaysallow" | "trust" | "autoallow" => {
            Some(format!("add `mcp__{server}` or its tools to `permissions.allow`"))
        }
        "includetools" | "excludetools" | "enabledtools" | "disabledtools" | "allowedtools" => {
            Some(format!("use permission rules such as `mcp__{server}__tool`"))
        }
        "envfile" => Some("write the variables into `env`, secrets as references".to_owned()),
        "description" | "name" | "note" | "comment" => Some("write a `#` comment".to_owned()),
        "transport" | "transporttype" | "protocol" => instead("type"),
        "httpurl" | "serverurl" | "uri" | "endpoint" | "baseurl" | "address" => instead("url"),
        "cmd" | "exec" | "program" => instead("command"),
        "arguments" => instead("args"),
        "environment" => instead("env"),
        "httpheaders" => instead("headers"),
        "startuptimeout" | "initializationtimeout" | "connecttimeout" => {
            Some("set `MCP_TIMEOUT` in `[environment]`".to_owned())
        }
        _ => None,
    }
}

fn fit(ctx: &ScopeContext<'_>, sink: &mut Sink) {
    for (name, merged) in mcp::tables(&ctx.merged.root) {
        let Ok(server) = catalogue::expand(merged) else { continue };
        let (local, fields) = match (server.get("command"), server.get("url")) {
            (Some(_), None) => (true, &["headers", "headersHelper", "oauth", "tools"][..]),
            (None, Some(_)) => (false, &["args", "env"][..]),
            _ => continue,
        };
        for node in fields.iter().filter_map(|field| Some((field, merged.get(field)?))) {
            let (field, node) = node;
            let is = if local { "is started with a command" } else { "is remote" };
            let message = format!("`{name}` {is}, so its `{field}` is ignored");
            let help = if local {
                "a program gets its secrets in `env`"
            } else {
                "a remote server gets its secrets in `headers`"
            };
            sink.push(Diagnostic::new(code::MCP_FIELD, node.key, message).help(help));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expect: &str) {
        let input = format!("-- base/layer.toml --\n[mcp_servers.a]\n{body}\n");
        crate::rule::testing::check_messages(&[KNOWN, FIT], &input, expect);
    }

    #[test]
    fn fields_are_known_and_fit_the_transport() {
        check("command = 'x'\ntimeout = 60000\nalwaysLoad = true\nenv = { A = 'b' }", "");
        check(
            "command = 'x'\ncwd = '/srv'",
            "base/layer.toml:3 Claude Code ignores the field `cwd` of an MCP server",
        );
        check(
            "command = 'x'\ntimeout = 30",
            "base/layer.toml:3 Claude Code ignores a timeout below 1000; it counts milliseconds",
        );
        check(
            "command = 'x'\nheaders = { A = 'b' }",
            "base/layer.toml:3 `a` is started with a command, so its `headers` is ignored",
        );
        check(
            "kind = 'magic'\nenv = { A = 'b' }",
            "base/layer.toml:3 `a` is remote, so its `env` is ignored",
        );
    }
}
