//! A lossless parser for JSON and JSONC.
//!
//! A [`Document`] keeps every byte of its text: comments, whitespace and commas are stored with the members of a tree, so an
//! unchanged part is printed as it was. Comments and trailing commas are allowed; other extensions of JSON are not.

use std::borrow::Cow;

use serde_json::Value as Json;

/// The deepest nesting that is parsed.
const MAX_DEPTH: usize = 120;

/// Why a text is not JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// The line of the error, 1-based.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// A text as a tree.
#[derive(Clone, Debug)]
pub struct Document<'t> {
    bom: bool,
    /// The text before the value.
    lead: Cow<'t, str>,
    /// The value; `None` in a text without one.
    pub(in crate::workspace) root: Option<Node<'t>>,
    /// The text after the value.
    tail: Cow<'t, str>,
    pub(in crate::workspace) style: Style,
}

/// How a text is formatted, so that new members look alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::workspace) struct Style {
    pub(in crate::workspace) newline: &'static str,
    /// One step of indentation.
    pub(in crate::workspace) unit: String,
    /// Everything is on one line.
    pub(in crate::workspace) compact: bool,
    /// There is a space after a colon.
    pub(in crate::workspace) spaced: bool,
}

/// One value.
#[derive(Clone, Debug)]
pub(in crate::workspace) enum Node<'t> {
    /// A string, number, `true`, `false` or `null`, as written.
    Leaf(Cow<'t, str>),
    Tree(Tree<'t>),
}

/// An object or array.
#[derive(Clone, Debug)]
pub(in crate::workspace) struct Tree<'t> {
    pub(in crate::workspace) array: bool,
    pub(in crate::workspace) members: Vec<Member<'t>>,
    /// The text after the last member, or its comma, up to the closing bracket.
    pub(in crate::workspace) tail: Cow<'t, str>,
}

/// A property of an object, or an item of an array.
#[derive(Clone, Debug)]
pub(in crate::workspace) struct Member<'t> {
    /// The line on which the member starts, 1-based; 0 for one that was added.
    pub(in crate::workspace) line: usize,
    /// The text before the member, from the previous bracket or comma.
    pub(in crate::workspace) lead: Cow<'t, str>,
    /// The key; `None` in an array.
    pub(in crate::workspace) key: Option<Key<'t>>,
    pub(in crate::workspace) value: Node<'t>,
    /// The text between the value and its comma; empty without a comma.
    pub(in crate::workspace) trail: Cow<'t, str>,
    pub(in crate::workspace) comma: bool,
}

/// The key of a property.
#[derive(Clone, Debug)]
pub(in crate::workspace) struct Key<'t> {
    /// As written, in quotes.
    pub(in crate::workspace) raw: Cow<'t, str>,
    pub(in crate::workspace) name: Cow<'t, str>,
    /// The colon and the text around it.
    pub(in crate::workspace) colon: Cow<'t, str>,
}

impl<'t> Document<'t> {
    /// Parses a text. Fails when it is not JSON, or is nested too deeply.
    pub fn parse(text: &'t str) -> Result<Self, JsonError> {
        let (bom, text) = text.strip_prefix('\u{feff}').map_or((false, text), |rest| (true, rest));
        let mut parser = JsonParser { text, at: 0, line: 1 };
        let lead = parser.trivia()?;
        let root = if parser.rest().is_empty() { None } else { Some(parser.node(0)?) };
        let tail = parser.trivia()?;
        if !parser.rest().is_empty() {
            return Err(parser.error("something follows the end of the document"));
        }
        let style = Style::of(text, root.as_ref());
        Ok(Self { bom, lead: Cow::Borrowed(lead), root, tail: Cow::Borrowed(tail), style })
    }

    /// Returns the text.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        if self.bom {
            out.push('\u{feff}');
        }
        out.push_str(&self.lead);
        if let Some(root) = &self.root {
            root.print(&mut out);
        }
        out.push_str(&self.tail);
        out
    }

    /// Returns true if the text is empty, without even a comment.
    pub fn is_blank(&self) -> bool {
        self.root.is_none() && !self.has_loose_comment()
    }

    /// Returns true if there is a comment outside of the value.
    pub fn has_loose_comment(&self) -> bool {
        has_comment(&self.lead) || has_comment(&self.tail)
    }

    /// Returns the whole value; `null` for a text without one.
    pub fn to_json(&self) -> Json {
        self.root.as_ref().map_or(Json::Null, Node::to_json)
    }

    /// Makes room for a value in a text without one: on a line of its own, after the comments.
    pub(in crate::workspace) fn end_lead(&mut self) {
        if !self.lead.is_empty() && !self.lead.ends_with('\n') {
            self.lead.to_mut().push_str(self.style.newline);
        }
        self.tail = Cow::Borrowed(self.style.newline);
    }

    /// Returns the indentation of the line on which the value starts.
    pub(in crate::workspace) fn indent(&self) -> String {
        indent_after(&self.lead).unwrap_or("").to_owned()
    }
}

impl Style {
    fn of(text: &str, root: Option<&Node<'_>>) -> Self {
        let newline = match text.find('\n') {
            Some(at) if text.get(..at).is_some_and(|line| line.ends_with('\r')) => "\r\n",
            _ => "\n",
        };
        let mut style = Self { newline, unit: "  ".to_owned(), compact: false, spaced: true };
        let Some(Node::Tree(tree)) = root else { return style };
        let Some(first) = tree.members.first() else { return style };
        style.compact = !tree.is_multiline();
        match indent_after(&first.lead) {
            Some(indent) if !indent.is_empty() => style.unit = indent.to_owned(),
            _ => {}
        }
        if let Some(key) = &first.key {
            style.spaced = !style.compact || key.colon.ends_with([' ', '\t']);
        }
        style
    }
}

impl<'t> Node<'t> {
    fn print(&self, out: &mut String) {
        let tree = match self {
            Node::Leaf(text) => return out.push_str(text),
            Node::Tree(tree) => tree,
        };
        out.push(if tree.array { '[' } else { '{' });
        for member in &tree.members {
            out.push_str(&member.lead);
            if let Some(key) = &member.key {
                out.push_str(&key.raw);
                out.push_str(&key.colon);
            }
            member.value.print(out);
            if member.comma {
                out.push_str(&member.trail);
                out.push(',');
            }
        }
        out.push_str(&tree.tail);
        out.push(if tree.array { ']' } else { '}' });
    }

    /// Returns the value as data. Of duplicate keys the last one counts, as in JavaScript.
    pub(in crate::workspace) fn to_json(&self) -> Json {
        match self {
            Node::Leaf(text) => serde_json::from_str(text).unwrap_or(Json::Null),
            Node::Tree(tree) if tree.array => {
                tree.members.iter().map(|member| member.value.to_json()).collect()
            }
            Node::Tree(tree) => {
                let pairs = tree.members.iter().filter_map(|member| {
                    Some((member.key.as_ref()?.name.to_string(), member.value.to_json()))
                });
                Json::Object(pairs.collect())
            }
        }
    }

    pub(in crate::workspace) fn as_object(&self) -> Option<&Tree<'t>> {
        match self {
            Node::Tree(tree) if !tree.array => Some(tree),
            _ => None,
        }
    }

    pub(in crate::workspace) fn as_array(&self) -> Option<&Tree<'t>> {
        match self {
            Node::Tree(tree) if tree.array => Some(tree),
            _ => None,
        }
    }
}

impl Tree<'_> {
    /// Returns true if members are on lines of their own.
    pub(in crate::workspace) fn is_multiline(&self) -> bool {
        self.tail.contains('\n') || self.members.iter().any(|member| member.lead.contains('\n'))
    }

    /// Returns true if it is empty, without even a comment.
    pub(in crate::workspace) fn is_bare(&self) -> bool {
        self.members.is_empty() && !has_comment(&self.tail)
    }
}

/// Returns true if whitespace and comments contain a comment.
pub(in crate::workspace) fn has_comment(trivia: &str) -> bool {
    trivia.contains('/')
}

/// Returns the indentation after the last line break; `None` without a line break.
pub(in crate::workspace) fn indent_after(trivia: &str) -> Option<&str> {
    let (_, last) = trivia.rsplit_once('\n')?;
    let end = last.find(|c: char| !matches!(c, ' ' | '\t')).unwrap_or(last.len());
    last.get(..end)
}

/// A text that is being parsed.
struct JsonParser<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl<'t> JsonParser<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn error(&self, message: impl Into<String>) -> JsonError {
        JsonError { line: self.line, message: message.into() }
    }

    /// Takes a number of bytes, which must end at a character boundary.
    fn take(&mut self, length: usize) -> &'t str {
        let taken = self.rest().get(..length).unwrap_or("");
        self.at += taken.len();
        self.line += memchr::memchr_iter(b'\n', taken.as_bytes()).count();
        taken
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.take(wanted.len_utf8());
        }
        found
    }

    /// Takes whitespace and comments.
    fn trivia(&mut self) -> Result<&'t str, JsonError> {
        let start = self.at;
        loop {
            let rest = self.rest();
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
            self.take(blanks);
            let rest = self.rest();
            if rest.starts_with("//") {
                self.take(rest.find('\n').unwrap_or(rest.len()));
            } else if rest.starts_with("/*") {
                let Some(end) = rest.get(2..).and_then(|inner| inner.find("*/")) else {
                    return Err(self.error("a comment is not closed"));
                };
                self.take(end + 4);
            } else {
                return Ok(self.text.get(start..self.at).unwrap_or(""));
            }
        }
    }

    fn node(&mut self, depth: usize) -> Result<Node<'t>, JsonError> {
        if depth > MAX_DEPTH {
            return Err(self.error("the nesting is too deep"));
        }
        if self.eat('{') {
            return self.tree(false, '}', depth).map(Node::Tree);
        }
        if self.eat('[') {
            return self.tree(true, ']', depth).map(Node::Tree);
        }
        self.leaf().map(|text| Node::Leaf(Cow::Borrowed(text)))
    }

    fn tree(&mut self, array: bool, close: char, depth: usize) -> Result<Tree<'t>, JsonError> {
        let mut tree = Tree { array, members: Vec::new(), tail: Cow::Borrowed("") };
        loop {
            let lead = self.trivia()?;
            if self.eat(close) {
                tree.tail = Cow::Borrowed(lead);
                return Ok(tree);
            }
            let line = self.line;
            let key = if array { None } else { Some(self.key()?) };
            let value = self.node(depth + 1)?;
            let trail = self.trivia()?;
            let comma = self.eat(',');
            let lead = Cow::Borrowed(lead);
            let kept = Cow::Borrowed(if comma { trail } else { "" });
            tree.members.push(Member { line, lead, key, value, trail: kept, comma });
            if !comma {
                if !self.eat(close) {
                    return Err(self.error(format!("expected `,` or `{close}`")));
                }
                tree.tail = Cow::Borrowed(trail);
                return Ok(tree);
            }
        }
    }

    fn key(&mut self) -> Result<Key<'t>, JsonError> {
        if !self.rest().starts_with('"') {
            return Err(self.error("expected a key in double quotes"));
        }
        let raw = self.leaf()?;
        let name: String =
            serde_json::from_str(raw).map_err(|_| self.error("a key is not a valid string"))?;
        let start = self.at;
        self.trivia()?;
        if !self.eat(':') {
            return Err(self.error("expected `:` after a key"));
        }
        self.trivia()?;
        let colon = self.text.get(start..self.at).unwrap_or("");
        Ok(Key { raw: Cow::Borrowed(raw), name: Cow::Owned(name), colon: Cow::Borrowed(colon) })
    }

    /// Takes a string, number or word.
    fn leaf(&mut self) -> Result<&'t str, JsonError> {
        let rest = self.rest();
        let length = if rest.starts_with('"') {
            string_length(rest).ok_or_else(|| self.error("a string is not closed"))?
        } else {
            let end = |c: char| {
                c.is_whitespace() || matches!(c, ',' | ':' | '[' | ']' | '{' | '}' | '/' | '"')
            };
            rest.find(end).unwrap_or(rest.len())
        };
        let text = rest.get(..length).unwrap_or("");
        if text.is_empty() {
            return Err(self.error("expected a value"));
        }
        if serde_json::from_str::<Json>(text).is_err() {
            let shown: String = text.chars().take(40).collect();
            return Err(self.error(format!("`{shown}` is not a JSON value")));
        }
        Ok(self.take(length))
    }
}

/// Returns the length of the string at the start of a text in bytes, with its quotes; `None` if it does not end.
fn string_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            _ => at += 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<&str, (usize, &str)>) {
        let document = Document::parse(text);
        let shown = document.as_ref().map(|document| document.to_json().to_string());
        let shown = shown.as_deref().map_err(|e| (e.line, e.message.as_str()));
        assert_eq!(shown, expect, "{text}");
        if let Ok(document) = document {
            assert_eq!(document.to_text(), text);
        }
    }

    #[test]
    fn every_byte_is_kept() {
        check(" {\"a\" : 1 , \"b\":[ ] }\r\n", Ok(r#"{"a":1,"b":[]}"#));
        check("\u{feff}// top\n{ /* a */ \"a\": [1, 2, ], // x\n}\n", Ok(r#"{"a":[1,2]}"#));
        check("{\"a\\u0062\": \"\\\"//\", \"a\": -1.5e3}", Ok(r#"{"ab":"\"//","a":-1500.0}"#));
        check("", Ok("null"));
        check(" // nothing\n", Ok("null"));
        check("[true,false,null]", Ok("[true,false,null]"));
    }

    #[test]
    fn errors_name_the_line() {
        check("{\n\"a\": 1\n\"b\": 2}", Err((3, "expected `,` or `}`")));
        check("{\n'a': 1}", Err((2, "expected a key in double quotes")));
        check("{\"a\" 1}", Err((1, "expected `:` after a key")));
        check("{\"a\": }", Err((1, "expected a value")));
        check("[01]", Err((1, "`01` is not a JSON value")));
        check("[\n\n\"a]", Err((3, "a string is not closed")));
        check("{} x", Err((1, "something follows the end of the document")));
        check("[1 /* ]", Err((1, "a comment is not closed")));
        check(&"[".repeat(200), Err((1, "the nesting is too deep")));
        check("<<<<<<< HEAD\n{}", Err((1, "`<<<<<<<` is not a JSON value")));
    }
}
