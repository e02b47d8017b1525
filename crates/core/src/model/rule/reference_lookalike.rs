//! CE092: text that looks like a variable, but is not expanded.

use std::ops::Range;

use super::literal::place_of;
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::layer::reference::{self, What};
use crate::model::mcp::{self, Slot};
use crate::rule::{Check, DocumentContext, Rule};
use crate::source::Node;

pub(super) const RULE: Rule =
    Rule { code: code::REFERENCE_LOOKALIKE, check: Check::Document(check) };

fn check(ctx: &DocumentContext<'_>, sink: &mut Sink) {
    let text = &ctx.sources.get(ctx.document.source).text;
    if memchr::memchr2(b'$', b'%', text.as_bytes()).is_none() {
        return;
    }
    for (_, server) in mcp::tables(&ctx.document.root) {
        let script = mcp::runs_script(server);
        mcp::each_text(server, |slot, node, text| {
            if !(script && slot == Slot::Arg) {
                server_text(ctx, slot, node, text, sink);
            }
        });
    }
    let environment = ctx.document.root.get("environment").and_then(|node| node.as_table());
    for (_, node) in environment.into_iter().flatten() {
        if let Some(text) = node.as_str() {
            environment_text(ctx, node, text, sink);
        }
    }
}

fn server_text(ctx: &DocumentContext<'_>, slot: Slot, node: &Node, text: &str, sink: &mut Sink) {
    if memchr::memchr2(b'$', b'%', text.as_bytes()).is_none() {
        return;
    }
    let mut push = |written: &str, message: String, help: String| {
        let place = place_of(ctx.sources, node, written);
        sink.push(Diagnostic::new(code::REFERENCE_LOOKALIKE, place, message).help(help));
    };
    let found = reference::find(text);
    for found in &found {
        let written = &text[found.range.clone()];
        match &found.what {
            What::Malformed(_) => {
                let inner = written.trim_start_matches("${").trim_end_matches('}');
                if let Some(instead) = meant(inner) {
                    push(
                        written,
                        format!("Claude Code does not expand `{written}`"),
                        format!("write `{instead}`"),
                    );
                }
            }
            What::Variable { name, default: Some(default) } if default.contains("${") => push(
                written,
                format!("the default of `{name}` ends at the first `}}`: variables do not nest"),
                "give it a default without a variable, or none".to_owned(),
            ),
            _ => {}
        }
    }
    let ranges: Vec<Range<usize>> = found.into_iter().map(|found| found.range).collect();
    for range in bare(text, slot == Slot::Url) {
        if ranges.iter().any(|taken| taken.contains(&range.start)) {
            continue;
        }
        let written = &text[range];
        let name = written.trim_matches(['$', '%', '(']);
        if written.ends_with('(') {
            let message = "Claude Code runs no `$(…)`; the server gets it as text".to_owned();
            push(written, message, "run it in a shell, or name a variable `${NAME}`".to_owned());
        } else {
            let message = format!("Claude Code does not expand `{written}`");
            push(written, message, format!("write `${{{name}}}`"));
        }
    }
}

fn environment_text(ctx: &DocumentContext<'_>, node: &Node, text: &str, sink: &mut Sink) {
    if memchr::memchr2(b'$', b'%', text.as_bytes()).is_none() {
        return;
    }
    let braced = reference::find(text).into_iter().map(|found| found.range);
    let braced: Vec<Range<usize>> = braced.collect();
    // References of ours are another rule's.
    let ours = |range: &&Range<usize>| {
        let written = &text[(*range).clone()];
        written.starts_with("${vault:") || written.starts_with("${env:")
    };
    let inside = |at: usize| braced.iter().any(|range| range.contains(&at));
    let first = (braced.iter().filter(|range| !ours(range)).cloned())
        .chain(bare(text, false).filter(|range| !inside(range.start)))
        .min_by_key(|range| range.start);
    let Some(range) = first else { return };
    let written = &text[range];
    let shown = if written.ends_with('(') { "$(…)" } else { written };
    let message = format!("`{shown}` is not expanded in `[environment]`");
    sink.push(
        Diagnostic::new(code::REFERENCE_LOOKALIKE, place_of(ctx.sources, node, written), message)
            .note("programs would get this text unchanged")
            .help("write the value itself, or set the variable where Claude Code is started"),
    );
}

/// Returns what was probably meant by this text between `${` and `}`.
pub(super) fn meant(inner: &str) -> Option<String> {
    let is_name = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    if let Some(name) = inner.strip_prefix("env.").filter(|name| is_name(name)) {
        return Some(format!("${{{name}}}"));
    }
    let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let (name, rest) = inner.split_at(end);
    let default = [":=", ":?", ":+", "-", "=", "?", "+"]
        .iter()
        .find_map(|operator| rest.strip_prefix(operator))?;
    is_name(name).then(|| format!("${{{name}:-{default}}}"))
}

/// Returns every `$NAME`, `$(` and `%NAME%` of a text, in its order.
fn bare(text: &str, url: bool) -> impl Iterator<Item = Range<usize>> + '_ {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'$', b'%', bytes).filter_map(move |at| {
        let rest = &bytes[at + 1..];
        let first = *rest.first()?;
        if bytes[at] == b'$' {
            if first == b'(' {
                return Some(at..at + 2);
            }
            let length =
                rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
            return (first.is_ascii_alphabetic() || first == b'_').then_some(at..at + 1 + length);
        }
        let length = rest.iter().take_while(|b| is_upper(**b)).count();
        // `%C3%A4` in an address is a letter, not a variable.
        let escape = url && rest.iter().take(2).all(u8::is_ascii_hexdigit);
        let closed = length >= 2 && rest.get(length) == Some(&b'%') && !first.is_ascii_digit();
        (closed && !escape).then_some(at..at + length + 2)
    })
}

fn is_upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expect: &str) {
        let input = format!("-- base/layer.toml --\n{input}");
        crate::rule::testing::check_messages(&[RULE], &input, expect);
    }

    #[test]
    fn servers_know_one_notation() {
        let server =
            |body: &str, expect: &str| check(&format!("[mcp_servers.a]\n{body}\n"), expect);
        server("env = { A = '${X}', B = '${X:-d}', C = '100%', D = '${vault:a#b}' }", "");
        server("url = 'https://x.example/%C3%A4%20%AB%CD'", "");
        server("command = 'bash'\nargs = ['-lc', 'exec $HOME/srv ${X-d}']", "");
        server("env = { A = '$TOKEN' }", "base/layer.toml:2 Claude Code does not expand `$TOKEN`");
        server(
            "args = ['%APPDATA%\\x']",
            "base/layer.toml:2 Claude Code does not expand `%APPDATA%`",
        );
        server(
            "headers = { A = '${env.X}' }",
            "base/layer.toml:2 Claude Code does not expand `${env.X}`",
        );
        server("env = { A = '${X-d}' }", "base/layer.toml:2 Claude Code does not expand `${X-d}`");
        server(
            "env = { A = '${X:=d}' }",
            "base/layer.toml:2 Claude Code does not expand `${X:=d}`",
        );
        server(
            "env = { A = '${X:-${Y}}' }",
            "base/layer.toml:2 the default of `X` ends at the first `}`: variables do not nest",
        );
        server(
            "env = { A = '$(pass show x)' }",
            "base/layer.toml:2 Claude Code runs no `$(…)`; the server gets it as text",
        );
    }

    #[test]
    fn the_environment_knows_none() {
        check("[environment]\nA = 'costs 5 $'\nB = '${vault:a#b}'\nC = '50%'\n", "");
        check(
            "[environment]\nA = 'b'\nPATH = '/opt/bin:$PATH'\n",
            "base/layer.toml:3 `$PATH` is not expanded in `[environment]`",
        );
        check(
            "[environment]\nA = '${HOME}/x'\n",
            "base/layer.toml:2 `${HOME}` is not expanded in `[environment]`",
        );
    }
}
