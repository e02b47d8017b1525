//! CE043: invalid URLs of remote servers.

use super::literal::place_of;
use crate::agent::{Content, path_of};
use crate::diagnostic::{Diagnostic, Severity, Sink, code};
use crate::model::mcp;
use crate::rule::{Check, DocumentContext, Rule, ScopeContext};
use crate::source::{Node, Sources};

/// Checks the URL alone.
pub(super) const RULE: Rule = Rule { code: code::MCP_URL, check: Check::Document(check) };

/// Checks URL and type together.
pub(super) const SCHEME: Rule = Rule { code: code::MCP_URL, check: Check::Scope(scheme) };

fn check(ctx: &DocumentContext<'_>, sink: &mut Sink) {
    for (_, server) in mcp::tables(&ctx.document.root) {
        if let Some(node) = server.get("oauth").and_then(|oauth| oauth.get("authServerMetadataUrl"))
            && let Some(url) = node.as_str()
            && !url.trim().is_empty()
            && !url.to_ascii_lowercase().starts_with("https://")
        {
            let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
            sink.push(
                Diagnostic::new(
                    code::MCP_URL,
                    node.span,
                    "`authServerMetadataUrl` is no https URL",
                )
                .note("Claude Code skips the server")
                .help(format!("write `https://{rest}`")),
            );
        }
        let Some(node) = server.get("url") else { continue };
        if let Some(url) = node.as_str()
            && let Some(diagnostic) = judge(ctx.sources, node, url)
        {
            sink.push(diagnostic);
        }
    }
}

fn judge(sources: &Sources, node: &Node, url: &str) -> Option<Diagnostic> {
    let at = |fragment: &str, message: String| {
        Diagnostic::new(code::MCP_URL, place_of(sources, node, fragment), message)
    };
    if url.trim().is_empty() {
        return Some(at("", "the URL is empty".to_owned()));
    }
    if url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Some(
            at("", "the URL contains whitespace".to_owned()).help("remove it, or write `%20`"),
        );
    }
    if url.starts_with("${") {
        return None;
    }
    let Some((scheme, rest)) = url.split_once("://") else {
        let guess = if loopback(url.split([':', '/']).next().unwrap_or_default()) {
            "http"
        } else {
            "https"
        };
        return Some(
            at("", "the URL has no scheme".to_owned())
                .help(format!("write `{guess}://{}`", url.trim_start_matches('/'))),
        );
    };
    if !matches!(scheme, "http" | "https" | "ws" | "wss") {
        return Some(
            at(scheme, format!("Claude Code does not support the scheme `{scheme}`"))
                .help("use `https`, or `wss` with `type = \"ws\"`"),
        );
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (user, host_port) = match authority.rsplit_once('@') {
        Some((user, host_port)) => (Some(user), host_port),
        None => (None, authority),
    };
    if user.is_some() {
        return Some(
            Diagnostic::new(code::MCP_URL, node.span, "the URL contains credentials")
                .note(format!(
                    "they would be written to {}, and to every log with the address",
                    path_of(Content::Servers)
                ))
                .help("send them in `headers`, as a `${vault:path#field}` reference"),
        );
    }
    let (host, port) = split_port(host_port);
    if host.is_empty() {
        return Some(at("", "the URL has no host".to_owned()));
    }
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | '_');
    let bracketed = host.starts_with('[') && host.ends_with(']');
    if !host.contains("${") && !bracketed && !host.chars().all(plain) {
        return Some(at(host, format!("`{host}` is not the name of a host")));
    }
    if let Some(port) = port.filter(|port| !port.contains('$'))
        && !port.parse::<u16>().is_ok_and(|port| port > 0)
    {
        return Some(
            at(host_port, format!("`{port}` is not a port"))
                .help("a port is a number from 1 to 65535"),
        );
    }
    if matches!(scheme, "http" | "ws") && !host.contains("${") && !loopback(host) {
        return Some(
            at(
                scheme,
                format!("everything sent to `{host}` is sent unencrypted, headers included"),
            )
            .severity(Severity::Warning)
            .help(format!("write `{scheme}s://`, or use a server on this machine")),
        );
    }
    None
}

/// Splits host and port; a colon inside `[…]` or `${…}` is part of the host.
fn split_port(host_port: &str) -> (&str, Option<&str>) {
    let after = host_port.rfind([']', '}']).map_or(0, |at| at + 1);
    let (head, tail) = host_port.split_at(after);
    // `${HOST}:${PORT}`: the port is the second variable.
    if tail.is_empty()
        && let Some(at) = head.find("}:${")
    {
        return (&head[..=at], Some(&head[at + 2..]));
    }
    match tail.find(':') {
        Some(at) => (&host_port[..after + at], Some(&tail[at + 1..])),
        None => match head.split_once(":${") {
            Some((host, _)) if !host.contains("${") => (host, Some(&host_port[host.len() + 1..])),
            _ => (host_port, None),
        },
    }
}

fn loopback(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    host == "localhost"
        || host.ends_with(".localhost")
        || host.starts_with("127.")
        || matches!(host.as_str(), "[::1]" | "0.0.0.0" | "host.docker.internal")
}

fn scheme(ctx: &ScopeContext<'_>, sink: &mut Sink) {
    for (name, server) in mcp::tables(&ctx.merged.root) {
        let Some(node) = server.get("url") else { continue };
        let Some((scheme, _)) = node.as_str().and_then(|url| url.split_once("://")) else {
            continue;
        };
        let kind = server.get("type").and_then(|node| node.as_str());
        let wanted = match (scheme, kind) {
            ("ws" | "wss", None | Some("http" | "streamable-http" | "sse")) => "ws",
            ("http" | "https", Some("ws")) => "http",
            _ => continue,
        };
        let kind = kind.unwrap_or("http");
        let message =
            format!("the URL of `{name}` begins with `{scheme}://`, but its type is `{kind}`");
        let place = place_of(ctx.sources, node, scheme);
        sink.push(
            Diagnostic::new(code::MCP_URL, place, message)
                .help(format!("write `type = \"{wanted}\"`, or correct the URL")),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expect: &str) {
        let input =
            format!("-- base/layer.toml --\n[mcp_servers.a]\ntype = 'http'\nurl = \"{url}\"\n");
        crate::rule::testing::check_messages(&[RULE, SCHEME], &input, expect);
    }

    #[test]
    fn addresses_that_work() {
        for url in [
            "https://mcp.acme.example/docs?x=a@b",
            "http://localhost:8931/mcp",
            "http://127.0.0.1:3000",
            "http://[::1]:3000/mcp",
            "${MCP_URL}/docs",
            "https://${HOST}:${PORT:-8443}/mcp",
            "https://mcp.example:${PORT}/mcp",
            "https://${HOST}:8443",
        ] {
            check(url, "");
        }
    }

    #[test]
    fn the_metadata_of_oauth_is_at_an_https_url() {
        let oauth = |url: &str, expect: &str| {
            let body =
                format!("url = 'https://a.example'\noauth = {{ authServerMetadataUrl = '{url}' }}");
            let input = format!("-- base/layer.toml --\n[mcp_servers.a]\ntype = 'http'\n{body}\n");
            crate::rule::testing::check(&[RULE], &input, expect);
        };
        oauth("https://login.example/.well-known/oauth", "");
        for bad in ["http://login.example/", "login.example", "${AUTH_URL}"] {
            oauth(bad, "base/layer.toml:4 CE043");
        }
    }

    #[test]
    fn addresses_that_cannot_work() {
        check("", "base/layer.toml:3 the URL is empty");
        check("https://x.example/a b", "base/layer.toml:3 the URL contains whitespace");
        check("mcp.acme.example/docs", "base/layer.toml:3 the URL has no scheme");
        check("https:///docs", "base/layer.toml:3 the URL has no host");
        check("https://a_b!c/", "base/layer.toml:3 `a_b!c` is not the name of a host");
        check("https://x.example:99999/", "base/layer.toml:3 `99999` is not a port");
        check("https://ada:pw@x.example/", "base/layer.toml:3 the URL contains credentials");
        check(
            "unix:///run/mcp.sock",
            "base/layer.toml:3 Claude Code does not support the scheme `unix`",
        );
        check(
            "http://mcp.acme.example/",
            "base/layer.toml:3 everything sent to `mcp.acme.example` is sent unencrypted, headers included",
        );
        check(
            "wss://x.example/",
            "base/layer.toml:3 the URL of `a` begins with `wss://`, but its type is `http`",
        );
    }
}
