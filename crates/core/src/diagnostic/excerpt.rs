//! The source lines of a finding, with secrets masked.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

use super::{Diagnostic, code, mask};
use crate::source::{SourceId, Sources, Span};

/// The maximum number of source lines of a place.
const MAX_LINES: usize = 6;

/// The number of bytes of a long line that are kept on each side of the ends of a mark.
const REACH: usize = 600;

/// Lines of a source, with the marked byte range in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The lines, with secrets masked.
    pub text: String,
    /// The marked bytes of the text.
    pub marked: Range<usize>,
}

impl Excerpt {
    /// Returns the first lines of a span, without the last line's end; carriage returns before line feeds, secrets, and what
    /// is far from the mark in a very long line are left out.
    pub(super) fn new(sources: &Sources, span: Span, secrets: &Secrets) -> Self {
        let source = sources.get(span.source);
        let text: &str = &source.text;
        let start = text.floor_char_boundary(span.range().start);
        let end = text.floor_char_boundary(span.range().end.max(start));
        if secrets.hides_whole(span) {
            return Self { text: String::new(), marked: 0..0 };
        }
        let first = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let wanted = (text[start..end].matches('\n').count() + 1).min(MAX_LINES);
        let length: usize = text[first..].split_inclusive('\n').take(wanted).map(str::len).sum();
        let lines = text[first..first + length].trim_end_matches(['\n', '\r']);
        let inside = |offset: usize| (offset - first).min(lines.len());
        let excerpt = Self { text: lines.to_owned(), marked: inside(start)..inside(end) };
        let hidden = secrets.in_lines(span, first..first + lines.len(), lines);
        excerpt.replace(hidden).without_carriage_returns().shortened()
    }

    /// Replaces byte ranges, which must ascend and not overlap, and moves the mark along.
    pub fn replace<'a>(
        &self,
        edits: impl IntoIterator<Item = (Range<usize>, Cow<'a, str>)>,
    ) -> Self {
        let mut out = String::with_capacity(self.text.len());
        let mut copied = 0;
        let (mut start, mut end) = (None, None);
        for (range, new) in edits {
            let before = out.len();
            out.push_str(&self.text[copied..range.start]);
            // Up to here offsets differ by a constant; inside the replaced range there is nothing finer than its ends.
            let kept = |offset: usize| before + (offset - copied);
            if start.is_none() && self.marked.start < range.end {
                start = Some(kept(self.marked.start.min(range.start)));
            }
            if end.is_none() && self.marked.end <= range.start {
                end = Some(kept(self.marked.end));
            }
            out.push_str(&new);
            if end.is_none() && self.marked.end < range.end {
                end = Some(out.len());
            }
            copied = range.end;
        }
        let before = out.len();
        out.push_str(&self.text[copied..]);
        let start = start.unwrap_or_else(|| before + (self.marked.start - copied));
        let end = end.unwrap_or_else(|| before + (self.marked.end - copied));
        Self { text: out, marked: start..end.max(start) }
    }

    fn without_carriage_returns(self) -> Self {
        if !self.text.contains('\r') {
            return self;
        }
        let edits: Vec<_> = (self.text.match_indices("\r\n"))
            .map(|(at, _)| (at..at + 1, Cow::Borrowed("")))
            .collect();
        self.replace(edits)
    }

    /// Cuts very long lines to the text near the mark, or to their start.
    fn shortened(self) -> Self {
        let mut edits = Vec::new();
        let mut from = 0;
        for line in self.text.split_inclusive('\n') {
            let whole = from..from + line.trim_end_matches('\n').len();
            from += line.len();
            if whole.len() > 2 * REACH {
                edits.extend(self.gaps(whole));
            }
        }
        if edits.is_empty() { self } else { self.replace(edits) }
    }

    /// Returns the parts of a line that are far from where the mark starts and ends in it.
    fn gaps(&self, line: Range<usize>) -> Vec<(Range<usize>, Cow<'static, str>)> {
        let anchor = |at: usize| at.clamp(line.start, line.end);
        let mut gaps = Vec::new();
        let mut shown = line.start;
        for at in [anchor(self.marked.start), anchor(self.marked.end)] {
            let from = self.text.floor_char_boundary(at.saturating_sub(REACH));
            if from > shown {
                gaps.push((shown..from, Cow::Borrowed("…")));
            }
            shown = shown.max(self.text.floor_char_boundary(at + REACH).min(line.end));
        }
        if shown < line.end {
            gaps.push((shown..line.end, Cow::Borrowed("…")));
        }
        gaps
    }
}

/// The secrets that a set of diagnostics found: no output may contain them.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    /// In the order of texts and starts.
    spans: Vec<Span>,
    /// The furthest end of the spans up to each one, in its text.
    reach: Vec<u32>,
    /// Finds the secrets themselves, the longest first; `None` without any.
    words: Option<AhoCorasick>,
    /// There are more than can be looked for, so nothing is shown.
    too_many: bool,
}

impl Secrets {
    /// Returns all places of a finding about a secret.
    pub(super) fn of<'a>(
        diagnostics: impl IntoIterator<Item = &'a Diagnostic>,
        sources: &Sources,
    ) -> Self {
        let mut secrets = Self::default();
        let mut words = HashSet::new();
        for diagnostic in diagnostics {
            if diagnostic.code != code::SECRET_LITERAL {
                continue;
            }
            let others = diagnostic.others.iter().map(|label| label.span);
            for span in std::iter::once(diagnostic.span).chain(others) {
                let source = sources.get(span.source);
                let start = source.text.floor_char_boundary(span.range().start);
                let end = source.text.ceil_char_boundary(span.range().end.max(start));
                let written = &source.text[start..end];
                let bare = without_quotes(written);
                let range = start + bare.start..start + bare.end;
                secrets.spans.push(Span::new(span.source, range));
                // A short word would be blotted out everywhere, and is hidden by its place anyway.
                if bare.len() >= 6 {
                    words.insert(written[bare].to_owned());
                }
            }
        }
        secrets.spans.sort_unstable();
        secrets.spans.dedup();
        let mut last: Option<(SourceId, u32)> = None;
        for span in &secrets.spans {
            let before =
                last.filter(|(source, _)| *source == span.source).map_or(0, |(_, end)| end);
            last = Some((span.source, before.max(span.end)));
            secrets.reach.push(before.max(span.end));
        }
        if !words.is_empty() {
            let mut builder = AhoCorasick::builder();
            match builder.match_kind(MatchKind::LeftmostLongest).build(&words) {
                Ok(words) => secrets.words = Some(words),
                Err(_) => secrets.too_many = true,
            }
        }
        secrets
    }

    /// Returns the text with every secret in it masked.
    pub(super) fn mask(&self, text: &str) -> String {
        if self.too_many {
            return "…".to_owned();
        }
        let Some(words) = &self.words else { return text.to_owned() };
        let mut shown = String::with_capacity(text.len());
        words.replace_all_with(text, &mut shown, |_, word, shown| {
            shown.push_str(&mask::beginning(word));
            true
        });
        shown
    }

    /// Returns true if a place belongs to a secret whose exact place is unknown.
    fn hides_whole(&self, span: Span) -> bool {
        self.too_many || span.start == span.end && self.spans.binary_search(&span).is_ok()
    }

    /// Returns the byte ranges to mask in some lines, which have the given range in the source.
    fn in_lines(
        &self,
        place: Span,
        at: Range<usize>,
        lines: &str,
    ) -> Vec<(Range<usize>, Cow<'static, str>)> {
        let mut hidden: Vec<(Range<usize>, bool)> = Vec::new();
        let lines_of = Span::new(place.source, at.clone());
        let starts_before = |span: &Span| (span.source, span.start) < (place.source, lines_of.end);
        let end = self.spans.partition_point(starts_before);
        // From the last span that starts before the end of the lines, back to where no earlier one reaches into them.
        for index in (0..end).rev() {
            let (span, reach) = (self.spans[index], self.reach[index]);
            if span.source != place.source || reach <= lines_of.start {
                break;
            }
            let range = span.range().start.max(at.start)..span.range().end.min(at.end);
            if range.start < range.end {
                let begins_here = range == span.range();
                hidden.push((range.start - at.start..range.end - at.start, begins_here));
            }
        }
        if let Some(words) = &self.words {
            hidden.extend(words.find_iter(lines).map(|found| (found.range(), true)));
        }
        hidden.extend(mask::line_ranges(lines).into_iter().map(|range| (range, true)));
        hidden.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        let mut merged: Vec<(Range<usize>, bool)> = Vec::new();
        for (range, begins_here) in hidden {
            match merged.last_mut() {
                Some((last, _)) if range.start < last.end => last.end = last.end.max(range.end),
                _ => merged.push((range, begins_here)),
            }
        }
        let replaced = merged.into_iter().filter_map(|(range, begins_here)| {
            let text = lines.get(range.clone())?;
            let mask = if begins_here { mask::beginning(text) } else { "…".to_owned() };
            Some((range, Cow::Owned(mask)))
        });
        replaced.collect()
    }
}

/// Returns the range inside the quotes of a written string.
fn without_quotes(written: &str) -> Range<usize> {
    for quote in ["\"\"\"", "'''", "\"", "'"] {
        let long_enough = written.len() >= 2 * quote.len();
        if long_enough && written.starts_with(quote) && written.ends_with(quote) {
            return quote.len()..written.len() - quote.len();
        }
    }
    0..written.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The marked text is between `[` and `]`.
    fn check(text: &str, marked: Range<usize>, expect: &str) {
        let sources = Sources::default();
        let id = sources.add("a.toml", "base", text);
        let excerpt = Excerpt::new(&sources, Span::new(id, marked), &Secrets::default());
        let mut shown = excerpt.text.clone();
        shown.insert(excerpt.marked.end, ']');
        shown.insert(excerpt.marked.start, '[');
        assert_eq!(shown, expect, "{text:?}");
    }

    #[test]
    fn lines_are_whole_and_bounded() {
        check("a = 1\nbc = 2\n", 6..8, "[bc] = 2");
        check("a = [\r\n 1,\r\n]\r\nb = 2\r\n", 4..13, "a = [[\n 1,\n]]");
        check("", 0..0, "[]");
        check("a\n\nb\n", 2..2, "[]");
        check("a\n", 2..2, "[]");
        check("a\n", 90..99, "[]");
        check("1\n2\n3\n4\n5\n6\n7\n8\n", 0..15, "[1\n2\n3\n4\n5\n6]");
        check("ä = ö", 1..6, "[ä = ]ö");
    }

    #[test]
    fn a_long_line_is_cut_around_the_mark() {
        let long = "x".repeat(10_000);
        let near = "x".repeat(REACH);
        check(&format!("{long}MARK{long}"), 10_000..10_004, &format!("…{near}[MARK]{near}…"));
        check(&format!("k = 1 # {long}"), 0..1, &format!("[k] = 1 # {}…", &near[..REACH - 7]));
        check(&format!("{long}END"), 10_000..10_003, &format!("…{near}[END]"));
        check(&long, 0..10_000, &format!("[{near}…{near}]"));
    }

    #[test]
    fn a_mark_moves_with_what_is_replaced() {
        let check = |marked: Range<usize>, expect: Range<usize>| {
            let excerpt = Excerpt { text: "ab--cd--ef".to_owned(), marked };
            let edits = [(2..4, Cow::Borrowed("+")), (6..8, Cow::Borrowed("++++"))];
            let new = excerpt.replace(edits);
            assert_eq!((new.text.as_str(), new.marked), ("ab+cd++++ef", expect));
        };
        check(0..2, 0..2);
        check(2..4, 2..3);
        check(3..3, 2..3);
        check(4..6, 3..5);
        check(1..7, 1..9);
        check(8..10, 9..11);
        check(10..10, 11..11);
    }

    #[test]
    fn quotes_stay_and_short_secrets_show_nothing() {
        assert_eq!(without_quotes("\"abc\""), 1..4);
        assert_eq!(without_quotes("'''abc'''"), 3..6);
        assert_eq!(without_quotes("\""), 0..1);
        assert_eq!(mask::beginning("sk-ant-0123456789"), "sk-a…");
        assert_eq!(mask::beginning("hunter2"), "…");
    }
}
