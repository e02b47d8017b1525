//! The marked block in a text file. Everything around it is left unchanged, byte for byte.
//!
//! A new block goes to the top: later text is closer to the prompt, so the developer's own text has the last word.

use std::ops::Range;

use crate::agent::{BLOCK_BEGIN, BLOCK_END};

const BOM: &str = "\u{feff}";

/// Why the block of a text cannot be found unambiguously.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockError {
    /// The line to blame, 1-based.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// The block of a text, as byte ranges: with the lines of the markers, and between them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct MarkedBlock {
    outer: Range<usize>,
    inner: Range<usize>,
}

/// Returns the text between the markers; `None` without a block. Fails when the markers are ambiguous.
pub fn read(text: &str) -> Result<Option<&str>, BlockError> {
    Ok(find(text)?.map(|found| text.get(found.inner).unwrap_or("")))
}

/// Returns the line of the begin marker, 1-based; 1 if there is no block.
pub fn line(text: &str) -> usize {
    let start = find(text).ok().flatten().map_or(0, |found| found.outer.start);
    text.get(..start).map_or(0, |before| before.matches('\n').count()) + 1
}

/// Returns the text of a file that contains only the block.
pub fn new_file(content: &str) -> String {
    framed(content, "\n")
}

/// Returns the text with this content in its block; a missing block is added at the top. Fails when the markers are
/// ambiguous.
pub fn write(text: &str, content: &str) -> Result<String, BlockError> {
    let newline = newline_of(text);
    let block = framed(content, newline);
    Ok(match find(text)? {
        Some(found) => {
            let (before, after) = (text.get(..found.outer.start), text.get(found.outer.end..));
            [before.unwrap_or(""), &block, after.unwrap_or("")].concat()
        }
        None => {
            let (bom, rest) = split_bom(text);
            let blank = if rest.is_empty() { "" } else { newline };
            [bom, &block, blank, rest].concat()
        }
    })
}

/// Returns the text without its block, and without the blank line that [`fn@write`] adds after it. Fails when the markers
/// are ambiguous.
pub fn remove(text: &str) -> Result<String, BlockError> {
    let Some(found) = find(text)? else { return Ok(text.to_owned()) };
    let before = text.get(..found.outer.start).unwrap_or("");
    let after = text.get(found.outer.end..).unwrap_or("");
    let blank = after.strip_prefix("\r\n").or_else(|| after.strip_prefix('\n'));
    Ok([before, blank.unwrap_or(after)].concat())
}

/// Returns true if a block can hold the content, that is, if it contains no marker.
pub fn can_hold(content: &str) -> bool {
    !content.lines().any(|line| matches!(line.trim(), BLOCK_BEGIN | BLOCK_END))
}

fn framed(content: &str, newline: &str) -> String {
    let mut block = String::with_capacity(content.len() + 64);
    for line in [BLOCK_BEGIN].into_iter().chain(content.lines()).chain([BLOCK_END]) {
        block.push_str(line);
        block.push_str(newline);
    }
    block
}

fn newline_of(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text.get(..at).is_some_and(|line| line.ends_with('\r')) => "\r\n",
        _ => "\n",
    }
}

fn split_bom(text: &str) -> (&str, &str) {
    text.strip_prefix(BOM).map_or(("", text), |rest| (BOM, rest))
}

/// Finds the block. A marker is a line of its own; whitespace around it is ignored.
fn find(text: &str) -> Result<Option<MarkedBlock>, BlockError> {
    let (bom, rest) = split_bom(text);
    if !rest.contains(BLOCK_BEGIN) && !rest.contains(BLOCK_END) {
        return Ok(None);
    }
    let mut at = bom.len();
    let mut fence: Option<(char, usize)> = None;
    let mut begin: Option<(usize, Range<usize>)> = None;
    let mut found: Option<MarkedBlock> = None;
    for (index, line) in rest.split_inclusive('\n').enumerate() {
        let place = at..at + line.len();
        at = place.end;
        let error =
            |message: &str| Err(BlockError { line: index + 1, message: message.to_owned() });
        match line.trim() {
            BLOCK_BEGIN | BLOCK_END if fence.is_some() && begin.is_none() => {
                return error("a claude-env marker is inside a code fence");
            }
            BLOCK_BEGIN if begin.is_some() => {
                return error("a second begin marker stands before the end marker");
            }
            BLOCK_BEGIN if found.is_some() => return error("there is a second claude-env block"),
            BLOCK_BEGIN => begin = Some((index + 1, place)),
            BLOCK_END => match begin.take() {
                Some((_, first)) => {
                    found = Some(MarkedBlock {
                        outer: first.start..place.end,
                        inner: first.end..place.start,
                    });
                }
                None => return error("an end marker has no begin marker before it"),
            },
            // Fences inside the block are ignored.
            line if begin.is_none() => fence = fence_after(fence, line),
            _ => {}
        }
    }
    match begin {
        Some((line, _)) => Err(BlockError {
            line,
            message: "the begin marker has no end marker after it".to_owned(),
        }),
        None => Ok(found),
    }
}

/// Returns the open code fence after a line, as its character and length; `None` outside of a fence.
fn fence_after(open: Option<(char, usize)>, line: &str) -> Option<(char, usize)> {
    let Some(mark @ ('`' | '~')) = line.chars().next() else { return open };
    let length = line.chars().take_while(|&c| c == mark).count();
    if length < 3 {
        return open;
    }
    let rest = line.get(length..).unwrap_or("");
    match open {
        Some((c, wanted)) if c == mark && length >= wanted && rest.trim().is_empty() => None,
        Some(_) => open,
        None if mark == '`' && rest.contains('`') => None,
        None => Some((mark, length)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, content: &str, expect: &str) {
        let written = write(text, content).expect("a text that can be written to");
        assert_eq!(written, expect);
        assert_eq!(write(&written, content).as_deref(), Ok(expect), "writing again");
    }

    #[test]
    fn the_block_goes_to_the_top_and_is_replaced_where_it_is() {
        let block = "<!-- claude-env:begin -->\nours\n<!-- claude-env:end -->\n";
        check("", "ours\n", block);
        check("# Mine\n", "ours\n", &format!("{block}\n# Mine\n"));
        check("no newline", "ours\n", &format!("{block}\nno newline"));
        check("\u{feff}x\n", "ours\n", &format!("\u{feff}{block}\nx\n"));
        check("a\r\nb", "ours\n", &format!("{block}\na\nb").replace('\n', "\r\n"));
        let old = block.replace("ours", "older\nlines");
        check(&format!("top\n{old}end"), "ours\n", &format!("top\n{block}end"));
    }

    #[test]
    fn markers_that_make_no_block_are_errors() {
        let fails = |text: &str, line: usize, message: &str| {
            let error = read(text).expect_err("no clear block");
            assert_eq!((error.line, error.message.as_str()), (line, message));
            assert!(write(text, "x\n").is_err() && remove(text).is_err());
        };
        let (begin, end) = (BLOCK_BEGIN, BLOCK_END);
        fails(&format!("a\n{begin}\nb\n"), 2, "the begin marker has no end marker after it");
        fails(&format!("{end}\n"), 1, "an end marker has no begin marker before it");
        fails(
            &format!("{begin}\n{begin}\n{end}\n"),
            2,
            "a second begin marker stands before the end marker",
        );
        fails(
            &format!("{begin}\n{end}\n{begin}\n{end}\n"),
            3,
            "there is a second claude-env block",
        );
        fails(
            &format!("```html\n{begin}\n{end}\n```\n"),
            2,
            "a claude-env marker is inside a code fence",
        );
        assert_eq!(read(&format!("see `{begin}`\n")), Ok(None));
        assert_eq!(read(&format!("{begin}\n```\n{end}\n")), Ok(Some("```\n")));
        assert!(!can_hold(&format!("a\n {end}\n")));
    }

    proptest! {
        #[test]
        fn taking_the_block_out_restores_the_text(
            text in "(\u{feff})?([a-z`~# -]{0,6}(\n|\r\n)){0,6}[a-z]{0,3}",
            content in "([a-z`~ ]{0,6}\n){0,4}",
        ) {
            let written = write(&text, &content).expect("no markers in it");
            let removed = remove(&written).expect("a block");
            prop_assert_eq!(&removed, &text);
            let read = read(&written).expect("a block").expect("a block").replace("\r\n", "\n");
            prop_assert_eq!(read, content);
        }
    }
}
