//! A three-way merge of texts, by lines.
//!
//! Lines are compared without their line endings. A change of one side is taken; the same change of both sides is taken
//! once. Anything else is a conflict, also changes without an unchanged line between them. Lines of our side keep their
//! bytes.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// The longest text that is merged, in bytes: the time grows with the product of length and number of changes.
const MAX_BYTES: usize = 256 * 1024;

/// Merges two texts with a common base; `None` on a conflict, and for texts that are binary or too long.
///
/// Merging the result again with the same base and other side gives the same result, so a merge can be repeated after an
/// interruption.
pub(in crate::workspace) fn merge(base: &[u8], ours: &[u8], theirs: &[u8]) -> Option<Vec<u8>> {
    let text = |bytes| str::from_utf8(bytes).ok().filter(|text: &&str| !text.contains('\0'));
    if same(base, ours) {
        return Some(theirs.to_vec());
    }
    if same(base, theirs) || same(ours, theirs) {
        return Some(ours.to_vec());
    }
    if [base, ours, theirs].iter().any(|bytes| bytes.len() > MAX_BYTES) {
        return None;
    }
    let (base, ours, theirs) = (text(base)?, text(ours)?, text(theirs)?);
    let once = once(base, ours, theirs)?;
    let again = self::once(base, &once, theirs)?;
    (once == again).then(|| once.into_bytes())
}

/// Returns true if two texts have the same lines.
fn same(a: &[u8], b: &[u8]) -> bool {
    match (str::from_utf8(a), str::from_utf8(b)) {
        (Ok(a), Ok(b)) => Lines::of(a).keys == Lines::of(b).keys,
        _ => a == b,
    }
}

fn once(base: &str, ours: &str, theirs: &str) -> Option<String> {
    let (base, ours, theirs) = (Lines::of(base), Lines::of(ours), Lines::of(theirs));
    let mut out = LineWriter { text: ours.bom.to_owned(), newline: ours.newline };
    for piece in merged_ranges(&base.keys, &ours.keys, &theirs.keys)? {
        match piece {
            MergedRange::Ours(range) => {
                ours.whole.get(range)?.iter().for_each(|line| out.push(line));
            }
            MergedRange::Theirs(range) => {
                theirs.keys.get(range)?.iter().for_each(|line| out.push(line));
            }
        }
    }
    if !ours.ends {
        out.trim_end();
    }
    Some(out.text)
}

/// The lines of a text.
struct Lines<'t> {
    bom: &'t str,
    /// Without their ends.
    keys: Vec<&'t str>,
    /// As they are.
    whole: Vec<&'t str>,
    newline: &'static str,
    /// Whether the last line has an end.
    ends: bool,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        let (bom, text) = match text.strip_prefix('\u{feff}') {
            Some(rest) => ("\u{feff}", rest),
            None => ("", text),
        };
        let whole: Vec<&str> = text.split_inclusive('\n').collect();
        let key = |line: &&'t str| {
            let line = line.strip_suffix('\n').unwrap_or(line);
            line.strip_suffix('\r').unwrap_or(line)
        };
        let crlf = whole.first().is_some_and(|line| line.ends_with("\r\n"));
        Self {
            bom,
            keys: whole.iter().map(key).collect(),
            newline: if crlf { "\r\n" } else { "\n" },
            ends: text.is_empty() || text.ends_with('\n'),
            whole,
        }
    }
}

/// A text that is built line by line.
struct LineWriter {
    text: String,
    newline: &'static str,
}

impl LineWriter {
    fn push(&mut self, line: &str) {
        self.text.push_str(line);
        if !line.ends_with('\n') {
            self.text.push_str(self.newline);
        }
    }

    /// Removes the last line ending, unless that removes the line.
    fn trim_end(&mut self) {
        if let Some(rest) = self.text.strip_suffix('\n') {
            let rest = rest.strip_suffix('\r').unwrap_or(rest);
            if !rest.is_empty() && !rest.ends_with('\n') {
                self.text.truncate(rest.len());
            }
        }
    }
}

/// Lines of the result, as a range of one side's.
#[derive(Debug, PartialEq, Eq)]
enum MergedRange {
    Ours(Range<usize>),
    Theirs(Range<usize>),
}

/// A range of lines of the base, and the lines of a side that replaced it.
#[derive(Clone, Debug)]
struct Hunk {
    base: Range<usize>,
    side: Range<usize>,
}

fn hunks(base: &[&str], side: &[&str]) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, base, side) {
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        let (base, side) = (op.old_range(), op.new_range());
        match hunks.last_mut() {
            Some(last) if last.base.end == base.start => {
                last.base.end = base.end;
                last.side.end = side.end;
            }
            _ => hunks.push(Hunk { base, side }),
        }
    }
    hunks
}

/// Returns the parts of the result, in order; `None` where both sides changed the same place differently.
fn merged_ranges(base: &[&str], ours: &[&str], theirs: &[&str]) -> Option<Vec<MergedRange>> {
    let (our_hunks, their_hunks) = (hunks(base, ours), hunks(base, theirs));
    let (mut our_hunks, mut their_hunks) =
        (our_hunks.into_iter().peekable(), their_hunks.into_iter().peekable());
    let mut merged_ranges = Vec::new();
    // How far the base is done, and where that is on each side.
    let (mut done, mut our_done, mut their_done) = (0, 0, 0);
    loop {
        let start = match (our_hunks.peek(), their_hunks.peek()) {
            (None, None) => break,
            (Some(one), None) | (None, Some(one)) => one.base.start,
            (Some(one), Some(other)) => one.base.start.min(other.base.start),
        };
        // Everything that touches goes together.
        let mut end = start;
        let (mut by_us, mut by_them) = (Vec::new(), Vec::new());
        loop {
            if let Some(hunk) = our_hunks.next_if(|hunk| hunk.base.start <= end) {
                end = end.max(hunk.base.end);
                by_us.push(hunk);
            } else if let Some(hunk) = their_hunks.next_if(|hunk| hunk.base.start <= end) {
                end = end.max(hunk.base.end);
                by_them.push(hunk);
            } else {
                break;
            }
        }
        let same = start.checked_sub(done)?;
        merged_ranges.push(MergedRange::Ours(our_done..our_done + same));
        let side = |from: usize, hunks: &[Hunk]| {
            let grown: usize = hunks.iter().map(|hunk| hunk.side.len()).sum();
            let replaced: usize = hunks.iter().map(|hunk| hunk.base.len()).sum();
            let from = from + same;
            Some(from..(from + (end - start) + grown).checked_sub(replaced)?)
        };
        let (our_side, their_side) = (side(our_done, &by_us)?, side(their_done, &by_them)?);
        (done, our_done, their_done) = (end, our_side.end, their_side.end);
        merged_ranges.push(if by_us.is_empty() {
            MergedRange::Theirs(their_side)
        } else if by_them.is_empty() || ours.get(our_side.clone())? == theirs.get(their_side)? {
            MergedRange::Ours(our_side)
        } else {
            return None;
        });
    }
    merged_ranges.push(MergedRange::Ours(our_done..ours.len()));
    Some(merged_ranges)
}

#[cfg(test)]
mod tests;
