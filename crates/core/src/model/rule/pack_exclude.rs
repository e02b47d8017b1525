//! CE102 pack-exclude: `exclude` entries that match nothing.

use crate::diagnostic::{Diagnostic, Sink, code, nearest};
use crate::pack::{self, Pack, PartPattern};
use crate::rule::{Check, Rule, ScopeContext};

const FORM: &str =
    "write it like `superclaude/modes/*`, `superclaude/commands/pm.md` or `superclaude/mcp/magic`";

/// The rule.
pub(super) const RULE: Rule = Rule { code: code::PACK_EXCLUDE, check: Check::Scope(check) };

/// Reports entries of `exclude` that are not a pattern, name no pack, or match no part of one.
fn check(context: &ScopeContext<'_>, sink: &mut Sink) {
    let mut entries = pack::entries(context.stack, "exclude").peekable();
    if entries.peek().is_none() {
        return;
    }
    let parts: Vec<String> = context.packs.iter().flat_map(Pack::parts).collect();
    for (text, span) in entries {
        let report = |problem: &str| {
            let message = format!("`{text}` excludes nothing: {problem}");
            Diagnostic::new(code::PACK_EXCLUDE, span, message)
        };
        let pattern = match PartPattern::parse(text) {
            Ok(pattern) => pattern,
            Err(problem) => {
                sink.push(report(problem).help(FORM));
                continue;
            }
        };
        let name = pattern.pack();
        // A pack that is named and not there is a finding already.
        let missing = context.packs.get(name).is_none()
            && pack::entries(context.stack, "packs").any(|(named, _)| named == name);
        if missing || parts.iter().any(|part| pattern.covers(part)) {
            continue;
        }
        let diagnostic = if context.packs.get(name).is_some() || name.contains('*') {
            report("it matches no part of a pack")
        } else {
            report(&format!("there is no pack `{name}`"))
        };
        sink.push(match near(text, &parts) {
            Some(part) => diagnostic.help(format!("did you mean `{part}`?")),
            None => diagnostic.help(FORM),
        });
    }
}

/// Returns the part that was probably meant: the same path after the name of the pack, or a similar one; `None` without one.
fn near<'a>(text: &str, parts: &'a [String]) -> Option<&'a str> {
    let inside = |part: &&String| part.split_once('/').is_some_and(|(_, inside)| inside == text);
    let named = parts.iter().find(inside).map(String::as_str);
    named.or_else(|| nearest(text, parts.iter().map(String::as_str)))
}
