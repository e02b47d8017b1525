//! CE110 instructions-budget: instructions that are longer than the budget.

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::layer::ContentKind;
use crate::rule::{Check, Rule, ScopeContext};

/// The rule.
pub(super) const RULE: Rule = Rule { code: code::INSTRUCTIONS_BUDGET, check: Check::Scope(check) };

/// Reports instructions whose fragments together have more characters than the budget; points at the largest.
fn check(context: &ScopeContext<'_>, sink: &mut Sink) {
    let budget = context.manifest.instructions_budget();
    let fragments = || context.files.iter().filter(|file| file.kind == ContentKind::Memory);
    // Bytes bound characters from above: only a block that may be too large is counted.
    if fragments().map(|file| file.bytes.len()).sum::<usize>() <= budget {
        return;
    }
    let characters =
        |bytes: &[u8]| std::str::from_utf8(bytes).map_or(0, |text| text.chars().count());
    let total: usize = fragments().map(|file| characters(&file.bytes)).sum();
    let Some(largest) = fragments().max_by_key(|file| file.bytes.len()) else { return };
    if total > budget {
        let message = format!(
            "the instructions for {} have {total} characters; the budget is {budget}",
            context.stack.scope
        );
        sink.push(
            Diagnostic::new(code::INSTRUCTIONS_BUDGET, context.file_span(largest), message)
                .label(format!("the largest fragment: {} characters", characters(&largest.bytes)))
                .note("all of it is sent to the model in every session")
                .help("move parts into rules or skills, which load when needed, or raise `[policy] instructions_budget`"),
        );
    }
}
