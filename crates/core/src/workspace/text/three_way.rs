//! Three texts made one: what two sides changed in different lines of a common base.
//!
//! Compared are lines without their ends, as everywhere in this module. What one side alone changed is taken; what both
//! changed in the same way is taken once; all else is no merge, and neither are changes without an unchanged line between
//! them. A line that our side has keeps its bytes.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// What is longer is not merged: the time that it takes grows with the product of length and change.
const MAX_BYTES: usize = 256 * 1024;

/// The text that has both sides' changes; `None` where they meet.
///
/// Merging the result with the same base and the same other side again gives the result: so a merge may be repeated when
/// nobody knows whether it was written.
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

/// Whether two texts differ in nothing that counts.
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

/// A text that is put together line by line.
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

    /// Takes the last line's end away, unless the line would go with it.
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

/// A range of the base that a side replaced, and by which of its lines.
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

/// The result, in order; `None` where both sides changed the same place differently.
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
