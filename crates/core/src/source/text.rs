//! Source texts and the places in them.

use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The number of a registered text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

impl SourceId {
    /// The first registered text.
    pub const FIRST: Self = Self(0);
}

/// A byte range of one source text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text.
    pub source: SourceId,
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// Returns the given byte range of a text; offsets are cut at 4 GiB, and no such text is loaded.
    pub fn new(source: SourceId, range: Range<usize>) -> Self {
        let cut = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { source, start: cut(range.start), end: cut(range.end) }
    }

    /// Returns the range as indices.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Returns a part of this span: `range` counts bytes from its start, cut at its end.
    pub fn part(self, range: Range<usize>) -> Self {
        let cut = |offset: usize| {
            self.start.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX)).min(self.end)
        };
        Self { source: self.source, start: cut(range.start), end: cut(range.end) }
    }
}

/// A place as lines and columns, both 1-based; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Line of the first character.
    pub line: usize,
    /// Column of the first character.
    pub column: usize,
    /// Line of the end.
    pub end_line: usize,
    /// Column one past the last character.
    pub end_column: usize,
}

/// One text, with its path.
#[derive(Debug)]
pub struct SourceText {
    /// The path for messages: relative to the config repository, or absolute for a file outside of it.
    pub path: String,
    /// The layer that the text belongs to, such as `team payments`; empty when it belongs to none.
    pub layer: String,
    /// The text; empty when the file is not UTF-8.
    pub text: Arc<str>,
    line_starts: OnceLock<Vec<usize>>,
}

impl SourceText {
    fn line_starts(&self) -> &[usize] {
        self.line_starts.get_or_init(|| {
            let ends = memchr::memchr_iter(b'\n', self.text.as_bytes()).map(|at| at + 1);
            std::iter::once(0).chain(ends).collect()
        })
    }

    /// Returns line and column (both 1-based) of a byte offset; an offset past the end counts as the end.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let starts = self.line_starts();
        let line = starts.partition_point(|&start| start <= offset);
        let start = starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let column = self.text.get(start..offset).map_or(0, |before| before.chars().count());
        (line, column + 1)
    }

    /// Returns the place of a byte range.
    pub fn place(&self, range: Range<usize>) -> Place {
        let (line, column) = self.line_column(range.start);
        let (end_line, end_column) = self.line_column(range.end.max(range.start));
        Place { line, column, end_line, end_column }
    }
}

/// The source texts of one run.
///
/// Texts are only added; ids stay valid. It can be shared between threads.
#[derive(Debug, Default)]
pub struct Sources {
    texts: Mutex<Vec<Arc<SourceText>>>,
}

impl Sources {
    /// Registers a text and returns its id.
    pub fn add(
        &self,
        path: impl Into<String>,
        layer: impl Into<String>,
        text: impl Into<Arc<str>>,
    ) -> SourceId {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        let id = SourceId(u32::try_from(texts.len()).unwrap_or(u32::MAX));
        texts.push(Arc::new(SourceText {
            path: path.into(),
            layer: layer.into(),
            text: text.into(),
            line_starts: OnceLock::new(),
        }));
        id
    }

    /// Returns the text with this id, which must come from this registry.
    pub fn get(&self, id: SourceId) -> Arc<SourceText> {
        let texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&texts[id.0 as usize])
    }

    /// Returns the start of a span as `file:line:column`.
    pub fn address(&self, span: Span) -> String {
        let source = self.get(span.source);
        let (line, column) = source.line_column(span.range().start);
        format!("{}:{line}:{column}", source.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_start_at_one() {
        let sources = Sources::default();
        let id = sources.add("a.toml", "base", "ä = 1\nb = \"ü\"\n");
        let check = |range: Range<usize>, expect: (usize, usize, usize, usize)| {
            let place = sources.get(id).place(range);
            assert_eq!((place.line, place.column, place.end_line, place.end_column), expect);
        };
        check(0..2, (1, 1, 1, 2));
        check(7..8, (2, 1, 2, 2));
        check(11..15, (2, 5, 2, 8));
        check(900..901, (3, 1, 3, 1));
    }
}
