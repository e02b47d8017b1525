//! CE073: settings keys without effect in the file that they are rendered to.

use crate::agent::claude_code::settings::{Reach, setting};
use crate::agent::claude_code::telemetry;
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
    if let Some(node) = root.get("permissions").and_then(|table| table.get("blockReadsExemptPaths"))
    {
        sink.push(
            Diagnostic::new(
                code::SETTINGS_WRONG_FILE,
                node.key,
                "`permissions.blockReadsExemptPaths` has no effect in a settings file",
            )
            .label("ignored")
            .note("Claude Code takes it only from the option `--settings`")
            .help("remove it, and allow the paths with `Read(…)` rules in `allow`"),
        );
    }
    for (name, node) in
        root.get("environment").and_then(|node| node.as_table()).into_iter().flatten()
    {
        if telemetry::is_ignored(name, node) {
            sink.push(
                Diagnostic::new(
                    code::SETTINGS_WRONG_FILE,
                    node.key,
                    format!("Claude Code ignores `{name}` in the settings of a project"),
                )
                .label("no effect")
                .note("a project can only turn telemetry off")
                .help(
                    "remove it here, and set it in managed settings or in ~/.claude/settings.json",
                ),
            );
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
    fn a_project_can_only_turn_telemetry_off() {
        let check = |line: &str, expect: &[&str]| {
            check(LayerKind::Base, &format!("[environment]\n{line}\n"), expect);
        };
        check("CLAUDE_CODE_ENABLE_TELEMETRY = \"1\"", &["2:1 CE073 warning"]);
        check("CLAUDE_CODE_ENABLE_TELEMETRY = \"0\"", &["2:1 CE073 warning"]);
        check("OTEL_METRICS_EXPORTER = \"otlp\"", &["2:1 CE073 warning"]);
        check("OTEL_METRICS_EXPORTER = \"none\"", &[]);
        check("OTEL_EXPORTER_OTLP_HEADERS = \"a=b\"", &["2:1 CE073 warning"]);
        check("OTEL_LOG_USER_PROMPTS = \"1\"", &["2:1 CE073 warning"]);
        check("OTEL_LOG_USER_PROMPTS = \"0\"", &[]);
        check("OTEL_LOG_ASSISTANT_RESPONSES = \"0\"", &["2:1 CE073 warning"]);
        check("otel_metrics_exporter = \"none\"", &["2:1 CE073 warning"]);
        check(
            "OTEL_METRIC_EXPORT_INTERVAL = \"10000\"\nOTEL_RESOURCE_ATTRIBUTES = \"team=a\"",
            &[],
        );
        check("NODE_ENV = \"test\"", &[]);
    }

    #[test]
    fn exempt_paths_have_no_effect() {
        let toml = "[permissions]\nblockReadsExemptPaths = [\"/x\"]\n";
        check(LayerKind::Base, toml, &["2:1 CE073 warning"]);
    }

    #[test]
    fn the_mode_auto_is_not_for_projects() {
        check(LayerKind::Base, "permissions.defaultMode = \"auto\"\n", &["1:27 CE073 warning"]);
        check(LayerKind::Base, "permissions.defaultMode = \"plan\"\n", &[]);
    }
}
