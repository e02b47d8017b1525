//! CE071: settings values that Claude Code ignores.

use super::settings_misfit;
use crate::agent::claude_code::settings::{BadValue, Reach, setting};
use crate::diagnostic::{Diagnostic, Severity, Sink, code};
use crate::rule::{Check, DocumentContext, Rule};
use crate::source::Node;

/// The rule.
pub(super) const RULE: Rule = Rule { code: code::SETTINGS_IGNORED, check: Check::Document(check) };

fn check(context: &DocumentContext<'_>, sink: &mut Sink) {
    let settings = context.document.root.get("settings").and_then(|settings| settings.as_table());
    for (name, node) in settings.into_iter().flatten() {
        let Some(known) = setting(name) else { continue };
        if let Reach::AliasOf(target) = known.reach {
            let message = format!("`{name}` is a newer name of `{target}`");
            sink.push(
                Diagnostic::new(code::SETTINGS_IGNORED, node.key, message)
                    .label("2.1.197 ignores it")
                    .help(format!("write `{target}`")),
            );
        }
        if let Some(since) = known.since.filter(|_| has_effect(known.reach)) {
            let message = format!("`{name}` is known from {since} on");
            sink.push(
                Diagnostic::new(code::SETTINGS_IGNORED, node.key, message)
                    .severity(Severity::Note)
                    .label("older versions ignore it"),
            );
        }
        if let Some(instead) = known.deprecated {
            let message = format!("`{name}` is deprecated");
            sink.push(
                Diagnostic::new(code::SETTINGS_IGNORED, node.key, message)
                    .severity(Severity::Note)
                    .help(format!("write `{instead}`")),
            );
        }
        if matches!(name.as_ref(), "allowedMcpServers" | "deniedMcpServers") {
            for entry in node.as_array().unwrap_or_default() {
                sink.extend(server_entry(name, entry));
            }
        }
    }
    settings_misfit::each(context, &mut |bad, problem| {
        if bad == BadValue::File {
            return;
        }
        let new = |message: String| {
            Diagnostic::new(code::SETTINGS_IGNORED, problem.span, message).note(match bad {
                BadValue::Warn => {
                    "Claude Code ignores the value, and only `claude doctor` reports it"
                }
                _ => "Claude Code silently ignores the value",
            })
        };
        sink.extend(settings_misfit::describe(context, problem, new));
    });
}

/// Returns true for a key that has an effect in a project. Others have a finding of their own.
const fn has_effect(reach: Reach) -> bool {
    matches!(reach, Reach::Everywhere | Reach::NotCommitted | Reach::OffOnly)
}

/// Returns the problem of an entry that does not name exactly one of the three things; `None` for a valid one.
fn server_entry(list: &str, entry: &Node) -> Option<Diagnostic> {
    const KEYS: [&str; 3] = ["serverName", "serverCommand", "serverUrl"];
    let table = entry.as_table()?;
    let named = KEYS.iter().filter(|key| table.contains_key(**key)).count();
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    if list == "allowedMcpServers"
        && let Some(node) = table.get("serverName")
        && let Some(name) = node.as_str()
        && !name.bytes().all(plain)
    {
        let message = format!("`serverName` cannot be `{name}`");
        return Some(
            Diagnostic::new(code::SETTINGS_IGNORED, node.span, message)
                .label("letters, digits, `_` and `-` only")
                .note("Claude Code ignores the entry"),
        );
    }
    let message = match named {
        1 => return None,
        0 => format!("an entry of `{list}` names no server"),
        _ => format!("an entry of `{list}` names a server in two ways"),
    };
    Some(
        Diagnostic::new(code::SETTINGS_IGNORED, entry.span, message)
            .label("exactly one of `serverName`, `serverCommand` and `serverUrl`")
            .note("Claude Code ignores the entry")
            .help("write one entry for each"),
    )
}

#[cfg(test)]
mod tests {
    use crate::layer::LayerKind;
    use crate::rule::testing::document;

    fn check(toml: &str, expect: &[&str]) {
        assert_eq!(document(super::check, LayerKind::Base, toml), expect, "{toml}");
    }

    #[test]
    fn values_that_are_dropped_are_warned_about() {
        check("[settings]\neffortLevel = \"max\"\n", &["2:15 CE071 warning"]);
        check("[settings]\ntheme = \"solarized\"\n", &["2:9 CE071 warning"]);
        check("[settings]\ntheme = \"custom:acme\"\n", &[]);
        check("[settings]\nallowedMcpServers = [\"docs\"]\n", &["2:22 CE071 warning"]);
        check("[settings]\nadditionalMarketplaces = {}\n", &["2:1 CE071 warning"]);
        check("[settings]\nincludeCoAuthoredBy = false\n", &["2:1 CE071 note"]);
        check("[settings]\npromptCacheTtl = \"1h\"\n", &["2:1 CE071 note"]);
        check("[settings]\nmodelCatalogUrl = \"https://a.example\"\n", &[]);
        check("permissions.allow = [\"Bash\", 5]\n", &["1:30 CE071 warning"]);
    }

    #[test]
    fn a_server_entry_names_one_thing() {
        check(
            "[settings]\ndeniedMcpServers = [\n{ serverName = \"a\" },\n{ name = \"b\" },\n]\n",
            &["4:1 CE071 warning"],
        );
        check(
            "[[settings.allowedMcpServers]]\nserverName = \"a\"\nserverUrl = \"https://a.example\"\n",
            &["1:1 CE071 warning"],
        );
    }
}
