//! CE052: permission rules for unknown tools.

use super::part::part;
use crate::agent::claude_code::permission::{PATH_TOOLS, PermissionRule, entries};
use crate::agent::claude_code::settings::{TOOLS, is_tool, renamed, replaced};
use crate::diagnostic::{Diagnostic, Severity, Sink, code};
use crate::rule::{Check, DocumentContext, Rule};

/// The rule.
pub(super) const RULE: Rule =
    Rule { code: code::PERMISSION_UNKNOWN_TOOL, check: Check::Document(check) };

fn check(context: &DocumentContext<'_>, sink: &mut Sink) {
    for (list, node, text) in entries(&context.document.root) {
        let Ok(rule) = PermissionRule::parse(text, list) else { continue };
        let tool = rule.tool;
        // A rule like `Write(./x)` has a finding of its own.
        let has_path =
            rule.content.is_some() && (PATH_TOOLS.contains(&tool) || tool == "MultiEdit");
        if is_tool(tool) || tool.starts_with("mcp__") || tool.contains('*') || has_path {
            continue;
        }
        let span = part(context.sources, node, 0..tool.len());
        let found = |message: String| Diagnostic::new(code::PERMISSION_UNKNOWN_TOOL, span, message);
        let rest = text.get(tool.len()..).unwrap_or_default();
        sink.push(if let Some(name) = renamed(tool) {
            found(format!("the tool `{tool}` is now called `{name}`"))
                .severity(Severity::Note)
                .label("the old name still works")
                .help(format!("write `{name}{rest}`"))
        } else {
            let diagnostic = found(format!("there is no tool `{tool}`"))
                .label("not a tool of Claude Code")
                .note("Claude Code silently loads such a rule, and it never matches");
            let trimmed = tool.trim();
            if let Some(name) = replaced(tool) {
                diagnostic.help(format!("`{name}` replaces it"))
            } else if is_tool(trimmed) {
                diagnostic.help(format!("remove the blanks: `{trimmed}{rest}`"))
            } else if let Some(name) = trimmed.strip_prefix("mcp_") {
                diagnostic.help(format!("a tool of an MCP server starts with `mcp__{name}`"))
            } else if trimmed.split([',', '|']).all(|name| is_tool(name.trim())) {
                diagnostic.help("write one entry for each tool")
            } else if let Some((name, content)) =
                trimmed.split_once(':').filter(|(name, _)| is_tool(name))
            {
                diagnostic.help(format!("write `{name}({content})`"))
            } else {
                diagnostic.did_you_mean(trimmed, TOOLS.iter().copied())
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::layer::LayerKind;
    use crate::rule::testing::document;

    fn check(rule: &str, expect: &str) {
        let toml = format!("[permissions]\ndeny = ['{rule}']\n");
        let found = document(super::check, LayerKind::Base, &toml);
        assert_eq!(found.join("; "), expect, "{rule}");
    }

    #[test]
    fn unknown_names_are_warned_about() {
        check("Frobnicate", "2:10 CE052 warning");
        check("WebFetsh(domain:a.example)", "2:10 CE052 warning");
        check("Bash (ls)", "2:10 CE052 warning");
        check("Bash,Read", "2:10 CE052 warning");
        check("mcp_docs__get", "2:10 CE052 warning");
        check("MultiEdit", "2:10 CE052 warning");
        check("Task(reviewer)", "2:10 CE052 note");
    }

    #[test]
    fn known_names_and_patterns_are_fine() {
        check("Bash(ls)", "");
        check("mcp__docs", "");
        check("Web*", "");
        check("propose_skills", "");
        check("Write(./x)", "");
        check("MultiEdit(./x)", "");
    }
}
