//! CE080: front matter that does not parse.

use crate::agent::form_of;
use crate::diagnostic::{Diagnostic, Severity, Sink, code};
use crate::rule::{Check, ContentContext, Rule};

pub(super) const RULE: Rule =
    Rule { code: code::FRONT_MATTER_SYNTAX, check: Check::Content(check) };

fn check(ctx: &ContentContext<'_>, sink: &mut Sink) {
    let Some(block) = form_of(ctx.file).and_then(|_| ctx.front_matter()) else { return };
    for fault in &block.faults {
        // What the client mends in third-party files is not for us to mend.
        if fault.severity != Severity::Error && ctx.file.pack.is_some() {
            continue;
        }
        let span = ctx.span(fault.range.clone());
        sink.push(
            Diagnostic::new(code::FRONT_MATTER_SYNTAX, span, fault.message.as_str())
                .severity(fault.severity)
                .help(fault.help),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let input = format!("-- base/agents/a.md --\n{text}");
        crate::rule::testing::check_messages(&[RULE], &input, expect);
    }

    #[test]
    fn faults_are_shown_in_their_line() {
        check("---\nname: a\ndescription: b\n---\n", "");
        check("# no front matter\n", "");
        check(
            "---\nname: a\ntools:\n\t- Read\n---\n",
            "base/agents/a.md:4 not valid YAML: tabs disallowed within this context (block indentation)",
        );
        check("---\nname: a\n", "base/agents/a.md:1 the front matter has no closing `---`");
        crate::rule::testing::check(&[RULE], "-- base/memory/a.md --\n---\nname: [\n---\n", "");
    }
}
