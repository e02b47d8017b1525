//! CE064: hook timeouts that seem to be in milliseconds.

use crate::agent::claude_code::hooks;
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::rule::{Check, DocumentContext, Rule};
use crate::source::Value;

/// The longest plausible timeout in seconds; the longest default is 600.
const SUSPICIOUS: f64 = 1000.0;

/// The rule.
pub(super) const RULE: Rule = Rule { code: code::HOOK_TIMEOUT, check: Check::Document(check) };

fn check(context: &DocumentContext<'_>, sink: &mut Sink) {
    for (_, handler) in hooks::handlers(&context.document.root) {
        let Some(timeout) = handler.get("timeout") else { continue };
        #[allow(clippy::cast_precision_loss)] // only compared and shown
        let seconds = match timeout.value {
            Value::Int(seconds) => seconds as f64,
            Value::Float(seconds) => seconds,
            _ => continue,
        };
        if seconds >= SUSPICIOUS {
            let message = format!("a hook's timeout of {seconds} seconds is {}", spoken(seconds));
            sink.push(
                Diagnostic::new(code::HOOK_TIMEOUT, timeout.span, message)
                    .label("seconds, not milliseconds")
                    .help(format!(
                        "write `timeout = {}`, if milliseconds were meant",
                        seconds / 1000.0
                    )),
            );
        }
    }
}

fn spoken(seconds: f64) -> String {
    if seconds < 7200.0 {
        format!("{:.0} minutes", seconds / 60.0)
    } else {
        format!("{:.1} hours", seconds / 3600.0)
    }
}

#[cfg(test)]
mod tests {
    use crate::layer::LayerKind;
    use crate::rule::testing::document;

    #[test]
    fn a_thousand_seconds_are_too_many() {
        let check = |timeout: &str, expect: &[&str]| {
            let toml = format!("[[hooks.Stop]]\nhooks = [{{ timeout = {timeout} }}]\n");
            assert_eq!(document(super::check, LayerKind::Base, &toml), expect, "{timeout}");
        };
        check("5000", &["2:22 CE064 warning"]);
        check("1e4", &["2:22 CE064 warning"]);
        check("600", &[]);
        check("\"5000\"", &[]);
    }
}
