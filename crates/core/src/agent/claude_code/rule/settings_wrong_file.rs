//! CE073: settings keys without effect in the file that they are rendered to.

use crate::agent::claude_code::settings::{Reach, setting};
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::layer::LayerKind;
use crate::rule::{Check, DocumentContext, Rule};
use crate::source::{KeyPath, Node};

/// Parts of `sandbox` that have no effect in project and local settings.
const SANDBOX_PARTS: &[(&[&str], bool)] = &[
    (&["allowAppleEvents"], true),
    (&["bwrapPath"], false),
    (&["socatPath"], false),
    (&["ripgrep"], false),
    (&["network", "allowManagedDomainsOnly"], false),
    (&["filesystem", "allowManagedReadPathsOnly"], false),
];

/// The rule.
pub(super) const RULE: Rule =
    Rule { code: code::SETTINGS_WRONG_FILE, check: Check::Document(check) };

fn check(context: &DocumentContext<'_>, sink: &mut Sink) {
    let root = &context.document.root;
    let local = context.layer.name.kind == LayerKind::User;
    if let Some(settings) = root.get("settings").and_then(|settings| settings.as_table()) {
        for (name, node) in settings {
            if let Some(known) = setting(name) {
                sink.extend(describe(name, node, known.reach, local));
            }
        }
        if let Some(sandbox) = settings.get("sandbox") {
            check_sandbox(sandbox, sink);
        }
    }
    let mode = root.get("permissions").and_then(|permissions| permissions.get("defaultMode"));
    if let Some(mode) = mode.filter(|mode| mode.as_str() == Some("auto")) {
        sink.push(
            found(mode, "`permissions.defaultMode` cannot be `auto` in a project".to_owned())
                .label("ignored in project and local settings")
                .note("Claude Code accepts the mode `auto` only in user and managed settings")
                .help("remove it, or write `acceptEdits`"),
        );
    }
}

fn found(node: &Node, message: String) -> Diagnostic {
    let span = node.span;
    Diagnostic::new(code::SETTINGS_WRONG_FILE, span, message)
}

fn describe(name: &str, node: &Node, reach: Reach, local: bool) -> Option<Diagnostic> {
    let (message, help) = match reach {
        Reach::Everywhere | Reach::Gone | Reach::AliasOf(_) | Reach::Table(_) => return None,
        Reach::NotCommitted if local => return None,
        Reach::OffOnly if node.as_bool() != Some(true) => return None,
        Reach::Managed => (
            format!("`{name}` has an effect only in managed settings"),
            "set it in managed-settings.json, with the tool that manages your machines",
        ),
        Reach::NotProject => (
            format!("`{name}` has no effect in project settings"),
            "let everyone set it in ~/.claude/settings.json, or set it in managed settings",
        ),
        Reach::NotCommitted => (
            format!("`{name}` has no effect in committed project settings"),
            "set it in the user layer, or in ~/.claude/settings.json",
        ),
        Reach::OffOnly => (
            format!("a project can disable `{name}`, but not enable it"),
            "let everyone enable it in ~/.claude/settings.json",
        ),
        Reach::GlobalConfig => (
            format!("`{name}` is not a setting: Claude Code keeps it in ~/.claude.json"),
            "let everyone set it with `/config`",
        ),
        Reach::Desktop => {
            (format!("`{name}` is read by the desktop app, not by Claude Code"), "remove it")
        }
    };
    let file = if local { "settings.local.json" } else { "settings.json" };
    Some(
        Diagnostic::new(code::SETTINGS_WRONG_FILE, node.key, message)
            .label(format!("no effect in .claude/{file}"))
            .help(help),
    )
}

fn check_sandbox(sandbox: &Node, sink: &mut Sink) {
    for &(path, only_true) in SANDBOX_PARTS {
        let mut node = sandbox;
        let there = path.iter().all(|key| match node.get(key) {
            Some(child) => {
                node = child;
                true
            }
            None => false,
        });
        if there && (!only_true || node.as_bool() == Some(true)) {
            let path = KeyPath::from_iter(["sandbox"].iter().chain(path));
            let message = format!("`{path}` has no effect in project settings");
            sink.push(
                Diagnostic::new(code::SETTINGS_WRONG_FILE, node.key, message)
                    .label("no effect in project and local settings")
                    .help("let everyone set it in ~/.claude/settings.json, or set it in managed settings"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::layer::LayerKind;
    use crate::rule::testing::document;

    fn check(kind: LayerKind, toml: &str, expect: &[&str]) {
        assert_eq!(document(super::check, kind, toml), expect, "{toml}");
    }

    #[test]
    fn keys_without_effect_are_found() {
        let base = |key: &str, expect: &[&str]| {
            check(LayerKind::Base, &format!("[settings]\n{key}\n"), expect);
        };
        base("allowManagedHooksOnly = true", &["2:1 CE073 warning"]);
        base("autoMode = { allow = [] }", &["2:1 CE073 warning"]);
        base("autoConnectIde = true", &["2:1 CE073 warning"]);
        base("sshHostAllowlist = []", &["2:1 CE073 warning"]);
        base("remoteControlAtStartup = true", &["2:1 CE073 warning"]);
        base("remoteControlAtStartup = false", &[]);
        base("sandbox.ripgrep.command = \"rg\"", &["2:9 CE073 warning"]);
        base("sandbox.allowAppleEvents = false", &[]);
        base("model = \"opus\"", &[]);
    }

    #[test]
    fn the_user_layer_is_not_committed() {
        let toml = "[settings]\nskipDangerousModePermissionPrompt = true\n";
        check(LayerKind::Team, toml, &["2:1 CE073 warning"]);
        check(LayerKind::User, toml, &[]);
    }

    #[test]
    fn the_mode_auto_is_not_for_projects() {
        check(LayerKind::Base, "permissions.defaultMode = \"auto\"\n", &["1:27 CE073 warning"]);
        check(LayerKind::Base, "permissions.defaultMode = \"plan\"\n", &[]);
    }
}
