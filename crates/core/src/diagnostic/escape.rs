//! Escaping invisible characters and control characters.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns true if a character is invisible, changes the direction of text, or controls a terminal, except tab and line
/// feed.
pub(crate) fn is_hidden(c: char) -> bool {
    match c {
        '\t' | '\n' => false,
        _ if c.is_control() => true,
        // soft hyphen, combining grapheme joiner, Arabic letter mark, fillers, Mongolian vowel separator
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' => {
            true
        }
        '\u{180b}'..='\u{180f}' | '\u{3164}' | '\u{ffa0}' => true,
        // zero width, directional marks, line and paragraph separators, embeddings, joiners, isolates
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        // byte order mark, interlinear annotations, tags, variation selectors supplement, private planes
        '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'.. => true,
        _ => false,
    }
}

/// Returns the escape sequence of a hidden character: `\u{202e}`.
pub(crate) fn visible_char(c: char) -> String {
    c.escape_unicode().to_string()
}

/// Returns the text with hidden characters escaped, except line feeds.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hidden(c) { out.push_str(&visible_char(c)) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// Returns the text on one line, with hidden characters escaped.
pub fn one_line(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    visible(&lines.join(" ")).replace('\t', " ")
}

/// Returns a JSON text with hidden characters as `\uXXXX`: the same values, safe to print.
pub fn json(text: String) -> String {
    if !text.contains(is_hidden) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_written_out() {
        let check = |text: &str, expect: &str| assert_eq!(visible(text), expect);
        check("plain ä 日本 👍 \t\n", "plain ä 日本 👍 \t\n");
        check("\u{1b}[31mred\u{7}", "\\u{1b}[31mred\\u{7}");
        check("a\u{202e}b\u{2069}c\u{200b}d\u{feff}e", "a\\u{202e}b\\u{2069}c\\u{200b}d\\u{feff}e");
        check("\u{9b}2J\r\u{7f}", "\\u{9b}2J\\u{d}\\u{7f}");
        check("\u{e0041}", "\\u{e0041}");
        assert_eq!(one_line("a\r\n  b\n\nc\td"), "a b c d");
    }

    #[test]
    fn json_keeps_its_values() {
        let value = serde_json::json!({ "k": "a\u{202e}\u{e0041}\u{7f}\u{1b}ä" });
        let text = json(value.to_string());
        assert!(!text.contains(is_hidden));
        let read: Result<serde_json::Value, _> = serde_json::from_str(&text);
        assert_eq!(read.ok(), Some(value));
    }
}
