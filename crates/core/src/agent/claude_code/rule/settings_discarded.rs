//! CE070: settings values for which Claude Code discards the whole file.

use super::settings_misfit;
use crate::agent::claude_code::settings::BadValue;
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::rule::{Check, DocumentContext, Rule};
use crate::source::Node;

/// The rule.
pub(super) const RULE: Rule =
    Rule { code: code::SETTINGS_DISCARDED, check: Check::Document(check) };

fn check(context: &DocumentContext<'_>, sink: &mut Sink) {
    settings_misfit::each(context, &mut |bad, problem| {
        if bad != BadValue::File {
            return;
        }
        let new = |message: String| {
            Diagnostic::new(code::SETTINGS_DISCARDED, problem.span, message)
                .note("Claude Code discards the whole settings file, hooks and deny rules included, usually without a message")
        };
        sink.extend(settings_misfit::describe(context, problem, new));
    });
    let settings = context.document.root.get("settings");
    let marketplaces = settings.and_then(|settings| settings.get("extraKnownMarketplaces"));
    for (name, node) in marketplaces.and_then(|node| node.as_table()).into_iter().flatten() {
        sink.extend(incomplete_source(name, node));
    }
}

/// The required key of each kind of marketplace source.
const SOURCE_KEYS: &[(&str, &str)] = &[
    ("github", "repo"),
    ("git", "url"),
    ("url", "url"),
    ("npm", "package"),
    ("file", "path"),
    ("directory", "path"),
    ("settings", "name"),
];

/// Returns a marketplace whose source lacks the key that its kind needs.
fn incomplete_source(name: &str, marketplace: &Node) -> Option<Diagnostic> {
    let source = marketplace.get("source")?;
    let kind = source.get("source")?.as_str()?;
    let (_, key) = SOURCE_KEYS.iter().find(|(known, _)| *known == kind)?;
    if source.get(key).is_some() {
        return None;
    }
    let message = format!("the marketplace `{name}` has no `{key}`");
    Some(
        Diagnostic::new(code::SETTINGS_DISCARDED, source.span, message)
            .label(format!("a source of the kind `{kind}` needs `{key}`"))
            .note("Claude Code 2.1.197 discards the whole settings file because of it")
            .help(format!("add `{key}`")),
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
    fn values_of_the_wrong_type_are_errors() {
        check("[settings]\nmodel = 5\n", &["2:9 CE070 error"]);
        check("[settings]\ncleanupPeriodDays = 0\n", &["2:21 CE070 error"]);
        check("[settings]\nattribution = false\n", &["2:15 CE070 error"]);
        check("[settings]\nenabledPlugins = [\"a@b\"]\n", &["2:18 CE070 error"]);
        check("[settings]\nstatusLine = { command = \"x\" }\n", &["2:14 CE070 error"]);
        check("[settings]\nsandbox.network.httpProxyPort = \"8080\"\n", &["2:33 CE070 error"]);
        check(
            "[settings.extraKnownMarketplaces.acme]\nsource = \"github\"\nrepo = \"a/b\"\n",
            &["2:10 CE070 error"],
        );
        check(
            "[settings.extraKnownMarketplaces.acme]\nsource = { source = \"github\" }\n",
            &["2:10 CE070 error"],
        );
    }

    #[test]
    fn permissions_have_their_shape_too() {
        check("[permissions]\nallow = \"Bash\"\n", &["2:9 CE070 error"]);
        check("permissions.defaultMode = \"delegate\"\n", &["1:27 CE070 error"]);
        check("permissions.defaultMode = \"manual\"\n", &["1:27 CE070 error"]);
        check("permissions.disableBypassPermissionsMode = true\n", &["1:44 CE070 error"]);
        check("permissions.allow = [5]\n", &[]);
    }

    #[test]
    fn good_values_and_dropped_ones_pass() {
        check(
            "[settings]\nmodel = \"opus\"\ncleanupPeriodDays = 30\nenabledPlugins = { \"a@b\" = true }\nstatusLine = { type = \"command\", command = \"x\", padding = 0 }\n",
            &[],
        );
        check(
            "[settings]\neffortLevel = 5\nstatusLine = { type = \"command\", command = \"x\", refreshInterval = 0 }\n",
            &[],
        );
        check("[settings]\nunknownKey = 5\nautoConnectIde = 5\n", &[]);
    }
}
