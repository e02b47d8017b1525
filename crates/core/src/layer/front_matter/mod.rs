//! Front matter: the YAML between two `---` lines at the start of a Markdown file.
//!
//! It is parsed as Claude Code 2.1.197 and 2.1.330 were observed to do, with the place of each key: a block starts in the
//! first line and ends at the first `---` after it, even inside a line; lines that do not parse are tried again with quoted
//! values.

mod yaml;

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use crate::diagnostic::Severity;

/// The front matter of a file.
#[derive(Debug, Default)]
pub struct FrontMatter<'a> {
    /// The byte range of the first line, for findings about the whole block.
    pub opening: Range<usize>,
    /// The keys, in the order of the file; with duplicates.
    pub entries: Vec<Entry<'a>>,
    /// The syntax errors.
    pub faults: Vec<Fault>,
}

/// One key with its value.
#[derive(Debug)]
pub struct Entry<'a> {
    /// The key, unquoted.
    pub key: Cow<'a, str>,
    /// The bytes of the key.
    pub key_range: Range<usize>,
    /// The value.
    pub value: Yaml<'a>,
    /// The bytes of the value.
    pub range: Range<usize>,
}

/// A YAML value, without the content of mappings.
#[derive(Debug, PartialEq)]
pub enum Yaml<'a> {
    /// No value, `null` or `~`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as written.
    Number(Cow<'a, str>),
    /// A string, unquoted.
    Text(Cow<'a, str>),
    /// A list; each item with its bytes.
    List(Vec<(Yaml<'a>, Range<usize>)>),
    /// A mapping; its content is not kept.
    Table,
    /// A reference to another value of the block.
    Alias,
}

impl Yaml<'_> {
    /// Returns what kind of value this is, for messages.
    pub fn words(&self) -> &'static str {
        match self {
            Yaml::Null => "nothing",
            Yaml::Bool(_) => "a boolean",
            Yaml::Number(_) => "a number",
            Yaml::Text(_) => "text",
            Yaml::List(_) => "a list",
            Yaml::Table => "a table",
            Yaml::Alias => "an alias",
        }
    }
}

/// A syntax error of a block.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong, as a sentence fragment.
    pub message: String,
    /// The bytes that it is about.
    pub range: Range<usize>,
    /// What to do.
    pub help: &'static str,
    /// How severe it is.
    pub severity: Severity,
}

impl FrontMatter<'_> {
    /// Returns the last value of a key, which overrides earlier ones; `None` if there is none.
    pub fn get(&self, key: &str) -> Option<&Entry<'_>> {
        self.entries.iter().rev().find(|entry| entry.key == key)
    }

    /// Returns true if Claude Code ignores the whole block.
    pub fn is_lost(&self) -> bool {
        self.faults.iter().any(|fault| fault.severity == Severity::Error)
    }

    fn fault(&mut self, range: Range<usize>, message: impl Into<String>, help: &'static str) {
        let severity = Severity::Error;
        self.faults.push(Fault { message: message.into(), range, help, severity });
    }
}

/// Returns the front matter of a text; `None` if it has none.
pub fn find(text: &str) -> Option<FrontMatter<'_>> {
    let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let start = text.len() - text[bom..].trim_start().len();
    let after_dashes = text[start..].strip_prefix("---")?;
    let line_end = after_dashes.find('\n')?;
    if !after_dashes[..line_end].trim().is_empty() {
        return None;
    }
    let opening = start..start + 3;
    let inner = start + 3 + line_end + 1;
    let mut block = FrontMatter { opening: opening.clone(), ..FrontMatter::default() };

    let Some(body) = body(text, inner, &mut block) else {
        // A rule between paragraphs looks alike; a key in the next line tells.
        let key_follows = text[inner..].lines().next().is_some_and(looks_like_key);
        let message = "the front matter has no closing `---`";
        block.fault(opening, message, "close it with a line `---`");
        return key_follows.then_some(block);
    };
    let meant = text[body.clone()].lines().any(looks_like_key);
    if start > bom {
        if !meant {
            return None;
        }
        let message = "the front matter does not begin in the first line, so it is read as text";
        block.fault(opening, message, "remove what stands before the first `---`");
    } else if bom > 0 {
        let message = "a byte order mark stands before the front matter";
        let help = "save the file as UTF-8 without a byte order mark";
        block.fault(opening, message, help);
    }
    yaml::read(text, body, &mut block);
    duplicates(&mut block);
    Some(block)
}

/// Returns the range between the two fences. A `---` inside a line ends the block for Claude Code, so it is an error.
fn body(text: &str, inner: usize, block: &mut FrontMatter<'_>) -> Option<Range<usize>> {
    let mut from = inner;
    while let Some(at) = memchr::memmem::find(&text.as_bytes()[from..], b"---") {
        let at = from + at;
        if at == inner || text.as_bytes()[at - 1] == b'\n' {
            return Some(inner..at);
        }
        if block.faults.is_empty() {
            let message = "this `---` ends the front matter in the middle of a line";
            block.fault(at..at + 3, message, "write a dash or an em dash instead of `---`");
        }
        from = at + 3;
    }
    None
}

fn looks_like_key(line: &str) -> bool {
    line.split_once(':').is_some_and(|(key, _)| {
        !key.is_empty()
            && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
    })
}

fn duplicates(block: &mut FrontMatter<'_>) {
    let mut seen = HashSet::with_capacity(block.entries.len());
    let again: Vec<(String, Range<usize>)> = (block.entries.iter())
        .filter(|entry| !seen.insert(&*entry.key))
        .map(|entry| (entry.key.to_string(), entry.key_range.clone()))
        .collect();
    for (key, range) in again {
        let message = format!("the front matter has the key `{key}` twice");
        // Claude Code loads the file.
        let (help, severity) = ("keep one of them", Severity::Warning);
        block.faults.push(Fault { message, range, help, severity });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries as `key@line=value`, then faults as `!line message`, joined by ` | `.
    fn shown(text: &str) -> String {
        let line = |at: usize| text[..at].matches('\n').count() + 1;
        let Some(block) = find(text) else { return "none".to_owned() };
        let entries = block.entries.iter().map(|entry| {
            let value = match &entry.value {
                Yaml::Text(text) => format!("{text:?}"),
                Yaml::Number(text) => text.to_string(),
                Yaml::List(items) => {
                    let item = |item: &(Yaml<'_>, Range<usize>)| {
                        format!("{}@{}", text[item.1.clone()].trim(), line(item.1.start))
                    };
                    format!("[{}]", items.iter().map(item).collect::<Vec<_>>().join(" "))
                }
                other => format!("{other:?}"),
            };
            assert_eq!(&text[entry.key_range.clone()], entry.key, "{text:?}");
            format!("{}@{}={value}", entry.key, line(entry.range.start))
        });
        let faults = block.faults.iter().map(|fault| {
            let mark = if fault.severity == Severity::Error { '!' } else { '?' };
            format!("{mark}{} {}", line(fault.range.start), fault.message)
        });
        entries.chain(faults).collect::<Vec<_>>().join(" | ")
    }

    fn check(text: &str, expect: &str) {
        assert_eq!(shown(text), expect, "{text:?}");
    }

    #[test]
    fn blocks_are_read_with_places() {
        check("---\nname: a\nmodel: opus\n---\nx", "name@2=\"a\" | model@3=\"opus\"");
        check("---\r\nname: a\r\nb: true\r\n---\r\nx", "name@2=\"a\" | b@3=Bool(true)");
        check(
            "---\nname: 'ä'\ntools:\n  - Read\n  - Grep\n---\n",
            "name@2=\"ä\" | tools@4=[Read@4 Grep@5]",
        );
        check("---\nname: ö\ntools: [Read, Grep]\n---\n", "name@2=\"ö\" | tools@3=[Read@3 Grep@3]");
        check("---\na: >\n  x\n  y\nb: 1\n---\n", "a@3=\"x y\\n\" | b@5=1");
        check("---\na:\nb: ~\n---\n", "a@2=Null | b@3=Null");
        check("---\n---\n", "");
    }

    #[test]
    fn what_is_no_front_matter_is_left_alone() {
        check("# Title\n", "none");
        check("", "none");
        check("----\na: b\n----\n", "none");
        check("---\n\n# Title\n\ntext\n", "none");
        check("\n---\n\nparagraph\n\n---\n", "none");
    }

    #[test]
    fn faults_have_places() {
        check("---\nname: a\n", "!1 the front matter has no closing `---`");
        check(
            "\u{feff}---\nname: a\n---\n",
            "name@2=\"a\" | !1 a byte order mark stands before the front matter",
        );
        check(
            "\n---\nname: a\n---\n",
            "name@3=\"a\" | !2 the front matter does not begin in the first line, so it is read as text",
        );
        check(
            "---\nname: a\ndescription: b --- c\n---\n",
            "name@2=\"a\" | description@3=\"b --- c\" | !3 this `---` ends the front matter in the middle of a line",
        );
        check(
            "---\nname: a\nname: b\n---\n",
            "name@2=\"a\" | name@3=\"b\" | ?3 the front matter has the key `name` twice",
        );
        check("---\n- a\n---\n", "!2 the front matter is a list, not a table of keys");
    }

    #[test]
    fn what_the_client_mends_is_a_warning() {
        check(
            "---\nname: a\ndescription: Use it: often\n---\n",
            "name@2=\"a\" | description@3=\"Use it: often\" | ?3 not valid YAML: mapping values are not allowed in this context",
        );
        assert!(shown("---\nname: [x\n---\n").contains("name@2=\"[x\" | ?"));
        assert!(shown("---\nname: \"x\n---\n").contains("!"));
    }

    #[test]
    fn the_quick_reader_agrees_with_the_parser() {
        for line in [
            "name: reviewer",
            "description: Checks, if \u{2265}90 % hold; see (this)",
            "tools: Read, Bash(git log:*)",
            "count: 12",
            "on: true",
            "nothing: null",
            "quoted: \"a: b # c\"",
            "single: 'x'",
            "version: 1.2.3",
            "float: 1.5",
            "hash: a#b",
            "list: [Read, Grep]",
            "none: []",
            "one: [ x-y ]",
            "gap: [a, , b]",
        ] {
            let quick = format!("---\n{line}\n---\n");
            // A comment is beyond the quick reader, and changes nothing.
            let slow = format!("---\n{line}\n# comment\n---\n");
            assert_eq!(shown(&quick), shown(&slow), "{line}");
        }
    }
}
