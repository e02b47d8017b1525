//! CE100 pack-missing: packs that are not vendored. Rendering fetches nothing.

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::pack::{self, PACKS_FOLDER, superclaude};
use crate::rule::{Check, Rule, ScopeContext};

/// The rule.
pub(super) const RULE: Rule = Rule { code: code::PACK_MISSING, check: Check::Scope(check) };

/// Reports names in `packs` that have no folder below `packs/`.
fn check(context: &ScopeContext<'_>, sink: &mut Sink) {
    for (name, span) in pack::entries(context.stack, "packs") {
        if context.packs.get(name).is_some() {
            continue;
        }
        let message =
            format!("the pack `{name}` is not vendored: there is no {PACKS_FOLDER}/{name}");
        let diagnostic = Diagnostic::new(code::PACK_MISSING, span, message);
        let known = context.packs.iter().map(|pack| pack.name.as_ref());
        sink.push(match name {
            superclaude::NAME => diagnostic
                .help(format!("run `claude-env pack add {name}`, and commit what it writes")),
            _ => diagnostic
                .help("remove or correct the name; `claude-env pack list` shows what is there")
                .did_you_mean(name, known.chain([superclaude::NAME])),
        });
    }
}
