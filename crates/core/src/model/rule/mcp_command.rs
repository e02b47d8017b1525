//! CE047: server commands that cannot be started from every folder.

use crate::agent::{Content, path_of};
use crate::diagnostic::{Diagnostic, Severity, Sink, code};
use crate::model::mcp;
use crate::rule::{Check, DocumentContext, Rule};
use crate::source::Node;

pub(super) const RULE: Rule = Rule { code: code::MCP_COMMAND, check: Check::Document(check) };

const FROM_ANYWHERE: &str = "use a program on the PATH, or `command = \"bash\"` with \
    `args = [\"-c\", 'exec \"$(git rev-parse --show-toplevel)/…\"']`";

fn check(ctx: &DocumentContext<'_>, sink: &mut Sink) {
    for (_, server) in mcp::tables(&ctx.document.root) {
        if let Some(node) = server.get("command")
            && let Some(command) = node.as_str()
        {
            sink.extend(judge(node, command));
        }
        let args = server.get("args").and_then(|args| args.as_array()).unwrap_or_default();
        for node in args {
            let Some(arg) = node.as_str() else { continue };
            sink.extend(unexpanded(node, arg));
        }
    }
}

fn judge(node: &Node, command: &str) -> Option<Diagnostic> {
    let finding = |message: String| Diagnostic::new(code::MCP_COMMAND, node.span, message);
    let trimmed = command.trim();
    if trimmed.is_empty() {
        return Some(
            finding("the command is empty, so Claude Code would skip the server".to_owned())
                .severity(Severity::Error),
        );
    }
    if trimmed.len() != command.len() {
        return Some(
            finding("the command starts or ends with whitespace".to_owned())
                .help(format!("write `{trimmed}`")),
        );
    }
    if let Some(found) = unexpanded(node, command) {
        return Some(found);
    }
    let mut words = command.split_whitespace();
    let first = words.next().unwrap_or_default();
    let rest: Vec<&str> = words.collect();
    // A path may have a blank in it; a program's name never does, and an argument tells.
    if !rest.is_empty() && (!first.contains(['/', '\\']) || rest.iter().any(|w| w.starts_with('-')))
    {
        let quoted: Vec<String> = rest.iter().map(|word| format!("{word:?}")).collect();
        return Some(
            finding(format!("`{command}` is not split into words: no program has that name"))
                .help(format!("write `command = {first:?}` and `args = [{}]`", quoted.join(", "))),
        );
    }
    let windows = command.as_bytes().get(1) == Some(&b':');
    if command.contains(['/', '\\']) && !command.starts_with(['/', '\\', '$']) && !windows {
        return Some(
            finding(
                "a relative path is looked for in the folder that Claude Code runs in".to_owned(),
            )
            .note(format!(
                "started in a subfolder, it finds {} but not the program",
                path_of(Content::Servers)
            ))
            .help(FROM_ANYWHERE),
        );
    }
    None
}

/// Returns the part that looks like an expansion, but is not expanded; `None` without one.
fn unexpanded(node: &Node, text: &str) -> Option<Diagnostic> {
    let what = if text == "~" || text.starts_with("~/") {
        "`~`"
    } else if text.contains("${CLAUDE_PROJECT_DIR") {
        "`${CLAUDE_PROJECT_DIR}`"
    } else {
        return None;
    };
    let message = format!("{what} is not expanded in an MCP server");
    Some(Diagnostic::new(code::MCP_COMMAND, node.span, message).help(FROM_ANYWHERE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expect: &str) {
        let input = format!("-- base/layer.toml --\n[mcp_servers.a]\n{body}\n");
        crate::rule::testing::check_messages(&[RULE], &input, expect);
    }

    #[test]
    fn commands_that_start() {
        check("command = 'npx'\nargs = ['-y', 'x@1.0.0']", "");
        check("command = '/opt/My Tools/srv'", "");
        check("command = '${SRV_BIN}/srv'", "");
        check("command = 'C:\\Tools\\srv.exe'", "");
    }

    #[test]
    fn commands_that_do_not() {
        check(
            "command = 'npx -y x@1.0.0'",
            "base/layer.toml:2 `npx -y x@1.0.0` is not split into words: no program has that name",
        );
        check("command = 'npx '", "base/layer.toml:2 the command starts or ends with whitespace");
        check(
            "command = './srv.sh'",
            "base/layer.toml:2 a relative path is looked for in the folder that Claude Code runs in",
        );
        check("command = '~/bin/srv'", "base/layer.toml:2 `~` is not expanded in an MCP server");
        check(
            "command = 'node'\nargs = [\n  '${CLAUDE_PROJECT_DIR}/srv.js',\n]",
            "base/layer.toml:4 `${CLAUDE_PROJECT_DIR}` is not expanded in an MCP server",
        );
        check(
            "command = ''",
            "base/layer.toml:2 the command is empty, so Claude Code would skip the server",
        );
    }
}
