//! CE053: permission rules without effect, because another list decides first.

use crate::agent::claude_code::permission::{List, PermissionRule, entries};
use crate::diagnostic::{Diagnostic, Severity, Sink, code};
use crate::rule::{Check, Rule, ScopeContext};
use crate::source::Node;

/// The rule.
pub(super) const RULE: Rule = Rule { code: code::PERMISSION_SHADOWED, check: Check::Scope(check) };

fn check(context: &ScopeContext<'_>, sink: &mut Sink) {
    // The lists come strongest first, so whatever stands before an entry is as strong or stronger.
    let mut rules: Vec<(List, &Node, &str, PermissionRule<'_>)> = Vec::new();
    for (list, node, text) in entries(&context.merged.root) {
        let Ok(rule) = PermissionRule::parse(text, list) else { continue };
        let stronger = |known: &&(List, &Node, &str, PermissionRule<'_>)| {
            if known.0 == list { known.2 == text } else { known.3.covers(&rule) }
        };
        if let Some(&(winner, by, by_text, _)) = rules.iter().find(stronger) {
            sink.push(describe((list, node, text), (winner, by, by_text)));
        }
        rules.push((list, node, text, rule));
    }
}

fn describe(
    (list, node, text): (List, &Node, &str),
    (winner, by, by_text): (List, &Node, &str),
) -> Diagnostic {
    let found = |message: String| Diagnostic::new(code::PERMISSION_SHADOWED, node.span, message);
    if list == winner {
        return found(format!("`{text}` occurs twice in `{}`", list.key()))
            .severity(Severity::Note)
            .other(by.span, "first here")
            .help("remove one of the two");
    }
    let key = winner.key();
    found(format!("`{text}` in `{}` has no effect: `{by_text}` in `{key}` decides first", list.key()))
        .label("never reached")
        .other(by.span, format!("`{key}` decides here"))
        .note("Claude Code checks deny, then ask, then allow; the first rule that matches decides, however general it is")
        .help("remove one of the two")
}

#[cfg(test)]
mod tests {
    use crate::rule::testing::scope;

    fn check(layers: &[&str], expect: &[&str]) {
        assert_eq!(scope(super::check, layers, &[]), expect, "{layers:?}");
    }

    #[test]
    fn a_stronger_list_decides_first() {
        check(
            &["[permissions]\nallow = [\"Bash(curl:*)\"]\ndeny = [\"Bash(curl:*)\"]\n"],
            &["2:10 CE053 warning"],
        );
        check(
            &[
                "permissions.deny = [\"WebFetch\"]",
                "[permissions]\nask = [\"WebFetch(domain:a.b)\"]",
            ],
            &["2:8 CE053 warning"],
        );
        check(
            &["permissions.ask = [\"Bash(*)\"]", "permissions.allow = [\"Bash(ls)\"]"],
            &["1:22 CE053 warning"],
        );
        check(
            &["permissions.deny = [\"mcp__docs\"]", "permissions.allow = [\"mcp__docs__get\"]"],
            &["1:22 CE053 warning"],
        );
    }

    #[test]
    fn the_same_rule_twice_in_a_list_is_worth_a_note() {
        check(&["permissions.deny = [\"Bash\", \"Bash\"]"], &["1:29 CE053 note"]);
    }

    #[test]
    fn other_rules_live_together() {
        check(
            &["[permissions]\nallow = [\"Bash(a)\"]\nask = [\"Bash(b)\"]\ndeny = [\"Read(a)\"]"],
            &[],
        );
        check(&["[permissions]\nallow = [\"Bash\"]\ndeny = [\"Bash(rm:*)\"]"], &[]);
    }
}
