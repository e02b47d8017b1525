//! CE093: secrets in files of a layer. The messages never contain them.

use crate::diagnostic::secret::{self, Hit};
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::rule::{Check, ContentContext, DocumentContext, Rule};
use crate::source::{KeyPath, Node, SourceId, Span};

/// Checks TOML documents: known formats anywhere, and random values of keys that are named like secrets.
pub(super) const DOCUMENT: Rule =
    Rule { code: code::SECRET_LITERAL, check: Check::Document(document) };

/// Checks content files: known formats only, because prose is full of examples.
pub(super) const CONTENT: Rule =
    Rule { code: code::SECRET_LITERAL, check: Check::Content(content) };

const HELP: &str = "if it was ever committed, revoke it first";

fn document(ctx: &DocumentContext<'_>, sink: &mut Sink) {
    let text = &ctx.sources.get(ctx.document.source).text;
    let hits = secret::find(text);
    for hit in &hits {
        let span = Span::new(ctx.document.source, hit.range.clone());
        sink.push(finding(hit, span).note(
            "replace it with a reference: `${vault:path#field}` in `env` or `headers` of an MCP server",
        ));
    }
    let seen = |node: &Node| {
        let range = node.span.range();
        hits.iter().any(|hit| hit.range.start < range.end && range.start < hit.range.end)
    };
    ctx.document.root.walk(&mut KeyPath::default(), &mut |path, node| {
        if let Some(items) = node.as_array() {
            sink.extend(arguments(items).filter(|(node, _)| !seen(node)).map(|(node, flag)| {
                let message = format!("the value of the argument `{flag}` looks like a secret");
                Diagnostic::new(code::SECRET_LITERAL, node.span, message).help(HELP)
            }));
        }
        let Some(value) = node.as_str() else { return };
        let Some(key) = path.segments().last() else { return };
        // The address of a server has a rule of its own.
        let address = &**key == "url" && path.segments().first().is_some_and(|s| &**s == "mcp_servers");
        let message = if secret::names_secret(key) && secret::is_secret_literal(value) && !seen(node) {
            format!("the value of `{path}` looks like a secret")
        } else if !address && value.contains("://") && secret::url_password(value).is_some() {
            format!("the URL in `{path}` contains a password")
        } else {
            return;
        };
        sink.push(
            Diagnostic::new(code::SECRET_LITERAL, node.span, message)
                .note("a secret of an MCP server is a `${vault:path#field}` reference in its `env` or `headers`")
                .help(HELP),
        );
    });
}

/// Returns the secrets among arguments: `--token VALUE`, `--token=VALUE`, `TOKEN=VALUE`, with the name of the flag.
fn arguments(items: &[std::sync::Arc<Node>]) -> impl Iterator<Item = (&Node, &str)> {
    let inline = items.iter().filter_map(|item| {
        let (flag, value) = item.as_str()?.split_once('=')?;
        (secret::names_secret(flag) && secret::is_secret_literal(value)).then_some((&**item, flag))
    });
    let pairs = items.windows(2).filter_map(|pair| {
        let [flag, value] = pair else { return None };
        let name = flag.as_str().filter(|flag| flag.starts_with('-') && !flag.contains('='))?;
        let secret = secret::names_secret(name) && secret::is_secret_literal(value.as_str()?);
        secret.then_some((&**value, name))
    });
    inline.chain(pairs)
}

/// Reports known formats in a file outside of layers.
pub(super) fn text(source: SourceId, text: &str, sink: &mut Sink) {
    sink.extend(
        secret::find(text).iter().map(|hit| finding(hit, Span::new(source, hit.range.clone()))),
    );
}

fn content(ctx: &ContentContext<'_>, sink: &mut Sink) {
    let Some(text) = ctx.text else { return };
    for hit in secret::find(text) {
        sink.push(finding(&hit, ctx.span(hit.range.clone())));
    }
}

fn finding(hit: &Hit, span: Span) -> Diagnostic {
    let message = format!("this looks like {}", hit.what);
    Diagnostic::new(code::SECRET_LITERAL, span, message).help(HELP)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expect: &str) {
        crate::rule::testing::check_messages(&[DOCUMENT, CONTENT], input, expect);
    }

    #[test]
    fn layers_hold_no_secrets() {
        let layer =
            |body: &str, expect: &str| check(&format!("-- base/layer.toml --\n{body}\n"), expect);
        layer("[mcp_servers.a.env]\nAPI_KEY = '${vault:a#b}'\nOTHER_TOKEN = '${env:X}'", "");
        layer("[environment]\nMAX_MCP_OUTPUT_TOKENS = '25000'\nTOKEN = 'changeme-changeme-1'", "");
        layer(
            "[mcp_servers.a.env]\n\nAPI_KEY = 'q7Rk2ZpX9mWv4LtB'",
            "base/layer.toml:3 the value of `mcp_servers.a.env.API_KEY` looks like a secret",
        );
        layer(
            "[mcp_servers.a]\nargs = [\n  '--api-key',\n  'q7Rk2ZpX9mWv4LtB',\n]",
            "base/layer.toml:4 the value of the argument `--api-key` looks like a secret",
        );
        layer(
            "[mcp_servers.a]\nargs = ['API_KEY=q7Rk2ZpX9mWv4LtB']",
            "base/layer.toml:2 the value of the argument `API_KEY` looks like a secret",
        );
        layer(
            "[environment]\nDATABASE = 'postgres://ada:k3Rr9z@db/x'",
            "base/layer.toml:2 the URL in `environment.DATABASE` contains a password",
        );
    }

    #[test]
    fn comments_and_content_hold_no_tokens() {
        let token = ["gh", "p_q7Rk2ZpX9mWv4LtB8sNd3HcJ6yTfG1aE5uQo"].concat();
        check(
            &format!(
                "-- base/layer.toml --\n# old: {token}\n[environment]\nGH_TOKEN = '{token}'\n"
            ),
            "base/layer.toml:1 this looks like a GitHub token\nbase/layer.toml:3 this looks like a GitHub token",
        );
        check(
            &format!("-- base/agents/a.md --\n# A\n\nUse {token}.\n"),
            "base/agents/a.md:3 this looks like a GitHub token",
        );
    }

    #[test]
    fn no_message_repeats_the_secret() {
        let secret = "q7Rk2ZpX9mWv4LtB8sNd3HcJ6yTfG1aE5uQo";
        let input = format!(
            "-- base/layer.toml --\n[environment]\nA_TOKEN = '{secret}'\n# Bearer {secret}\n"
        );
        for finding in crate::rule::testing::findings(&[DOCUMENT, CONTENT], &input) {
            let texts = [Some(&finding.message), finding.note.as_ref(), finding.help.as_ref()];
            assert!(texts.into_iter().flatten().all(|text| !text.contains(secret)));
        }
    }
}
