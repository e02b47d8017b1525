//! CE041: servers whose `type` is unknown or contradicts their other fields.

use crate::diagnostic::{Diagnostic, Severity, Sink, code};
use crate::model::{catalogue, mcp};
use crate::rule::{Check, DocumentContext, Rule, ScopeContext};

/// Checks one document.
pub(super) const WORD: Rule = Rule { code: code::MCP_TYPE, check: Check::Document(word) };

/// Checks the merged configuration.
pub(super) const FIT: Rule = Rule { code: code::MCP_TYPE, check: Check::Scope(fit) };

const TYPES: [&str; 4] = ["stdio", "http", "sse", "ws"];

fn word(ctx: &DocumentContext<'_>, sink: &mut Sink) {
    for (_, server) in mcp::tables(&ctx.document.root) {
        let Some(node) = server.get("type") else { continue };
        let Some(word) = node.as_str().filter(|word| !TYPES.contains(word)) else { continue };
        if word == "streamable-http" {
            let message = "`streamable-http` is another spelling of `http`";
            sink.push(
                Diagnostic::new(code::MCP_TYPE, node.span, message)
                    .severity(Severity::Warning)
                    .help("write `http`, which every version accepts"),
            );
            continue;
        }
        let message = format!("Claude Code knows no MCP server type `{word}`");
        let diagnostic = Diagnostic::new(code::MCP_TYPE, node.span, message)
            .note("it would skip the server and load the others");
        sink.push(match meant(word) {
            Some(meant) => diagnostic.help(format!("write `{meant}`")),
            None => diagnostic
                .help("types are `stdio`, `http`, `sse` and `ws`")
                .did_you_mean(word, TYPES),
        });
    }
}

/// Returns what other programs call a type that Claude Code has.
fn meant(word: &str) -> Option<&'static str> {
    let plain = word.to_ascii_lowercase().replace(['-', '_', ' '], "");
    Some(match plain.as_str() {
        "streamablehttp" | "streamable" | "httpstream" | "https" | "http" | "remote" | "url" => {
            "http"
        }
        "websocket" | "websockets" | "wss" | "ws" => "ws",
        "local" | "command" | "process" | "studio" | "stdio" => "stdio",
        "serversentevents" | "sse" => "sse",
        _ => return None,
    })
}

fn fit(ctx: &ScopeContext<'_>, sink: &mut Sink) {
    for (name, server) in mcp::tables(&ctx.merged.root) {
        let Ok(server) = catalogue::expand(server) else { continue };
        let Some(node) = server.get("type") else { continue };
        let (local, is) = match node.as_str() {
            Some("stdio") => (true, "is started with a command"),
            Some("http" | "streamable-http" | "sse" | "ws") => (false, "is reached at an address"),
            _ => continue,
        };
        let (has, lacks) = if local { ("url", "command") } else { ("command", "url") };
        let Some(present) = server.get(has).filter(|_| server.get(lacks).is_none()) else {
            continue;
        };
        let word = node.as_str().unwrap_or_default();
        let message = format!("a server of type `{word}` {is}, but `{name}` has only a `{has}`");
        sink.push(
            Diagnostic::new(code::MCP_TYPE, node.span, message)
                .other(present.key, format!("the `{has}` is here"))
                .help(if local {
                    "write `type = \"http\"`"
                } else {
                    "write `type = \"stdio\"`, or leave the type out"
                }),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expect: &str) {
        let input = format!("-- base/layer.toml --\n[mcp_servers.a]\n{body}\n");
        crate::rule::testing::check(&[WORD, FIT], &input, expect);
    }

    #[test]
    fn only_four_words_are_types() {
        check("type = 'http'\nurl = 'https://x.example'", "");
        check("url = 'https://x.example'", "");
        check("url = 'https://x.example'\ntype = 'streamableHttp'", "base/layer.toml:3 CE041");
        check("url = 'https://x.example'\ntype = 'streamable-http'", "base/layer.toml:3 CE041");
        check("url = 'https://x.example'\ntype = 'grpc'", "base/layer.toml:3 CE041");
        check("command = 'x'\ntype = 'local'", "base/layer.toml:3 CE041");
    }

    #[test]
    fn the_type_fits_the_fields() {
        check("type = 'stdio'\nurl = 'https://x.example'", "base/layer.toml:2 CE041");
        check("command = 'x'\ntype = 'http'", "base/layer.toml:3 CE041");
        check("kind = 'sequential'\ntype = 'sse'", "base/layer.toml:3 CE041");
        check("kind = 'magic'\ntype = 'http'", "");
    }
}
