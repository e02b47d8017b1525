//! Parsing YAML into entries with places.

use std::borrow::Cow;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span as Marks, StrInput};

use super::{Entry, Fault, FrontMatter, Yaml};
use crate::diagnostic::Severity;

/// The maximum nesting of values.
const MAX_DEPTH: usize = 32;

/// Reads the body of a block into it.
pub(super) fn read<'a>(text: &'a str, body: Range<usize>, block: &mut FrontMatter<'a>) {
    if let Some(entries) = quick(text, body.clone()) {
        block.entries = entries;
        return;
    }
    let source = &text[body.clone()];
    let error = match parse(source, &Places::exact(source, body.start)) {
        Ok(entries) => {
            block.entries = entries;
            return;
        }
        Err(error) => error,
    };
    // The client tries once more with suspicious values in quotes, so most of what is broken still arrives.
    let mended = mended(source);
    let again = parse(&mended, &Places::lines(source, body.start));
    let (severity, help) = match again {
        Ok(entries) => {
            block.entries = entries.into_iter().map(Entry::into_owned).collect();
            for entry in &mut block.entries {
                entry.key_range.end = entry.key_range.start + entry.key.len();
            }
            (Severity::Warning, "Claude Code takes the line as text; put the value in quotes")
        }
        Err(_) => (Severity::Error, "Claude Code drops all of the front matter; correct the YAML"),
    };
    block.faults.push(Fault { message: error.message, range: error.range, help, severity });
}

struct Broken {
    message: String,
    range: Range<usize>,
}

impl Entry<'_> {
    fn into_owned(self) -> Entry<'static> {
        Entry {
            key: Cow::Owned(self.key.into_owned()),
            key_range: self.key_range,
            value: self.value.into_owned(),
            range: self.range,
        }
    }
}

impl Yaml<'_> {
    fn into_owned(self) -> Yaml<'static> {
        match self {
            Yaml::Null => Yaml::Null,
            Yaml::Bool(value) => Yaml::Bool(value),
            Yaml::Number(text) => Yaml::Number(Cow::Owned(text.into_owned())),
            Yaml::Text(text) => Yaml::Text(Cow::Owned(text.into_owned())),
            Yaml::List(items) => {
                Yaml::List(items.into_iter().map(|(item, at)| (item.into_owned(), at)).collect())
            }
            Yaml::Table => Yaml::Table,
            Yaml::Alias => Yaml::Alias,
        }
    }
}

/// Reads a body of plain `key: value` lines without the YAML parser, which is much faster; nearly every body is one.
///
/// Returns false at the first line that may be anything else.
fn quick(text: &str, body: Range<usize>) -> Option<Vec<Entry<'_>>> {
    let mut entries = Vec::with_capacity(6);
    let mut at = body.start;
    for line in text[body].split_inclusive('\n') {
        let start = at;
        at += line.len();
        let line = line.trim_end_matches(['\n', '\r', ' ']);
        if line.is_empty() {
            continue;
        }
        let key_bytes = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        let length = line.bytes().take_while(|b| key_bytes(b)).count();
        let key = &line[..length];
        if !key.as_bytes().first()?.is_ascii_alphabetic() {
            return None;
        }
        let rest = line[length..].strip_prefix(": ")?;
        let written = rest.trim_start_matches(' ');
        let value_start = start + line.len() - written.len();
        let value = quick_value(written, value_start)?;
        entries.push(Entry {
            key: Cow::Borrowed(key),
            key_range: start..start + length,
            value,
            range: value_start..value_start + written.len(),
        });
    }
    Some(entries)
}

fn quick_value(written: &str, start: usize) -> Option<Yaml<'_>> {
    let bytes = written.as_bytes();
    if bytes.iter().any(|&b| b < b' ' || b == 0x7f) {
        return None;
    }
    let first = *bytes.first()?;
    if matches!(first, b'"' | b'\'') {
        let inner = written.get(1..written.len().checked_sub(1)?)?;
        let plain = !inner.bytes().any(|b| b == first || b == b'\\');
        let closed = bytes.len() >= 2 && bytes.last() == Some(&first);
        return (plain && closed).then_some(Yaml::Text(Cow::Borrowed(inner)));
    }
    if first == b'[' {
        return quick_list(written, start);
    }
    if !(first.is_ascii_alphanumeric() || first == b'(') || bytes.last() == Some(&b':') {
        return None;
    }
    let risky = bytes.windows(2).any(|pair| pair == b": " || pair == b" #");
    (!risky).then(|| plain(Cow::Borrowed(written)))
}

/// Returns a list of plain words: `[Read, Grep]`.
fn quick_list(written: &str, start: usize) -> Option<Yaml<'_>> {
    let inner = written.strip_prefix('[')?.strip_suffix(']')?;
    let mut items = Vec::new();
    let mut at = start + 1;
    for part in inner.split(',') {
        let word = part.trim_matches(' ');
        let plain_word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        let is_plain =
            word.starts_with(|c: char| c.is_ascii_alphanumeric()) && word.bytes().all(plain_word);
        if is_plain {
            let from = at + part.len() - part.trim_start_matches(' ').len();
            items.push((plain(Cow::Borrowed(word)), from..from + word.len()));
        } else if !(word.is_empty() && part.len() == inner.len()) {
            return None;
        }
        at += part.len() + 1;
    }
    Some(Yaml::List(items))
}

/// Returns the meaning of a scalar without quotes, by the core schema of YAML 1.2.
fn plain(text: Cow<'_, str>) -> Yaml<'_> {
    match text.as_ref() {
        "" | "~" | "null" | "Null" | "NULL" => return Yaml::Null,
        "true" | "True" | "TRUE" => return Yaml::Bool(true),
        "false" | "False" | "FALSE" => return Yaml::Bool(false),
        _ => {}
    }
    let digits = text.trim_start_matches(['-', '+']);
    let numeric = digits.bytes().next().is_some_and(|b| b.is_ascii_digit() || b == b'.')
        && text.parse::<f64>().is_ok();
    if numeric { Yaml::Number(text) } else { Yaml::Text(text) }
}

/// Translates positions of the parser, which count characters, into byte ranges of the file.
enum Places {
    /// The parsed text is the body itself: the byte of every character, or nothing if that is the identity.
    Exact { base: usize, bytes: Option<Vec<usize>>, end: usize },
    /// The parsed text has other columns: whole lines of the body.
    Lines { lines: Vec<Range<usize>> },
}

impl Places {
    fn exact(source: &str, base: usize) -> Self {
        let bytes = (!source.is_ascii()).then(|| source.char_indices().map(|(at, _)| at).collect());
        Self::Exact { base, bytes, end: source.len() }
    }

    fn lines(source: &str, base: usize) -> Self {
        let mut at = base;
        let line = |line: &str| {
            let start = at;
            at += line.len();
            start..start + line.trim_end().len()
        };
        Self::Lines { lines: source.split_inclusive('\n').map(line).collect() }
    }

    fn range(&self, marks: Marks) -> Range<usize> {
        match self {
            Self::Exact { base, bytes, end } => {
                let byte = |index: usize| match bytes {
                    Some(bytes) => base + bytes.get(index).copied().unwrap_or(*end),
                    None => base + index.min(*end),
                };
                let start = byte(marks.start.index());
                start..byte(marks.end.index()).max(start)
            }
            Self::Lines { lines } => {
                let line = lines.get(marks.start.line().saturating_sub(1)).or(lines.last());
                line.cloned().unwrap_or(0..0)
            }
        }
    }
}

/// Reads a body with the YAML parser.
fn parse<'a>(source: &'a str, places: &Places) -> Result<Vec<Entry<'a>>, Broken> {
    let mut reader = Reader { parser: Parser::new_from_str(source), places };
    loop {
        match reader.next()? {
            (Event::StreamStart | Event::DocumentStart(_) | Event::Nothing, _) => {}
            (Event::MappingStart(..), _) => return reader.entries(),
            (Event::StreamEnd | Event::DocumentEnd, _) => return Ok(Vec::new()),
            (Event::Scalar(text, ScalarStyle::Plain, ..), _) if text.is_empty() => {
                return Ok(Vec::new());
            }
            (event, range) => {
                let what = match event {
                    Event::SequenceStart(..) => "a list",
                    _ => "a single value",
                };
                let message = format!("the front matter is {what}, not a table of keys");
                return Err(Broken { message, range });
            }
        }
    }
}

struct Reader<'a, 'p> {
    parser: Parser<'a, StrInput<'a>>,
    places: &'p Places,
}

impl<'a> Reader<'a, '_> {
    fn next(&mut self) -> Result<(Event<'a>, Range<usize>), Broken> {
        match self.parser.next_event() {
            Some(Ok((event, marks))) => Ok((event, self.places.range(marks))),
            Some(Err(error)) => {
                let range = self.places.range(Marks::empty(*error.marker()));
                Err(Broken { message: format!("not valid YAML: {}", error.info()), range })
            }
            None => Ok((Event::StreamEnd, self.places.range(Marks::default()))),
        }
    }

    fn entries(&mut self) -> Result<Vec<Entry<'a>>, Broken> {
        let mut entries = Vec::new();
        loop {
            let (event, key_range) = self.next()?;
            if matches!(event, Event::MappingEnd | Event::StreamEnd) {
                // What follows can still be broken.
                while !matches!(self.next()?.0, Event::StreamEnd) {}
                return Ok(entries);
            }
            let key = match self.value(event, key_range.clone(), 0)? {
                (Yaml::Text(text) | Yaml::Number(text), _) => text,
                (other, range) => {
                    let message = format!("a key of the front matter is {}", other.words());
                    return Err(Broken { message, range });
                }
            };
            let (event, range) = self.next()?;
            let (value, range) = self.value(event, range, 0)?;
            // An absent value has no place of its own.
            let range = if value == Yaml::Null { key_range.clone() } else { range };
            entries.push(Entry { key, key_range, value, range });
        }
    }

    fn value(
        &mut self,
        event: Event<'a>,
        range: Range<usize>,
        depth: usize,
    ) -> Result<(Yaml<'a>, Range<usize>), Broken> {
        if depth > MAX_DEPTH {
            return Err(Broken { message: "the front matter is nested too deeply".into(), range });
        }
        let value = match event {
            Event::Scalar(text, ScalarStyle::Plain, _, None) => plain(text),
            Event::Scalar(text, ..) => Yaml::Text(text),
            Event::Alias(_) => Yaml::Alias,
            Event::SequenceStart(..) => {
                let mut items: Vec<(Yaml<'a>, Range<usize>)> = Vec::new();
                loop {
                    let (event, at) = self.next()?;
                    if matches!(event, Event::SequenceEnd | Event::StreamEnd) {
                        let end = items.last().map_or(range.end, |(_, last)| last.end);
                        let start = items.first().map_or(range.start, |(_, first)| first.start);
                        return Ok((Yaml::List(items), start..end.max(start)));
                    }
                    items.push(self.value(event, at, depth + 1)?);
                }
            }
            Event::MappingStart(..) => loop {
                let (event, at) = self.next()?;
                if matches!(event, Event::MappingEnd | Event::StreamEnd) {
                    break Yaml::Table;
                }
                self.value(event, at, depth + 1)?;
            },
            _ => Yaml::Null,
        };
        Ok((value, range))
    }
}

/// Returns the body as the client tries it a second time: risky values in quotes, leading tabs as blanks.
fn mended(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + 16);
    for line in source.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        let tabs = content.bytes().take_while(|&b| b == b'\t').count();
        if tabs > 0 {
            out.push_str(&"  ".repeat(tabs));
            out.push_str(&content[tabs..]);
        } else if let Some((key, value)) = risky(content) {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"");
            out.push_str(&format!("{key}: \"{value}\""));
        } else {
            out.push_str(content);
        }
        out.push_str(&line[content.len()..]);
    }
    out
}

fn risky(line: &str) -> Option<(&str, &str)> {
    let (key, rest) = line.split_once(':')?;
    let is_key = |b: u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-');
    if key.is_empty() || !key.bytes().all(is_key) || !rest.starts_with([' ', '\t']) {
        return None;
    }
    let value = rest.trim();
    let quoted =
        |quote: char| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote);
    if value.is_empty() || quoted('"') || quoted('\'') {
        return None;
    }
    let special = value.contains(['{', '}', '[', ']', '*', '&', '#', '!', '|', '>', '%', '@', '`']);
    (special || value.contains(": ")).then_some((key, value))
}
