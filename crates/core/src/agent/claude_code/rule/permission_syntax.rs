//! CE050: permission rules that a supported version skips.

use super::part::part;
use crate::agent::claude_code::permission::{List, Malformed, PermissionRule, Reason, entries};
use crate::agent::claude_code::settings::{TOOLS, renamed};
use crate::diagnostic::{Diagnostic, Sink, code, nearest};
use crate::rule::{Check, DocumentContext, Rule};
use crate::source::Node;

/// The rule.
pub(super) const RULE: Rule = Rule { code: code::PERMISSION_SYNTAX, check: Check::Document(check) };

fn check(context: &DocumentContext<'_>, sink: &mut Sink) {
    for (list, node, text) in entries(&context.document.root) {
        if let Err(malformed) = PermissionRule::parse(text, list) {
            sink.push(describe(context, list, node, text, &malformed));
        }
    }
}

fn describe(
    context: &DocumentContext<'_>,
    list: List,
    node: &Node,
    text: &str,
    malformed: &Malformed,
) -> Diagnostic {
    let tool = text.split('(').next().unwrap_or(text).trim();
    let about = text.get(malformed.range.clone()).unwrap_or_default();
    let (what, label, help) = match malformed.reason {
        Reason::Empty => (String::new(), "no rule", "remove the entry".to_owned()),
        Reason::Unbalanced => (
            "has an unbalanced parenthesis".to_owned(),
            "unmatched",
            "close it, or escape a literal parenthesis as `\\(` or `\\)`".to_owned(),
        ),
        Reason::Trailing => (
            format!("continues after its closing parenthesis with `{}`", about.trim()),
            "nothing may follow",
            "write one rule per entry, and let it end at the parenthesis".to_owned(),
        ),
        Reason::NoTool => (
            "names no tool".to_owned(),
            "a tool's name is missing here",
            "put a tool before the parenthesis, such as `Bash(npm test)`".to_owned(),
        ),
        Reason::NoContent => (
            "has empty parentheses".to_owned(),
            "empty",
            format!("write `{tool}` for every use of the tool"),
        ),
        Reason::EmptyParentheses => (
            "contains `()`".to_owned(),
            "2.1.197 reads this as an empty condition",
            "write `\\(\\)`".to_owned(),
        ),
        Reason::Lowercase => (
            format!("starts with a lowercase letter: there is no tool `{tool}`"),
            "a tool's name starts with a capital letter",
            format!("write `{}`", capitalised(text, tool)),
        ),
        Reason::McpParentheses => (
            "has parentheses, which rules for MCP tools cannot have".to_owned(),
            "not allowed here",
            format!("write `{tool}`"),
        ),
        Reason::AllowsTooMuch => (
            "is too wide for `allow`".to_owned(),
            "a `*` may stand for the tool of one named MCP server, not for more",
            "name the server, such as `mcp__docs__*`; `deny` and `ask` accept wider rules"
                .to_owned(),
        ),
        Reason::EmptyPrefix => (
            "has no command before `:*`".to_owned(),
            "the prefix is empty",
            format!("write `{tool}` for every command, or a prefix, such as `{tool}(npm test:*)`"),
        ),
        Reason::PrefixInside => (
            "has `:*` before its end".to_owned(),
            "2.1.197 accepts `:*` only at the end",
            format!("write `{}`, or end the rule here", text.replacen(":*", " *", 1)),
        ),
        Reason::PrefixInPath => (
            "has `:*` in a path".to_owned(),
            "`:*` is for Bash rules",
            format!("write `{}`: paths are gitignore patterns", path_instead(text)),
        ),
        Reason::Url => (
            "names a URL instead of a host".to_owned(),
            "a URL",
            format!("write `WebFetch(domain:{})`", host(about)),
        ),
        Reason::NoDomain => (
            "lacks `domain:`".to_owned(),
            "not a domain",
            format!("write `WebFetch(domain:{})`", host(about)),
        ),
        Reason::SearchWildcard => (
            "has a wildcard, which WebSearch does not accept".to_owned(),
            "not allowed here",
            "write `WebSearch` for every search, or the exact words".to_owned(),
        ),
    };
    let span = part(context.sources, node, malformed.range.clone());
    let message = match malformed.reason {
        Reason::Empty => "a permission rule is empty".to_owned(),
        _ => format!("the permission rule `{text}` {what}"),
    };
    Diagnostic::new(code::PERMISSION_SYNTAX, span, message)
        .label(label)
        .note(match list {
            List::Deny => "Claude Code would skip the rule, and deny nothing",
            List::Ask => "Claude Code would skip the rule, and ask nothing",
            List::Allow => "Claude Code would skip the rule, and still ask",
        })
        .help(help)
}

/// Returns the rule with the correct name of the tool.
fn capitalised(text: &str, tool: &str) -> String {
    let rest = text.trim_start().get(tool.len()..).unwrap_or_default();
    if let Some(name) = nearest(tool, TOOLS.iter().copied()) {
        return format!("{name}{rest}");
    }
    let mut chars = tool.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let name = format!("{first}{}", chars.as_str());
    format!("{}{rest}", renamed(&name).unwrap_or(&name))
}

fn path_instead(text: &str) -> String {
    let text = text.replace("/:*", "/**");
    text.replace(":*", "/**")
}

fn host(text: &str) -> &str {
    let text = text.strip_prefix("domain:").unwrap_or(text);
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    text.split(['/', ':', '?']).next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use crate::layer::LayerKind;
    use crate::rule::testing::document;

    fn check(toml: &str, expect: &[&str]) {
        assert_eq!(document(super::check, LayerKind::Base, toml), expect, "{toml}");
    }

    #[test]
    fn points_at_the_part_that_is_wrong() {
        check("[permissions]\nallow = [\"bash\"]\n", &["2:11 CE050 error"]);
        check("[permissions]\ndeny = [\n  \"Bash(ls)\",\n  'Bash()',\n]\n", &["4:8 CE050 error"]);
        check("permissions.ask = [\"Bash(npm:* x)\"]", &["1:29 CE050 error"]);
        check("permissions = { deny = [\"Read(\\u0061:*)\"] }", &["1:25 CE050 error"]);
        check("[permissions]\nallow = [\"\"]\n", &["2:10 CE050 error"]);
        check("[permissions]\nallow = [\"*\"]\ndeny = [\"*\"]\n", &["2:11 CE050 error"]);
    }

    #[test]
    fn good_rules_and_other_types_are_left_alone() {
        check("[permissions]\nallow = [\"Bash(npm test)\", 5]\ndeny = \"x\"\n", &[]);
        check("permissions = 5\n", &[]);
    }

    #[test]
    fn suggestions_are_rules() {
        assert_eq!(super::capitalised("bash(ls)", "bash"), "Bash(ls)");
        assert_eq!(super::capitalised("webfetch", "webfetch"), "WebFetch");
        assert_eq!(super::capitalised("task(x)", "task"), "Agent(x)");
        assert_eq!(super::path_instead("Read(src/:*)"), "Read(src/**)");
        assert_eq!(super::host("domain:https://a.example/b"), "a.example");
        assert_eq!(super::host("http://a.example:80"), "a.example");
    }
}
