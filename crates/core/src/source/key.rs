//! Key paths, which name a value of a layer.

use std::fmt;
use std::sync::Arc;

/// A dotted path to a value, such as `mcp_servers.docs.headers` or `files."agents/old.md"`.
///
/// The notation is that of TOML: a segment that is not a bare key is in double quotes. An empty path names the whole
/// document.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPath(Vec<Arc<str>>);

impl KeyPath {
    /// Parses a path in TOML's notation for dotted keys.
    ///
    /// An index in brackets, as in `allow[0]`, is a segment. Fails with the reason, as a sentence fragment.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut segments = Vec::new();
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err("the path is empty".to_owned());
        }
        loop {
            let (segment, after) = take_segment(rest)?;
            segments.push(Arc::from(segment));
            rest = after;
            while let Some(inner) = rest.strip_prefix('[') {
                let (index, after) = inner.split_once(']').ok_or("`[` is not closed")?;
                if index.is_empty() || !index.bytes().all(|b| b.is_ascii_digit()) {
                    return Err(format!("`[{index}]` is not an index"));
                }
                segments.push(Arc::from(index));
                rest = after;
            }
            if rest.is_empty() {
                return Ok(Self(segments));
            }
            rest = rest.strip_prefix('.').ok_or_else(|| format!("expected `.` before `{rest}`"))?;
        }
    }

    /// Returns the segments, outermost first.
    pub fn segments(&self) -> &[Arc<str>] {
        &self.0
    }

    /// Appends a segment.
    pub fn push(&mut self, segment: Arc<str>) {
        self.0.push(segment);
    }

    /// Removes the last segment.
    pub fn pop(&mut self) {
        self.0.pop();
    }

    /// Returns the path with one more segment.
    pub fn join(&self, segment: &str) -> Self {
        let mut longer = self.clone();
        longer.0.push(Arc::from(segment));
        longer
    }

    /// Returns true if the path has no segment.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<S: AsRef<str>> FromIterator<S> for KeyPath {
    fn from_iter<I: IntoIterator<Item = S>>(segments: I) -> Self {
        Self(segments.into_iter().map(|segment| Arc::from(segment.as_ref())).collect())
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, segment) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            f.write_str(&quote_segment(segment))?;
        }
        Ok(())
    }
}

/// Returns the notation of a segment: bare where TOML allows it, otherwise in double quotes.
pub fn quote_segment(segment: &str) -> String {
    let bare = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if !segment.is_empty() && segment.bytes().all(bare) {
        segment.to_owned()
    } else {
        format!("\"{}\"", segment.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

/// Takes one segment, bare or quoted, from the front of `text`; also understands `*` and `**` for patterns.
pub(super) fn take_segment(text: &str) -> Result<(String, &str), String> {
    if let Some(inner) = text.strip_prefix('\'') {
        let (segment, rest) = inner.split_once('\'').ok_or("a quote is not closed")?;
        return Ok((segment.to_owned(), rest));
    }
    if let Some(inner) = text.strip_prefix('"') {
        let mut segment = String::new();
        let mut chars = inner.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => return Ok((segment, &inner[at + 1..])),
                '\\' => match chars.next() {
                    Some((_, escaped @ ('"' | '\\'))) => segment.push(escaped),
                    _ => return Err("only `\\\"` and `\\\\` may be escaped in a path".to_owned()),
                },
                c => segment.push(c),
            }
        }
        return Err("a quote is not closed".to_owned());
    }
    let end = text.find(['.', '[', ']', '"', '\'']).unwrap_or(text.len());
    let (segment, rest) = text.split_at(end);
    let segment = segment.trim();
    if segment.is_empty() {
        return Err("a segment is empty".to_owned());
    }
    if segment.contains(char::is_whitespace) {
        return Err(format!("`{segment}` has a blank in it: put the segment in quotes"));
    }
    Ok((segment.to_owned(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<&[&str], &str>) {
        let parsed = KeyPath::parse(text);
        let segments =
            parsed.as_ref().map(|path| path.0.iter().map(AsRef::as_ref).collect::<Vec<&str>>());
        assert_eq!(segments.as_deref().map_err(|e| e.as_str()), expect, "{text}");
    }

    #[test]
    fn paths_follow_tomls_notation() {
        check("a.b_c.d-e", Ok(&["a", "b_c", "d-e"]));
        check("files.\"agents/old.md\"", Ok(&["files", "agents/old.md"]));
        check("a.'x.y'", Ok(&["a", "x.y"]));
        check("permissions.deny[0]", Ok(&["permissions", "deny", "0"]));
        check("a..b", Err("a segment is empty"));
        check("a.\"b", Err("a quote is not closed"));
        check("a[x]", Err("`[x]` is not an index"));
        check("", Err("the path is empty"));
    }

    #[test]
    fn display_is_the_inverse_of_parse() {
        for text in ["a.b", "files.\"agents/old.md\"", "x.\"a\\\"b\".c"] {
            let path = KeyPath::parse(text).expect("a valid path");
            assert_eq!(path.to_string(), text);
        }
    }
}
