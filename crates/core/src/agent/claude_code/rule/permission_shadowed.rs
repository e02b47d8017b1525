//! CE053: permission rules without effect, because another list decides first.

use std::collections::HashMap;

use crate::agent::claude_code::permission::{Coverage, List, PermissionRule, entries};
use crate::diagnostic::{Diagnostic, Severity, Sink, code};
use crate::rule::{Check, Rule, ScopeContext};
use crate::source::Node;

/// The rule.
pub(super) const RULE: Rule = Rule { code: code::PERMISSION_SHADOWED, check: Check::Scope(check) };

/// An entry of a permission list.
#[derive(Clone, Copy)]
struct Listed<'a> {
    list: List,
    node: &'a Node,
    text: &'a str,
    /// Its place in the order of all entries, the strongest list first.
    order: usize,
}

fn check(context: &ScopeContext<'_>, sink: &mut Sink) {
    // The lists come strongest first. Rules of stronger lists are found by what they cover, those of the same list by their text.
    let mut stronger: HashMap<Coverage<'_>, Listed<'_>> = HashMap::new();
    let mut same: HashMap<&str, (Listed<'_>, Coverage<'_>)> = HashMap::new();
    let mut current = None;
    for (order, (list, node, text)) in entries(&context.merged.root).enumerate() {
        let Ok(rule) = PermissionRule::parse(text, list) else { continue };
        if current.replace(list) != Some(list) {
            let mut done: Vec<_> = same.drain().map(|(_, known)| known).collect();
            done.sort_by_key(|(listed, _)| listed.order);
            for (listed, coverage) in done {
                stronger.entry(coverage).or_insert(listed);
            }
        }
        let listed = Listed { list, node, text, order };
        let covering = rule.covered_by().into_iter().flatten();
        let winner = covering.filter_map(|key| stronger.get(&key)).min_by_key(|known| known.order);
        let winner = winner.or_else(|| same.get(text).map(|(known, _)| known));
        if let Some(winner) = winner {
            sink.push(describe(listed, *winner));
        }
        same.entry(text).or_insert((listed, rule.coverage()));
    }
}

fn describe(listed: Listed<'_>, winner: Listed<'_>) -> Diagnostic {
    let Listed { list, node, text, .. } = listed;
    let Listed { list: winner, node: by, text: by_text, .. } = winner;
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
