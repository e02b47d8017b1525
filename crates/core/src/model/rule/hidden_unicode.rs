//! CE006: invisible and bidirectional control characters, which a reviewer cannot see.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::rule::{Check, ContentContext, DocumentContext, Rule};
use crate::source::{SourceId, Span};

pub(super) const DOCUMENT: Rule =
    Rule { code: code::HIDDEN_UNICODE, check: Check::Document(document) };

pub(super) const CONTENT: Rule =
    Rule { code: code::HIDDEN_UNICODE, check: Check::Content(content) };

fn document(ctx: &DocumentContext<'_>, sink: &mut Sink) {
    text(ctx.document.source, &ctx.sources.get(ctx.document.source).text, sink);
}

/// Checks a file outside of layers.
pub(super) fn text(source: SourceId, text: &str, sink: &mut Sink) {
    report(text, |range| Span::new(source, range), sink);
}

fn content(ctx: &ContentContext<'_>, sink: &mut Sink) {
    if let Some(text) = ctx.text {
        report(text, |range| ctx.span(range), sink);
    }
}

/// Returns one finding for each line with such characters.
fn report(text: &str, span: impl Fn(Range<usize>) -> Span, sink: &mut Sink) {
    if text.is_ascii() {
        return;
    }
    let hidden = hidden(text);
    let line = |at: usize| text[..at].rfind('\n').map_or(0, |end| end + 1);
    for group in hidden.chunk_by(|a, b| line(a.0) == line(b.0)) {
        let Some(&(at, c)) = group.first() else { continue };
        let more = match group.len() {
            1 => String::new(),
            count => format!(", and {} more in this line", count - 1),
        };
        let message =
            format!("there is an invisible {} (U+{:04X}) here{more}", name(c), u32::from(c));
        sink.push(
            Diagnostic::new(code::HIDDEN_UNICODE, span(at..at + c.len_utf8()), message)
                .note("Claude reads text that a reviewer cannot see, or sees in another order")
                .help("delete it; in a TOML string, `\\u{…}` shows a character that is meant"),
        );
    }
}

/// Returns every hidden character of a text, with its place.
fn hidden(text: &str) -> Vec<(usize, char)> {
    // The first bytes of all of them; what has none of these needs no decoding.
    let suspects = memchr::memchr3_iter(0xe2, 0xef, 0xf3, text.as_bytes());
    suspects
        .filter_map(|at| {
            let c = text.get(at..)?.chars().next()?;
            (is_hidden(c) && !is_meant(text, at, c)).then_some((at, c))
        })
        .collect()
}

fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{200b}'..='\u{200d}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}'
        | '\u{feff}' | '\u{e0000}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
}

fn is_meant(text: &str, at: usize, c: char) -> bool {
    let before = text[..at].chars().next_back();
    let after = text[at + c.len_utf8()..].chars().next();
    match c {
        // A byte order mark.
        '\u{feff}' => at == 0,
        // Joiners of scripts that need them, and of emoji.
        '\u{200c}' => before.is_some_and(joins),
        '\u{200d}' => {
            before.is_some_and(joins)
                || before.is_some_and(is_emoji) && after.is_some_and(is_emoji)
        }
        // Forms of ideographs.
        '\u{e0100}'..='\u{e01ef}' => before.is_some_and(|c| matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')),
        // Flags of regions: a black flag, then tags.
        '\u{e0020}'..='\u{e007f}' => text[..at]
            .chars()
            .rev()
            .find(|c| !matches!(c, '\u{e0020}'..='\u{e007f}'))
            .is_some_and(|c| c == '\u{1f3f4}'),
        _ => false,
    }
}

/// Letters of scripts that are written with joiners, from Arabic to Khmer.
fn joins(c: char) -> bool {
    matches!(c, '\u{0600}'..='\u{17ff}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{fe0f}' | '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

fn name(c: char) -> &'static str {
    match c {
        '\u{200b}' => "zero width space",
        '\u{200c}' | '\u{200d}' => "zero width joiner",
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => "bidirectional control",
        '\u{feff}' => "byte order mark",
        '\u{e0000}'..='\u{e007f}' => "tag character",
        '\u{e0100}'..='\u{e01ef}' => "variation selector",
        _ => "format character",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let input = format!("-- base/memory/a.md --\n{text}\n");
        crate::rule::testing::check_messages(&[DOCUMENT, CONTENT], &input, expect);
    }

    #[test]
    fn invisible_characters_are_found() {
        check(
            "one\ntwo\u{202e}x\u{202c}",
            "base/memory/a.md:2 there is an invisible bidirectional control (U+202E) here, and 1 more in this line",
        );
        check(
            "a\u{200b}b",
            "base/memory/a.md:1 there is an invisible zero width space (U+200B) here",
        );
        check(
            "a\u{feff}b",
            "base/memory/a.md:1 there is an invisible byte order mark (U+FEFF) here",
        );
        check(
            "a\u{e0041}b",
            "base/memory/a.md:1 there is an invisible tag character (U+E0041) here",
        );
        check(
            "a\u{e0101}b",
            "base/memory/a.md:1 there is an invisible variation selector (U+E0101) here",
        );
        check(
            "a\u{200d}b",
            "base/memory/a.md:1 there is an invisible zero width joiner (U+200D) here",
        );
    }

    #[test]
    fn what_languages_and_emoji_need_is_fine() {
        check(
            "\u{feff}\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} \u{2764}\u{fe0f}\u{200d}\u{1f525}",
            "",
        );
        check("\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", "");
        check("\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645} – “x” → y", "");
        check("\u{845b}\u{e0100}", "");
    }

    #[test]
    fn toml_is_looked_at_too() {
        crate::rule::testing::check(
            &[DOCUMENT, CONTENT],
            "-- base/layer.toml --\ndescription = 'x'\n# \u{2066}y\n",
            "base/layer.toml:2 CE006",
        );
    }
}
