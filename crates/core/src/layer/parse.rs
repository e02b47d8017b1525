//! Parsing TOML into nodes with places.
//!
//! The parser of `toml` recovers from errors, so that one run reports every syntax error of a file.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use foldhash::fast::RandomState;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::placeholder::Placeholder;
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::source::{Node, SourceId, Span, Table, Value};

/// Parses a text into a table node. Syntax errors are reported to the sink, and their lines are ignored.
pub fn parse_toml(source: SourceId, text: &str, sink: &mut Sink) -> Arc<Node> {
    if let Some(kind) = Placeholder::of(text.as_bytes()) {
        let first = text.lines().next().unwrap_or_default().len();
        let message = format!("the file is {}", kind.what());
        let found = Diagnostic::new(code::GIT_FILTER, Span::new(source, 0..first), message);
        sink.push(found.help(kind.help()));
        let span = Span::new(source, 0..0);
        return Arc::new(Node::new(Value::from(Table::default()), span, span));
    }
    let text = text.strip_prefix('\u{feff}').map_or((text, 0), |rest| (rest, 3));
    let (table, errors) = DeTable::parse_recoverable(text.0);
    let broken = Broken::new(errors.iter().filter_map(toml::de::Error::span).collect());
    let mut reader = Reader { source, offset: text.1, broken, keys: HashSet::default() };
    for error in &errors {
        let range = error.span().unwrap_or(0..0);
        sink.push(syntax_error(reader.span(range), error.message()));
    }
    let span = reader.span(table.span());
    Arc::new(Node::new(Value::from(reader.table(table.into_inner(), sink)), span, span))
}

fn syntax_error(span: Span, message: &str) -> Diagnostic {
    let mut lines = message.lines();
    let first = lines.next().unwrap_or("invalid TOML");
    let diagnostic = Diagnostic::new(code::TOML_SYNTAX, span, format!("not valid TOML: {first}"));
    match lines.next() {
        Some(rest) => diagnostic.help(rest.to_owned()),
        None => diagnostic,
    }
}

struct Reader {
    source: SourceId,
    /// The length of the byte order mark before the parsed text.
    offset: usize,
    /// The byte ranges in which the parser recovered; values there are not valid.
    broken: Broken,
    /// The keys so far, shared: in a large document the same keys occur in every table.
    keys: HashSet<Arc<str>, RandomState>,
}

/// Ranges by their starts, each with the furthest end up to it.
struct Broken(Vec<(usize, usize)>);

impl Broken {
    fn new(mut ranges: Vec<Range<usize>>) -> Self {
        ranges.sort_unstable_by_key(|range| range.start);
        let mut furthest = 0;
        let reaching = ranges.into_iter().map(|range| {
            furthest = furthest.max(range.end);
            (range.start, furthest)
        });
        Self(reaching.collect())
    }

    fn touches(&self, range: &Range<usize>) -> bool {
        let before = self.0.partition_point(|(start, _)| *start <= range.end);
        let nearest = before.checked_sub(1).and_then(|at| self.0.get(at));
        nearest.is_some_and(|(_, furthest)| *furthest >= range.start)
    }
}

impl Reader {
    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.source, range.start + self.offset..range.end + self.offset)
    }

    fn key(&mut self, text: &str) -> Arc<str> {
        if let Some(key) = self.keys.get(text) {
            return Arc::clone(key);
        }
        let key: Arc<str> = Arc::from(text);
        self.keys.insert(Arc::clone(&key));
        key
    }

    fn table(&mut self, table: DeTable<'_>, sink: &mut Sink) -> Table {
        let mut nodes = Table::with_capacity_and_hasher(table.len(), RandomState::default());
        for (key, value) in table {
            let key_span = self.span(key.span());
            if let Some(node) = self.node(value, Some(key_span), sink) {
                nodes.insert(self.key(key.get_ref()), Arc::new(node));
            }
        }
        nodes
    }

    fn node(
        &mut self,
        value: Spanned<DeValue<'_>>,
        key: Option<Span>,
        sink: &mut Sink,
    ) -> Option<Node> {
        let range = value.span();
        if self.broken.touches(&range) {
            return None;
        }
        let span = self.span(range);
        let value = match value.into_inner() {
            DeValue::String(text) => Value::Str(Arc::from(text.as_ref())),
            DeValue::Boolean(value) => Value::Bool(value),
            DeValue::Datetime(value) => Value::Datetime(Arc::from(value.to_string())),
            DeValue::Array(items) => Value::Array(
                items
                    .into_iter()
                    .filter_map(|item| self.node(item, None, sink).map(Arc::new))
                    .collect(),
            ),
            DeValue::Table(table) => Value::from(self.table(table, sink)),
            DeValue::Integer(number) => {
                match i64::from_str_radix(number.as_str(), number.radix()) {
                    Ok(value) => Value::Int(value),
                    Err(_) => {
                        sink.push(syntax_error(span, "the integer does not fit into 64 bits"));
                        return None;
                    }
                }
            }
            DeValue::Float(number) => match number.as_str().parse::<f64>() {
                Ok(value) => Value::Float(value),
                Err(_) => {
                    sink.push(syntax_error(span, "the number cannot be read"));
                    return None;
                }
            },
        };
        Some(Node::new(value, span, key.unwrap_or(span)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{KeyPath, Sources};

    fn check(text: &str, key: &str, expect_json: &str, expect_written: &str) {
        let sources = Sources::default();
        let id = sources.add("layer.toml", "base", text);
        let mut sink = Sink::default();
        let root = parse_toml(id, text, &mut sink);
        assert_eq!(sink.into_diagnostics(), []);
        let node = root.at(&KeyPath::parse(key).expect("a path")).expect("the key is there");
        assert_eq!(node.to_json().to_string(), expect_json);
        assert_eq!(&text[node.span.range()], expect_written);
    }

    #[test]
    fn every_value_knows_its_bytes() {
        check("[a]\nb = [1, \"x\"] # c\n", "a.b[1]", "\"x\"", "\"x\"");
        check("a.b = { c = 0x10 }\n", "a.b.c", "16", "0x10");
        check("\u{feff}a = true\n", "a", "true", "true");
        check("a = 2027-03-31\n", "a", "\"2027-03-31\"", "2027-03-31");
    }

    #[test]
    fn all_syntax_errors_are_reported() {
        let sources = Sources::default();
        let text = "a = \nb = 1\nc = [1, \nd = 99999999999999999999\n";
        let id = sources.add("layer.toml", "base", text);
        let mut sink = Sink::default();
        let root = parse_toml(id, text, &mut sink);
        assert!(sink.into_diagnostics().len() >= 2);
        assert!(root.get("b").is_some(), "what parses is kept");
    }
}
