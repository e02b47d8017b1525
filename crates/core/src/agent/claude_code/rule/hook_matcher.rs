//! CE062: hook matchers that never match, or are ignored.

use super::part::part;
use crate::agent::claude_code::hooks::{self, Event, Matches};
use crate::agent::claude_code::regex_syntax;
use crate::agent::claude_code::settings::{TOOLS, is_tool, renamed, replaced};
use crate::diagnostic::{Diagnostic, Severity, Sink, code, nearest};
use crate::rule::{Check, DocumentContext, Rule};
use crate::source::{Node, Span};

/// The rule.
pub(super) const RULE: Rule = Rule { code: code::HOOK_MATCHER, check: Check::Document(check) };

fn check(context: &DocumentContext<'_>, sink: &mut Sink) {
    for (event, matcher) in hooks::matchers(&context.document.root) {
        let Some(node) = matcher.get("matcher") else { continue };
        let Some(text) = node.as_str() else { continue };
        if matches!(text, "" | "*" | ".*") {
            continue;
        }
        let here = |range| part(context.sources, node, range);
        if event.matches == Matches::Nothing {
            let message = format!("the event `{}` takes no matcher", event.name);
            sink.push(
                Diagnostic::new(code::HOOK_MATCHER, node.span, message)
                    .label("ignored: the hook always runs")
                    .help("remove `matcher`"),
            );
        } else if is_list(text) {
            check_names(event, text, &here, sink);
        } else {
            check_regex(event, node, text, &here, sink);
        }
    }
}

/// Returns true if a matcher is a list of exact names, and not a regular expression.
fn is_list(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'|' | b',' | b' ' | b'-');
    text.bytes().all(plain)
}

fn found(span: Span, message: String) -> Diagnostic {
    Diagnostic::new(code::HOOK_MATCHER, span, message)
}

fn check_names(
    event: &Event,
    text: &str,
    here: &dyn Fn(std::ops::Range<usize>) -> Span,
    sink: &mut Sink,
) {
    let mut names = text.split(['|', ',']).map(str::trim).filter(|name| !name.is_empty());
    // A name that is gone does no harm beside one that is not: many write both for older clients.
    let one_is_known = names.clone().any(is_tool);
    let mut at = 0;
    for name in names.by_ref() {
        let start = text.get(at..).and_then(|rest| rest.find(name)).map_or(at, |found| at + found);
        at = start + name.len();
        let place = || here(start..start + name.len());
        match event.matches {
            Matches::Tool => {
                if let Some(diagnostic) = doubt_tool(name, one_is_known, &place) {
                    sink.push(diagnostic);
                }
            }
            Matches::Words(words) if !words.contains(&name) => sink.push(
                found(place(), format!("`{}` never happens with `{name}`", event.name))
                    .label("never matches")
                    .help(format!("it happens with `{}`", words.join("`, `")))
                    .did_you_mean(name, words.iter().copied()),
            ),
            _ => {}
        }
    }
}

fn doubt_tool(name: &str, one_is_known: bool, place: &dyn Fn() -> Span) -> Option<Diagnostic> {
    if is_tool(name) || renamed(name).is_some() {
        return None;
    }
    if let Some(rest) = name.strip_prefix("mcp__") {
        if rest.contains("__") {
            return None;
        }
        return Some(
            found(place(), format!("the matcher `{name}` matches no tool"))
                .label("compared as an exact name")
                .note("a matcher of letters, digits, `_`, `-`, `|`, `,` and blanks holds exact names; the tools of a server are called `mcp__server__tool`")
                .help(format!("write `{name}__.*` for all tools of the server")),
        );
    }
    let diagnostic = found(place(), format!("there is no tool `{name}`")).label("never matches");
    if let Some(today) = replaced(name) {
        let severity = if one_is_known { Severity::Note } else { Severity::Warning };
        return Some(diagnostic.severity(severity).help(format!("`{today}` replaces it")));
    }
    Some(match name.strip_prefix("mcp_") {
        Some(rest) => diagnostic.help(format!("a tool of an MCP server starts with `mcp__{rest}`")),
        None => match nearest(name, TOOLS.iter().copied()) {
            Some(tool) => diagnostic.help(format!("did you mean `{tool}`? Letter case counts")),
            None => diagnostic.note("names of tools are exact, with letter case"),
        },
    })
}

fn check_regex(
    event: &Event,
    node: &Node,
    text: &str,
    here: &dyn Fn(std::ops::Range<usize>) -> Span,
    sink: &mut Sink,
) {
    let tool = text.split('(').next().unwrap_or_default();
    if event.matches == Matches::Tool && text.ends_with(')') && is_tool(tool) {
        let message = format!("the matcher `{text}` is a permission rule, and matches no tool");
        sink.push(
            found(node.span, message)
                .label("only the tool's name is compared")
                .help(format!("write `matcher = \"{tool}\"`, and `if = \"{text}\"` in the hook")),
        );
        return;
    }
    if let Err((range, what)) = regex_syntax::check(text) {
        sink.push(
            found(here(range), format!("the matcher `{text}` is not a valid regular expression: {what}"))
                .label(what)
                .note("a matcher with other characters than letters, digits, `_`, `-`, `|`, `,` and blanks is a regular expression; a broken one matches nothing")
                .help("join exact names with `|`, such as `Edit|Write`, or correct the expression"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::layer::LayerKind;
    use crate::rule::testing::document;

    fn check(event: &str, matcher: &str, expect: &str) {
        let toml = format!("[[hooks.{event}]]\nmatcher = '{matcher}'\nhooks = []\n");
        let found = document(super::check, LayerKind::Base, &toml);
        assert_eq!(found.join("; "), expect, "{event} {matcher}");
    }

    #[test]
    fn names_of_tools_are_exact() {
        check("PreToolUse", "Bash", "");
        check("PreToolUse", "Edit|Write, NotebookEdit", "");
        check("PreToolUse", "mcp__github__create_issue", "");
        check("PreToolUse", "Task", "");
        check("PreToolUse", "bash", "2:12 CE062 warning");
        check("PreToolUse", "Edit|Wirte", "2:17 CE062 warning");
        check("PreToolUse", "mcp__github", "2:12 CE062 warning");
        check("PreToolUse", "Edit|MultiEdit|Write", "2:17 CE062 note");
        check("PostToolUse", "MultiEdit", "2:12 CE062 warning");
    }

    #[test]
    fn other_events_have_words_of_their_own() {
        check("SessionStart", "startup|resume", "");
        check("SessionStart", "start", "2:12 CE062 warning");
        check("PreCompact", "automatic", "2:12 CE062 warning");
        check("Notification", "permission_prompt", "");
        check("Stop", "Bash", "2:11 CE062 warning");
        check("Stop", "*", "");
        check("UserPromptSubmit", "", "");
    }

    #[test]
    fn expressions_must_compile() {
        check("PreToolUse", "mcp__github__.*", "");
        check("PreToolUse", "^(Edit|Write)$", "");
        check("PreToolUse", "(Edit|Write", "2:12 CE062 warning");
        check("PreToolUse", "*Edit", "2:12 CE062 warning");
        check("PreToolUse", "mcp__*__[a-z", "2:20 CE062 warning");
        check("PreToolUse", "Bash(git *)", "2:11 CE062 warning");
    }
}
