//! CE074: settings keys that have their own table in a layer.

use crate::agent::claude_code::settings::{Reach, setting};
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::rule::{Check, DocumentContext, Rule};

/// The rule.
pub(super) const RULE: Rule =
    Rule { code: code::SETTINGS_MISPLACED, check: Check::Document(check) };

fn check(context: &DocumentContext<'_>, sink: &mut Sink) {
    let root = &context.document.root;
    let settings = root.get("settings").and_then(|settings| settings.as_table());
    for (name, node) in settings.into_iter().flatten() {
        let table = match (name.as_ref(), setting(name).map(|known| known.reach)) {
            (_, Some(Reach::Table(table))) => table,
            ("mcpServers" | "mcp_servers", _) => "mcp_servers",
            ("environment", _) => "environment",
            ("devcontainer", _) => "devcontainer",
            ("features", _) => "features",
            ("packs" | "unset" | "exclude", _) => {
                let message = format!("`{name}` is a key of the layer, not a setting");
                sink.push(
                    Diagnostic::new(code::SETTINGS_MISPLACED, node.key, message)
                        .label("not in [settings]")
                        .help(format!("move `{name}` above the first table of the file")),
                );
                continue;
            }
            _ => continue,
        };
        let message = format!("`{name}` does not belong in `[settings]`");
        let diagnostic = Diagnostic::new(code::SETTINGS_MISPLACED, node.key, message)
            .label(format!("the layer has a table `[{table}]` for it"))
            .help(format!("move it to `[{table}]`"));
        sink.push(match table {
            "mcp_servers" => diagnostic.note(
                "Claude Code reads MCP servers from .mcp.json, and ignores them in its settings",
            ),
            _ => diagnostic,
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::layer::LayerKind;
    use crate::rule::testing::document;

    #[test]
    fn tables_of_the_layer_are_no_settings() {
        let check = |toml: &str, expect: &[&str]| {
            assert_eq!(document(super::check, LayerKind::Base, toml), expect, "{toml}");
        };
        check("[settings.permissions]\nallow = [\"Bash\"]\n", &["1:11 CE074 error"]);
        check("[settings]\nenv = { A = \"b\" }\n", &["2:1 CE074 error"]);
        check("[[settings.hooks.Stop]]\nhooks = []\n", &["1:12 CE074 error"]);
        check("[settings.mcpServers.docs]\ncommand = \"x\"\n", &["1:11 CE074 error"]);
        check("[settings]\npacks = [\"superclaude\"]\n", &["2:1 CE074 error"]);
        check("[settings]\nmodel = \"opus\"\n", &[]);
    }
}
