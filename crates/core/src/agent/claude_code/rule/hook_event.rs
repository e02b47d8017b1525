//! CE060: hooks for unknown events.

use crate::agent::claude_code::hooks::{self, EVENTS};
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::rule::{Check, DocumentContext, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: code::HOOK_EVENT, check: Check::Document(check) };

fn check(context: &DocumentContext<'_>, sink: &mut Sink) {
    let table = context.document.root.get("hooks").and_then(|hooks| hooks.as_table());
    for (name, node) in table.into_iter().flatten() {
        match hooks::find(name) {
            None => sink.push(
                Diagnostic::new(code::HOOK_EVENT, node.key, format!("there is no hook event `{name}`"))
                    .label("not an event of Claude Code")
                    .note("Claude Code ignores hooks of unknown events")
                    .help("events are PreToolUse, PostToolUse, UserPromptSubmit, SessionStart, Stop and others")
                    .did_you_mean(name, EVENTS.iter().map(|event| event.name)),
            ),
            Some(event) => sink.extend(event.since.map(|since| {
                Diagnostic::new(
                    code::HOOK_EVENT,
                    node.key,
                    format!("the hook event `{name}` is known from {since} on"),
                )
                .label("older versions ignore its hooks")
                .help("remove it until every machine has this version")
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::layer::LayerKind;
    use crate::rule::testing::document;

    #[test]
    fn unknown_events_are_found_by_their_key() {
        let check = |toml: &str, expect: &[&str]| {
            assert_eq!(document(super::check, LayerKind::Base, toml), expect, "{toml}");
        };
        check("[[hooks.PreToolUse]]\nhooks = []\n", &[]);
        check("[[hooks.preToolUse]]\nhooks = []\n", &["1:9 CE060 warning"]);
        check("[hooks]\nStop = []\nSotp = []\n", &["3:1 CE060 warning"]);
        check("[[hooks.PreModelSwitch]]\nhooks = []\n", &["1:9 CE060 warning"]);
        check("[[hooks.PreSkillShellCommand]]\nhooks = []\n", &["1:9 CE060 warning"]);
        check("hooks = 3\n", &[]);
    }
}
