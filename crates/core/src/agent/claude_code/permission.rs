//! Permission rules: `Tool` or `Tool(content)`.
//!
//! The grammar is the intersection of what Claude Code 2.1.197 and 2.1.330 accept. Parsing a valid rule allocates nothing;
//! an error has the byte range that it is about.

use std::ops::Range;

use super::settings::renamed;
use crate::source::Node;

/// The lists of `permissions`, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum List {
    /// The tool is refused.
    Deny,
    /// The person is asked.
    Ask,
    /// The tool is allowed.
    Allow,
}

impl List {
    /// All lists, strongest first: the first list with a rule that matches decides.
    pub const ALL: [List; 3] = [List::Deny, List::Ask, List::Allow];

    /// Returns the key in `permissions`.
    pub fn key(self) -> &'static str {
        match self {
            List::Deny => "deny",
            List::Ask => "ask",
            List::Allow => "allow",
        }
    }
}

/// A rule that both versions load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PermissionRule<'a> {
    /// The tool's name as written.
    pub tool: &'a str,
    /// The text between the parentheses; `None` without any.
    pub content: Option<&'a str>,
}

/// Why a version skips a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What is wrong.
    pub reason: Reason,
    /// The bytes of the rule that it is about.
    pub range: Range<usize>,
}

/// What is wrong with a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The rule is an empty string.
    Empty,
    /// A parenthesis is opened and never closed, or closed and never opened.
    Unbalanced,
    /// Text after the closing parenthesis.
    Trailing,
    /// `(x)`.
    NoTool,
    /// `Bash()`.
    NoContent,
    /// `()` inside the content; 2.1.197 rejects it.
    EmptyParentheses,
    /// `bash`.
    Lowercase,
    /// `mcp__server__tool(x)`.
    McpParentheses,
    /// `*` or `mcp__*` in `allow`.
    AllowsTooMuch,
    /// `Bash(:*)`.
    EmptyPrefix,
    /// `:*` before the end; 2.1.197 rejects it.
    PrefixInside,
    /// `:*` in the path of a file rule.
    PrefixInPath,
    /// `WebFetch(https://example.com)`.
    Url,
    /// `WebFetch(example.com)`.
    NoDomain,
    /// `WebSearch(a*)`.
    SearchWildcard,
}

/// Tools whose content is a path.
pub const PATH_TOOLS: &[&str] =
    &["Cd", "Edit", "Glob", "NotebookEdit", "NotebookRead", "Read", "Write"];

impl<'a> PermissionRule<'a> {
    /// Parses a rule of a list. Fails when one of the versions skips it.
    pub fn parse(text: &'a str, list: List) -> Result<Self, Malformed> {
        let rule = Self::split(text)?;
        match rule.refusal(list) {
            Some(malformed) => Err(malformed),
            None => Ok(rule),
        }
    }

    /// Splits a rule into tool and content. Fails when the parentheses are wrong.
    fn split(text: &'a str) -> Result<Self, Malformed> {
        let wrong = |reason, range| Err(Malformed { reason, range });
        if text.trim().is_empty() {
            return wrong(Reason::Empty, 0..text.len());
        }
        let mut open = None;
        let mut depth = 0_usize;
        let mut last_open = 0;
        let mut last_close = None;
        let mut empty = None;
        for (at, parenthesis) in parentheses(text) {
            if parenthesis == b'(' {
                open.get_or_insert(at);
                depth += 1;
                last_open = at;
                continue;
            }
            if depth == 0 {
                return wrong(Reason::Unbalanced, at..at + 1);
            }
            if last_open + 1 == at && last_open > open.unwrap_or(0) {
                empty.get_or_insert(last_open..at + 1);
            }
            depth -= 1;
            last_close = Some(at);
        }
        let Some(open) = open else { return Ok(Self { tool: text, content: None }) };
        let Some(close) = last_close.filter(|_| depth == 0) else {
            return wrong(Reason::Unbalanced, open..open + 1);
        };
        if close + 1 != text.len() {
            return wrong(Reason::Trailing, close + 1..text.len());
        }
        if open == 0 {
            return wrong(Reason::NoTool, 0..1);
        }
        if open + 1 == close {
            return wrong(Reason::NoContent, open..close + 1);
        }
        if let Some(range) = empty {
            return wrong(Reason::EmptyParentheses, range);
        }
        Ok(Self { tool: &text[..open], content: Some(&text[open + 1..close]) })
    }

    /// Returns why a version skips a well-formed rule; `None` for a rule that both load.
    fn refusal(&self, list: List) -> Option<Malformed> {
        let tool = 0..self.tool.len();
        let content_at = self.tool.len() + 1;
        let wrong = |reason, range| Some(Malformed { reason, range });
        if self.mcp().is_some() && self.content.is_some() {
            let end = content_at + self.content.map_or(0, str::len) + 1;
            return wrong(Reason::McpParentheses, self.tool.len()..end);
        }
        if list == List::Allow && self.tool.contains('*') {
            let names_server = self.mcp().is_some_and(|(server, _)| !server.contains('*'));
            if !names_server {
                return wrong(Reason::AllowsTooMuch, tool);
            }
        }
        let first = self.tool.chars().next();
        if !self.tool.contains('_') && first.is_some_and(char::is_lowercase) {
            return wrong(Reason::Lowercase, tool);
        }
        let content = self.content?;
        let name = renamed(self.tool).unwrap_or(self.tool);
        let prefix = content.find(":*");
        match name {
            "Bash" => match prefix {
                Some(0) if content.len() == 2 => {
                    wrong(Reason::EmptyPrefix, content_at..content_at + 2)
                }
                Some(at) if !content.ends_with(":*") => {
                    wrong(Reason::PrefixInside, content_at + at..content_at + at + 2)
                }
                _ => None,
            },
            "WebFetch" if content != "*" => {
                let range = content_at..content_at + content.len();
                if content.contains("://") || content.starts_with("http") {
                    wrong(Reason::Url, range)
                } else if !content.starts_with("domain:") {
                    wrong(Reason::NoDomain, range)
                } else {
                    None
                }
            }
            "WebSearch" if content != "*" => {
                let at = content_at + content.find(['*', '?'])?;
                wrong(Reason::SearchWildcard, at..at + 1)
            }
            _ if PATH_TOOLS.contains(&name) => {
                let at = content_at + prefix?;
                wrong(Reason::PrefixInPath, at..at + 2)
            }
            _ => None,
        }
    }

    /// Returns server and tool of an MCP rule, the tool `None` for `mcp__server`; `None` for any other rule.
    pub fn mcp(&self) -> Option<(&'a str, Option<&'a str>)> {
        let rest = self.tool.strip_prefix("mcp__").filter(|rest| !rest.is_empty())?;
        match rest.split_once("__") {
            Some(("", _)) => None,
            Some((server, tool)) => Some((server, Some(tool))),
            None => Some((rest, None)),
        }
    }

    /// Returns the current name of the tool.
    pub fn tool_today(&self) -> &'a str {
        renamed(self.tool).unwrap_or(self.tool)
    }

    /// Returns the content; `None` if the rule is for every use of the tool.
    pub fn condition(&self) -> Option<&'a str> {
        self.content.filter(|content| *content != "*")
    }

    /// Returns what the rule matches, as far as it is certain.
    pub fn coverage(&self) -> Coverage<'a> {
        match self.mcp() {
            Some((server, None | Some("*"))) => Coverage::Server(server),
            Some((server, Some(tool))) => Coverage::ServerTool(server, tool),
            None => match self.condition() {
                None => Coverage::Tool(self.tool_today()),
                Some(condition) => Coverage::Use(self.tool_today(), condition),
            },
        }
    }

    /// Returns what a rule must match to match everything that this one does: one of these suffices.
    pub fn covered_by(&self) -> [Option<Coverage<'a>>; 2] {
        let wide = match self.mcp() {
            Some((server, _)) => Coverage::Server(server),
            None => Coverage::Tool(self.tool_today()),
        };
        [Some(wide), Some(self.coverage()).filter(|own| *own != wide)]
    }
}

/// What a permission rule matches. Two rules with the same coverage match the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coverage<'a> {
    /// Every use of a tool.
    Tool(&'a str),
    /// The uses of a tool that a condition describes.
    Use(&'a str, &'a str),
    /// Every tool of an MCP server.
    Server(&'a str),
    /// One tool of an MCP server, or a pattern of tools.
    ServerTool(&'a str, &'a str),
}

/// Returns all strings of the three lists, with their nodes.
pub fn entries(root: &Node) -> impl Iterator<Item = (List, &Node, &str)> {
    let permissions = root.get("permissions");
    List::ALL.into_iter().flat_map(move |list| {
        let array = permissions.and_then(|table| table.get(list.key()));
        let items = array.and_then(|array| array.as_array()).unwrap_or_default();
        items.iter().filter_map(move |item| Some((list, item.as_ref(), item.as_str()?)))
    })
}

/// Returns the unescaped parentheses, each with its byte offset.
fn parentheses(text: &str) -> impl Iterator<Item = (usize, u8)> {
    let mut escaped = false;
    text.bytes().enumerate().filter(move |&(_, byte)| {
        let plain = !escaped && matches!(byte, b'(' | b')');
        escaped = byte == b'\\' && !escaped;
        plain
    })
}

/// Returns the byte offset of the first unescaped `*`; `None` without one.
pub fn star(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let plain = !escaped && byte == b'*';
        escaped = byte == b'\\' && !escaped;
        plain
    })
}

/// Returns the byte range of the first unquoted `&&`, `||`, `|` or `;`; `None` without one.
pub fn operator(command: &str) -> Option<Range<usize>> {
    let bytes = command.as_bytes();
    let mut quote = None;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match (quote, byte) {
            (_, b'\\') if quote != Some(b'\'') => at += 1,
            (Some(open), _) if open == byte => quote = None,
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b';') => return Some(at..at + 1),
            (None, b'&') if bytes.get(at + 1) == Some(&b'&') => return Some(at..at + 2),
            (None, b'|') => {
                let length = if bytes.get(at + 1) == Some(&b'|') { 2 } else { 1 };
                return Some(at..at + length);
            }
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fine(text: &str, list: List, tool: &str, content: Option<&str>) {
        assert_eq!(PermissionRule::parse(text, list), Ok(PermissionRule { tool, content }));
    }

    fn check(text: &str, list: List, reason: Reason, marked: &str) {
        let found = PermissionRule::parse(text, list).expect_err(text);
        assert_eq!((found.reason, &text[found.range]), (reason, marked), "{text}");
    }

    #[test]
    fn a_rule_that_both_versions_load_is_split() {
        fine("Bash", List::Allow, "Bash", None);
        fine("Bash(*)", List::Allow, "Bash", Some("*"));
        fine("Bash(npm run test:*)", List::Allow, "Bash", Some("npm run test:*"));
        fine("Bash(echo (a) b)", List::Allow, "Bash", Some("echo (a) b"));
        fine(r"Bash(echo \( b)", List::Allow, "Bash", Some(r"echo \( b"));
        fine(
            "WebFetch(domain:*.acme.example)",
            List::Allow,
            "WebFetch",
            Some("domain:*.acme.example"),
        );
        fine("WebFetch(*)", List::Deny, "WebFetch", Some("*"));
        fine("mcp__docs__get_*", List::Allow, "mcp__docs__get_*", None);
        fine("mcp__*", List::Deny, "mcp__*", None);
        fine("*", List::Ask, "*", None);
        fine("propose_skills", List::Deny, "propose_skills", None);
        fine("PowerShell(a:*b)", List::Deny, "PowerShell", Some("a:*b"));
    }

    #[test]
    fn what_a_client_skips_says_why_and_where() {
        check("", List::Deny, Reason::Empty, "");
        check("  ", List::Deny, Reason::Empty, "  ");
        check("Bash(a", List::Deny, Reason::Unbalanced, "(");
        check("Basha)", List::Deny, Reason::Unbalanced, ")");
        check("Bash(a))", List::Deny, Reason::Unbalanced, ")");
        check("Bash((a)", List::Deny, Reason::Unbalanced, "(");
        check(r"Bash(a\)", List::Deny, Reason::Unbalanced, "(");
        check(r"Bash(a \( b (c)", List::Deny, Reason::Unbalanced, "(");
        check("Bash(a) b", List::Deny, Reason::Trailing, " b");
        check("(a)", List::Deny, Reason::NoTool, "(");
        check("Bash()", List::Deny, Reason::NoContent, "()");
        check("Bash(f() {)", List::Deny, Reason::EmptyParentheses, "()");
        check("bash", List::Deny, Reason::Lowercase, "bash");
        check("read(./x)", List::Deny, Reason::Lowercase, "read");
        check("mcp__docs__get(x)", List::Deny, Reason::McpParentheses, "(x)");
        check("mcp__*", List::Allow, Reason::AllowsTooMuch, "mcp__*");
        check("mcp__a*__b", List::Allow, Reason::AllowsTooMuch, "mcp__a*__b");
        check("*", List::Allow, Reason::AllowsTooMuch, "*");
        check("Bash(:*)", List::Deny, Reason::EmptyPrefix, ":*");
        check("Bash(npm:* test)", List::Deny, Reason::PrefixInside, ":*");
        check("Read(./src:*)", List::Deny, Reason::PrefixInPath, ":*");
        check("WebFetch(https://a.example)", List::Deny, Reason::Url, "https://a.example");
        check(
            "WebFetch(domain:https://a.example)",
            List::Deny,
            Reason::Url,
            "domain:https://a.example",
        );
        check("WebFetch(a.example)", List::Deny, Reason::NoDomain, "a.example");
        check("WebSearch(rust *)", List::Deny, Reason::SearchWildcard, "*");
    }

    #[test]
    fn a_rule_without_a_condition_covers_all_of_its_tool() {
        let check = |a: &str, b: &str, expect: bool| {
            let rule = |text| PermissionRule::parse(text, List::Deny).expect("a rule");
            let by = rule(b).covered_by();
            assert_eq!(by.contains(&Some(rule(a).coverage())), expect, "{a} {b}");
        };
        check("Bash", "Bash(npm test)", true);
        check("Bash(*)", "Bash", true);
        check("Bash(npm test)", "Bash", false);
        check("Task(x)", "Agent(x)", true);
        check("mcp__docs", "mcp__docs__get", true);
        check("mcp__docs__*", "mcp__docs", true);
        check("mcp__docs__get", "mcp__docs", false);
        check("mcp__docs", "mcp__docs2", false);
        check("Read(./a)", "Edit(./a)", false);
    }

    #[test]
    fn operators_in_quotes_are_text() {
        let check = |command: &str, expect: Option<&str>| {
            assert_eq!(operator(command).map(|range| &command[range]), expect, "{command}");
        };
        check("a && b", Some("&&"));
        check("a | b", Some("|"));
        check("a || b", Some("||"));
        check("a; b", Some(";"));
        check("grep 'a|b' x", None);
        check("find . -exec x {} \\;", None);
        check("a 2>&1", None);
    }
}
