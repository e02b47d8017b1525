//! Findings for people: the source lines, underlined, with what is wrong and what to do.

use std::borrow::Cow;
use std::collections::BTreeSet;

use annotate_snippets::{
    AnnotationKind, Element, Group, Level, Origin, Padding, Renderer, Snippet,
};

use crate::diagnostic::escape::{is_hidden, one_line, visible, visible_char};
use crate::diagnostic::{Excerpt, Finding, Located, Severity};

/// Narrower than this no snippet is readable.
const MIN_WIDTH: usize = 40;

/// The most characters of a message or label that are shown.
const LONGEST_TEXT: usize = 500;

/// Stands for a path while a report is laid out. Escaping writes this character out wherever a file or a message holds it.
const PLACEHOLDER: char = '\u{f0000}';

/// What the terminal is like.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// True for ANSI colors.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
}

/// One report per finding, with an empty line after each.
pub fn render(findings: &[Finding], look: Look) -> String {
    let renderer = if look.color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.hyperlink(false).term_width(look.width.max(MIN_WIDTH));
    findings.iter().map(|finding| report(finding, &renderer) + "\n\n").collect()
}

/// `2 errors, 1 warning in 3 files`, or `no findings`.
pub fn summary(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "no findings".to_owned();
    }
    let plural =
        |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let kinds = [Severity::Error, Severity::Warning, Severity::Note].into_iter();
    let counts: Vec<String> = kinds
        .map(|kind| {
            let of_kind = findings.iter().filter(|finding| finding.severity == kind);
            (of_kind.map(|finding| finding.further.max(1)).sum(), kind)
        })
        .filter(|(count, _)| *count > 0)
        .map(|(count, kind)| plural(count, kind.word()))
        .collect();
    let files: BTreeSet<&str> = findings.iter().map(|finding| finding.at.file.as_str()).collect();
    format!("{} in {}", counts.join(", "), plural(files.len(), "file"))
}

fn report(finding: &Finding, renderer: &Renderer) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let places: Vec<&Located> = std::iter::once(&finding.at).chain(&finding.others).collect();
    let mut elements: Vec<Element<'_>> = Vec::new();
    for (index, located) in places.iter().enumerate() {
        elements.push(place(index, located));
    }
    let more = [(Level::NOTE, &finding.note), (Level::HELP, &finding.help)];
    let more = more.into_iter().filter_map(|(level, text)| Some((level, text.as_deref()?)));
    for (index, (level, text)) in more.enumerate() {
        if index == 0 && places.iter().all(|located| !has_lines(located)) {
            elements.push(Padding.into());
        }
        elements.push(level.message(visible(text)).into());
    }
    let title = level.primary_title(brief(one_line(&finding.message))).id(finding.code.id);
    let text = renderer.render(&[Group::with_title(title).elements(elements)]);
    with_addresses(&text, &places)
}

/// A place with its lines, or its address alone when there is nothing to see in them.
fn place(index: usize, located: &Located) -> Element<'static> {
    if !has_lines(located) {
        return Origin::path(address(located)).into();
    }
    let lines = Excerpt { text: located.lines.to_string(), marked: located.marked.clone() };
    let hidden: Vec<(std::ops::Range<usize>, Cow<'_, str>)> = (located.lines.char_indices())
        .filter(|(_, c)| is_hidden(*c))
        .map(|(at, c)| (at..at + c.len_utf8(), Cow::Owned(visible_char(c))))
        .collect();
    let lines = lines.replace(hidden);
    let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
    let label = Some(brief(one_line(&located.label))).filter(|label| !label.is_empty());
    Snippet::source(lines.text)
        .line_start(located.place.line)
        .path(format!("{PLACEHOLDER}{index}"))
        .annotation(kind.span(lines.marked).label(label))
        .into()
}

/// Whether a place is more than its file: a whole-file finding points at the empty range at the start and says nothing there.
fn has_lines(located: &Located) -> bool {
    let start = located.place.line == 1 && located.place.column == 1;
    !(start && located.marked.is_empty() && located.label.is_empty())
}

/// The text, or its beginning: a message may quote a value of any length.
fn brief(text: String) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

fn address(located: &Located) -> String {
    format!("{}:{}:{}", one_line(&located.file), located.place.line, located.place.column)
}

/// Puts the real addresses in. The layout counts columns in the lines as shown, where text may be escaped or left out.
fn with_addresses(text: &str, places: &[&Located]) -> String {
    let mut parts = text.split(PLACEHOLDER);
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':');
        let index = part.split(':').next().and_then(|digits| digits.parse::<usize>().ok());
        if let Some(located) = index.and_then(|index| places.get(index)) {
            out.push_str(&address(located));
        }
        out.push_str(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::code;
    use crate::report::findings::sample;

    fn check(finding: &Finding, expect: &str) {
        let shown = render(std::slice::from_ref(finding), Look { color: false, width: 80 });
        assert_eq!(shown.trim_end(), expect.trim_matches('\n'), "\n{shown}");
    }

    fn labelled(marked: &str, message: &str, label: &str) -> Finding {
        let mut finding = sample::one(code::TOML_SYNTAX, marked, message);
        finding.at.label = label.to_owned();
        finding
    }

    #[test]
    fn a_report_has_all_places_and_advice() {
        check(
            &sample::full(),
            r#"
error[CE020]: `settings.model` is a table here
 --> teams/payments/layer.toml:3:11
  |
3 | [settings.model]
  |           ^^^^^ a table
  |
 ::: base/layer.toml:2:1
  |
2 | model = "opus"
  | ----- a string in a lower layer
  |
  = note: layers must agree on the type of a value
  = help: unset `settings.model` first, then set it"#,
        );
    }

    #[test]
    fn a_whole_file_has_an_address_and_no_lines() {
        check(
            &sample::whole_file(),
            r#"
warning[CE007]: nothing reads this file
--> base/no tes,100%:é.md:1:1
 |
 = help: move it to `base/memory/`
         or delete it"#,
        );
    }

    #[test]
    fn a_mark_may_span_lines() {
        check(
            &sample::several_lines(),
            r#"
note[CE022]: several lines
 --> base/layer.toml:2:5
  |
2 |   b = [
  |  _____^
3 | |   1,
4 | |   2,
5 | | ]
  | |_^"#,
        );
    }

    #[test]
    fn an_empty_mark_is_a_caret() {
        check(
            &labelled("a = 1\nb =«» # c\n", "a value is missing", "here"),
            r#"
error[CE001]: a value is missing
 --> base/layer.toml:2:4
  |
2 | b = # c
  |    ^ here"#,
        );
        check(
            &labelled("", "the file is empty", "write a table here"),
            r#"
error[CE001]: the file is empty
 --> base/layer.toml:1:1
  |
1 |
  | ^ write a table here"#,
        );
        check(
            &labelled("a = 1\r\n«»\r\nb = 1", "nothing here", "here"),
            r#"
error[CE001]: nothing here
 --> base/layer.toml:2:1
  |
2 |
  | ^ here"#,
        );
    }

    #[test]
    fn tabs_and_wide_characters_stay_aligned() {
        check(
            &labelled("\t\t«kee» = 1", "tabs", "here"),
            r#"
error[CE001]: tabs
 --> base/layer.toml:1:3
  |
1 |         kee = 1
  |         ^^^ here"#,
        );
        check(
            &labelled("日本 = \"«語語»\"", "wide", "here"),
            r#"
error[CE001]: wide
 --> base/layer.toml:1:7
  |
1 | 日本 = "語語"
  |         ^^^^ here"#,
        );
    }

    #[test]
    fn a_file_cannot_drive_the_terminal() {
        check(
            &labelled("a\u{202e}b = \"\u{1b}[31m«\u{7}»\"", "bad \u{1b}[0m\nnews", "\u{9b}2J"),
            r#"
error[CE001]: bad \u{1b}[0m news
 --> base/layer.toml:1:13
  |
1 | a\u{202e}b = "\u{1b}[31m\u{7}"
  |                         ^^^^^ \u{9b}2J"#,
        );
        let mut finding = sample::full();
        finding.at.file = format!("a\n\u{1b}]0;x\u{7}{PLACEHOLDER}0:1.toml");
        let shown = render(&[finding], Look { color: false, width: 80 });
        assert!(shown.contains("--> a \\u{1b}]0;x\\u{7}\\u{f0000}0:1.toml:3:11\n"), "{shown}");
    }

    #[test]
    fn a_minified_file_shows_what_is_near() {
        let pairs = "\"a\":1,".repeat(200_000);
        check(
            &labelled(&format!("{{{pairs}\"«bad»\":1,{pairs}}}"), "far", "not known"),
            r#"
error[CE001]: far
 --> base/layer.toml:1:1200003
  |
1 | ...:1,"a":1,"a":1,"a":1,"a":1,"bad":1,"a":1,"a":1,"a":1,"a":1,"a":1,"a":1...
  |                                ^^^ not known"#,
        );
    }

    #[test]
    fn colours_are_asked_for() {
        let shown = |color| render(&[sample::full()], Look { color, width: 80 });
        assert!(!shown(false).contains('\u{1b}'));
        assert!(shown(true).contains("\u{1b}["));
        assert!(!shown(true).contains("\u{1b}]"), "no hyperlinks");
        assert!(!shown(true).contains(PLACEHOLDER));
    }

    #[test]
    fn the_summary_counts() {
        let check = |findings: &[Finding], expect: &str| assert_eq!(summary(findings), expect);
        let (error, warning, note) =
            (sample::full(), sample::whole_file(), sample::several_lines());
        check(&[], "no findings");
        check(std::slice::from_ref(&error), "1 error in 1 file");
        check(&[error.clone(), error.clone(), warning.clone()], "2 errors, 1 warning in 2 files");
        check(&[note.clone(), note.clone()], "2 notes in 1 file");
        check(&[note, warning, error], "1 error, 1 warning, 1 note in 3 files");
    }
}
