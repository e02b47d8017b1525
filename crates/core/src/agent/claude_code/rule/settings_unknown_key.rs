//! CE072: unknown settings keys, which Claude Code silently ignores.

use super::settings_misfit;
use crate::agent::claude_code::hooks;
use crate::agent::claude_code::settings::{
    HANDLER_TYPES, HANDLERS, HOOK_MATCHER, PERMISSIONS, Reach, all, setting,
};
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::rule::{Check, DocumentContext, Rule};
use crate::schema::LAYER;
use crate::schema::{Misfit, Shape, TableShape};
use crate::source::Node;

const IGNORED: &str = "Claude Code silently ignores unknown keys";

/// The rule.
pub(super) const RULE: Rule =
    Rule { code: code::SETTINGS_UNKNOWN_KEY, check: Check::Document(check) };

fn check(context: &DocumentContext<'_>, sink: &mut Sink) {
    let root = &context.document.root;
    let settings = root.get("settings").and_then(|settings| settings.as_table());
    for (name, node) in settings.into_iter().flatten() {
        match setting(name) {
            Some(known) if known.reach != Reach::Gone => {}
            // A table of the layer has a finding of its own.
            None if name.as_ref() == "mcpServers" || LAYER.field(name).is_some() => {}
            _ => {
                sink.push_with(code::SETTINGS_UNKNOWN_KEY, node.key, || {
                    unknown_setting(name, node)
                });
            }
        }
    }
    settings_misfit::each(context, &mut |_, problem| {
        let Misfit::UnknownKey { table } = problem.misfit else { return };
        let name = problem.path.segments().last().map_or("", AsRef::as_ref);
        sink.push_with(code::SETTINGS_UNKNOWN_KEY, problem.span, || {
            unknown(table, name, problem.span)
        });
    });
    for (_, matcher) in hooks::matchers(root) {
        if matcher.get("hooks").is_some() {
            unknown_keys(&HOOK_MATCHER, matcher, sink);
        }
    }
    for (_, handler) in hooks::handlers(root) {
        let kind = handler.get("type").and_then(|kind| kind.as_str());
        let known = HANDLER_TYPES.iter().zip(HANDLERS).find(|(name, _)| kind == Some(**name));
        if let Some((_, Shape::Table(table))) = known {
            unknown_keys(table, handler, sink);
        }
    }
}

fn unknown_setting(name: &str, node: &Node) -> Diagnostic {
    let message = format!("Claude Code has no setting `{name}`");
    let diagnostic = Diagnostic::new(code::SETTINGS_UNKNOWN_KEY, node.key, message)
        .label("not known")
        .note(IGNORED);
    if PERMISSIONS.field(name).is_some() {
        return diagnostic.help(format!("move `{name}` to `[permissions]`"));
    }
    if hooks::find(name).is_some() {
        return diagnostic.help(format!("write `[[hooks.{name}]]`"));
    }
    match name {
        "allowedTools" => diagnostic.help("write `allow` in `[permissions]`"),
        "disallowedTools" => diagnostic.help("write `deny` in `[permissions]`"),
        "ignorePatterns" => {
            diagnostic.help("write `deny` rules in `[permissions]`, such as `Read(./secrets/**)`")
        }
        _ => {
            let known = all().filter(|known| known.reach != Reach::Gone).map(|known| known.name);
            diagnostic.did_you_mean(name, known.chain(["permissions", "environment", "hooks"]))
        }
    }
}

/// Reports the unknown keys of a table, unless a required key is missing.
fn unknown_keys(table: &'static TableShape, node: &Node, sink: &mut Sink) {
    let Some(entries) = node.as_table() else { return };
    let mut required = table.fields.iter().filter(|field| field.required);
    if !required.all(|field| entries.contains_key(field.name)) {
        return;
    }
    for (name, value) in entries {
        if table.field(name).is_none() {
            let diagnostic = unknown(table, name, value.key);
            let of_handler = std::ptr::eq(table, &HOOK_MATCHER)
                && matches!(
                    name.as_ref(),
                    "timeout" | "command" | "type" | "if" | "once" | "async"
                );
            sink.push(if of_handler {
                diagnostic.help(format!("move `{name}` into the handler, inside `hooks`"))
            } else {
                diagnostic
            });
        }
    }
}

fn unknown(table: &'static TableShape, name: &str, span: crate::source::Span) -> Diagnostic {
    let message = format!("`{name}` is not a key of `{}`", table.name);
    Diagnostic::new(code::SETTINGS_UNKNOWN_KEY, span, message)
        .label("not known")
        .note(IGNORED)
        .did_you_mean(name, table.fields.iter().map(|field| field.name))
}

#[cfg(test)]
mod tests {
    use crate::layer::LayerKind;
    use crate::rule::testing::document;

    fn check(toml: &str, expect: &[&str]) {
        assert_eq!(document(super::check, LayerKind::Base, toml), expect, "{toml}");
    }

    #[test]
    fn unknown_keys_are_found_at_every_level() {
        check("[settings]\nmodle = \"opus\"\n", &["2:1 CE072 warning"]);
        check("[settings]\ndefaultMode = \"plan\"\n", &["2:1 CE072 warning"]);
        check("[settings]\nskippedPlugins = []\n", &["2:1 CE072 warning"]);
        check(
            "[settings]\nstatusLine = { type = \"command\", command = \"x\", cmd = \"y\" }\n",
            &["2:49 CE072 warning"],
        );
        check("[permissions]\nallowed = [\"Bash\"]\n", &["2:1 CE072 warning"]);
        check("[[hooks.Stop]]\ntimeout = 5\nhooks = []\n", &["2:1 CE072 warning"]);
        check(
            "[[hooks.Stop]]\nhooks = [{ type = \"command\", command = \"x\", timout = 5 }]\n",
            &["2:45 CE072 warning"],
        );
    }

    #[test]
    fn known_and_misplaced_keys_are_left_alone() {
        check(
            "[settings]\nmodel = \"opus\"\nmcpServers = {}\npermissions = {}\n\"$schema\" = \"x\"\n",
            &[],
        );
        check("[settings]\nsandbox = { somethingNew = true }\n", &[]);
        check("[[hooks.Stop]]\nhooks = [{ type = \"command\", cmd = \"x\" }]\n", &[]);
    }
}
