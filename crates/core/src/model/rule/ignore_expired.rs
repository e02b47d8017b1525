//! CE120 ignore-expired: ignore rules whose end date has passed.

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::rule::{Check, RepositoryContext, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: code::IGNORE_EXPIRED, check: Check::Repository(check) };

/// Reports `[drift] ignore` rules whose `until` is in the past.
fn check(context: &RepositoryContext<'_>, sink: &mut Sink) {
    for rule in &context.manifest.drift.ignore {
        let Some((until, span)) = &rule.until else { continue };
        if until.as_str() < context.today {
            let message = format!("the ignore rule for `{}` ended on {until}", rule.path.pattern);
            sink.push(
                Diagnostic::new(code::IGNORE_EXPIRED, *span, message)
                    .note(format!("reason: {}; owner: {}", rule.reason, rule.owner))
                    .help("resolve the drift, or give the rule a new end date"),
            );
        }
    }
}
