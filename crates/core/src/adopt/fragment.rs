//! Attributing changed lines of the block to its fragments.
//!
//! The block is a head, and the fragments with a blank line before each. A change is attributed to a fragment only if that
//! is unambiguous: a paragraph between two fragments could belong to either, so it belongs to neither.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// The edit of a fragment, by its index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FragmentEdit {
    /// Its new text.
    Text(usize, String),
    /// It is removed.
    Removed(usize),
}

/// A range of changed lines, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Hunk {
    old: Range<usize>,
    new: Range<usize>,
}

/// Returns the edits of the fragments that were changed. `names` are their display names.
///
/// Fails when a change could belong to several fragments, or belongs to none.
pub(super) fn attribute(
    expected: &str,
    fragments: &[&str],
    names: &[&str],
    actual: &str,
) -> Result<Vec<FragmentEdit>, String> {
    let actual = actual.replace("\r\n", "\n");
    let old: Vec<&str> = expected.lines().collect();
    let mut new: Vec<&str> = actual.lines().collect();
    // Blank lines before the end marker are ignored.
    while new.last().is_some_and(|line| line.trim().is_empty()) {
        new.pop();
    }
    let places = places(&old, fragments);
    let block = BlockDiff { old: &old, new: &new, places: &places, names };
    let mut hunks = hunks(&old, &new);
    let mut removed = Vec::new();
    let mut owners = Vec::new();
    for index in 0..hunks.len() {
        match block.owner(&mut hunks, index)? {
            HunkOwner::One(fragment) => owners.push(fragment),
            HunkOwner::Gone(fragments) => removed.extend(fragments),
        }
    }
    let mut edits: Vec<FragmentEdit> = removed.into_iter().map(FragmentEdit::Removed).collect();
    owners.dedup();
    for fragment in owners {
        let Some(place) = places.get(fragment) else { continue };
        let text = block.text(place, &hunks);
        edits.push(FragmentEdit::Text(fragment, text));
    }
    Ok(edits)
}

/// Returns the lines of each fragment.
fn places(old: &[&str], fragments: &[&str]) -> Vec<Range<usize>> {
    let lengths: Vec<usize> = fragments.iter().map(|text| text.lines().count()).collect();
    let mut at = old.len() - lengths.iter().map(|length| length + 1).sum::<usize>().min(old.len());
    lengths
        .into_iter()
        .map(|length| {
            let start = at + 1;
            at = start + length;
            start..at
        })
        .collect()
}

fn hunks(old: &[&str], new: &[&str]) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        let (old, new) = (op.old_range(), op.new_range());
        match hunks.last_mut() {
            Some(last) if last.old.end == old.start && last.new.end == new.start => {
                last.old.end = old.end;
                last.new.end = new.end;
            }
            _ => hunks.push(Hunk { old, new }),
        }
    }
    hunks
}

enum HunkOwner {
    One(usize),
    Gone(Range<usize>),
}

struct BlockDiff<'b> {
    old: &'b [&'b str],
    new: &'b [&'b str],
    places: &'b [Range<usize>],
    names: &'b [&'b str],
}

impl BlockDiff<'_> {
    /// Returns the owner of a hunk. Moves the hunk there, if the same change can be described in several ways.
    fn owner(&self, hunks: &mut [Hunk], index: usize) -> Result<HunkOwner, String> {
        let slides = self.slides(hunks, index);
        let mut found: Vec<(usize, Hunk)> = Vec::new();
        let mut elsewhere = false;
        for hunk in &slides {
            match self.within(hunk) {
                Some(fragment) => found.push((fragment, hunk.clone())),
                // A removal may also be that of a separator; an addition may also be outside of all fragments.
                None => elsewhere |= hunk.old.is_empty(),
            }
        }
        let first = found.first().map(|(fragment, _)| *fragment);
        let unanimous = found.iter().all(|(fragment, _)| Some(*fragment) == first);
        if let Some((fragment, hunk)) = found.first().filter(|_| unanimous && !elsewhere) {
            if let Some(place) = hunks.get_mut(index) {
                *place = hunk.clone();
            }
            return Ok(HunkOwner::One(*fragment));
        }
        for hunk in slides.iter().filter(|hunk| hunk.new.is_empty()) {
            if let Some(gone) = self.whole(hunk) {
                return Ok(HunkOwner::Gone(gone));
            }
        }
        Err(self.why(&slides, &found))
    }

    /// Returns the hunk, and every other place of it that makes the same text.
    fn slides(&self, hunks: &[Hunk], index: usize) -> Vec<Hunk> {
        let Some(hunk) = hunks.get(index) else { return Vec::new() };
        let mut slides = vec![hunk.clone()];
        let lines = match (hunk.old.is_empty(), hunk.new.is_empty()) {
            (true, false) => self.new.get(hunk.new.clone()),
            (false, true) => self.old.get(hunk.old.clone()),
            _ => None,
        };
        let Some(lines) = lines.filter(|lines| !lines.is_empty()) else { return slides };
        let floor = index.checked_sub(1).and_then(|at| hunks.get(at)).map_or(0, |it| it.old.end);
        let ceiling = hunks.get(index + 1).map_or(self.old.len(), |it| it.old.start);
        let at = |step: usize| lines.get(step % lines.len());
        let mut up = hunk.clone();
        let mut step = 0;
        while up.old.start > floor
            && self.old.get(up.old.start - 1) == at(lines.len() - 1 - step % lines.len())
        {
            up = Hunk {
                old: up.old.start - 1..up.old.end - 1,
                new: up.new.start - 1..up.new.end - 1,
            };
            step += 1;
            slides.push(up.clone());
        }
        let mut down = hunk.clone();
        let mut step = 0;
        while down.old.end < ceiling && self.old.get(down.old.end) == at(step) {
            down = Hunk {
                old: down.old.start + 1..down.old.end + 1,
                new: down.new.start + 1..down.new.end + 1,
            };
            step += 1;
            slides.push(down.clone());
        }
        slides
    }

    /// Returns the fragment that contains all old lines of a hunk and more; `None` if there is none.
    fn within(&self, hunk: &Hunk) -> Option<usize> {
        let lies = |place: &Range<usize>| {
            place.start <= hunk.old.start
                && hunk.old.end <= place.end
                && !(hunk.new.is_empty() && hunk.old == *place)
        };
        self.places.iter().position(lies)
    }

    /// Returns the fragments that a hunk removes with the separators before or after them; `None` if it is no such removal.
    fn whole(&self, hunk: &Hunk) -> Option<Range<usize>> {
        let starts =
            |place: &Range<usize>| [place.start, place.start - 1].contains(&hunk.old.start);
        let first = self.places.iter().position(starts)?;
        let before = self.places.get(first)?.start > hunk.old.start;
        let ends = |place: &Range<usize>| place.end + usize::from(!before) == hunk.old.end;
        let last = self.places.iter().position(ends)?;
        (first <= last).then_some(first..last + 1)
    }

    /// Returns the new text of a fragment.
    fn text(&self, place: &Range<usize>, hunks: &[Hunk]) -> String {
        let mut lines: Vec<&str> = Vec::new();
        let mut at = place.start;
        for hunk in hunks {
            if hunk.old.start < place.start || hunk.old.end > place.end {
                continue;
            }
            lines.extend(self.old.get(at..hunk.old.start).unwrap_or_default());
            lines.extend(self.new.get(hunk.new.clone()).unwrap_or_default());
            at = hunk.old.end;
        }
        lines.extend(self.old.get(at..place.end).unwrap_or_default());
        lines.join("\n")
    }

    fn why(&self, slides: &[Hunk], found: &[(usize, Hunk)]) -> String {
        let mut near: Vec<usize> = found.iter().map(|(fragment, _)| *fragment).collect();
        for hunk in slides {
            let touches =
                |place: &&Range<usize>| place.start <= hunk.old.end && hunk.old.start <= place.end;
            near.extend(
                (self.places.iter().enumerate())
                    .filter(|(_, place)| touches(place))
                    .map(|(fragment, _)| fragment),
            );
        }
        near.sort_unstable();
        near.dedup();
        let names: Vec<String> = (near.iter())
            .filter_map(|fragment| Some(format!("`{}`", self.names.get(*fragment)?)))
            .collect();
        match names.as_slice() {
            [] => "the head of the block belongs to no layer".to_owned(),
            [name] => format!("a change of the block is not inside {name} only"),
            names => format!("a change of the block could belong to {}", names.join(" or ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "# A\n\none\ntwo";
    const B: &str = "# B\n\nthree";

    fn check(edit: impl FnOnce(&str) -> String, expect: Result<&[FragmentEdit], &str>) {
        let expected = format!("<!-- notice -->\n\n{A}\n\n{B}\n");
        let actual = edit(&expected);
        let found = attribute(&expected, &[A, B], &["a.md", "b.md"], &actual);
        match (found, expect) {
            (Ok(found), Ok(expect)) => assert_eq!(found, expect, "{actual}"),
            (Err(why), Err(expect)) => assert!(why.contains(expect), "{why}"),
            (found, _) => panic!("{found:?} of\n{actual}"),
        }
    }

    fn text(fragment: usize, text: &str) -> FragmentEdit {
        FragmentEdit::Text(fragment, text.to_owned())
    }

    #[test]
    fn a_change_within_a_fragment_is_its_own() {
        check(str::to_owned, Ok(&[]));
        check(|t| t.replace("two", "2"), Ok(&[text(0, "# A\n\none\n2")]));
        check(|t| t.replace("one\ntwo", "one"), Ok(&[text(0, "# A\n\none")]));
        check(|t| t.replace("two", "two\nmore"), Ok(&[text(0, "# A\n\none\ntwo\nmore")]));
        check(|t| t.replace("# B", "zero\n# B"), Ok(&[text(1, "zero\n# B\n\nthree")]));
        check(|t| format!("{t}four\n"), Ok(&[text(1, "# B\n\nthree\nfour")]));
        check(|t| format!("{t}\n## four\n\n"), Ok(&[text(1, "# B\n\nthree\n\n## four")]));
        check(|t| t.replace("# A\n\n", ""), Ok(&[text(0, "one\ntwo")]));
        check(
            |t| t.replace("two", "2").replace("three", "3"),
            Ok(&[text(0, "# A\n\none\n2"), text(1, "# B\n\n3")]),
        );
        check(|t| t.replace('\n', "\r\n"), Ok(&[]));
    }

    #[test]
    fn a_fragment_may_go_as_a_whole() {
        check(|t| t.replace(&format!("\n{B}\n"), ""), Ok(&[FragmentEdit::Removed(1)]));
        check(|t| t.replace(&format!("{A}\n\n"), ""), Ok(&[FragmentEdit::Removed(0)]));
        check(
            |t| t.replace(&format!("\n{A}\n\n{B}\n"), ""),
            Ok(&[FragmentEdit::Removed(0), FragmentEdit::Removed(1)]),
        );
    }

    #[test]
    fn what_may_belong_to_two_belongs_to_none() {
        let between = "could belong to `a.md` or `b.md`";
        check(|t| t.replace("\n# B", "\nnew\n\n# B"), Err(between));
        check(|t| t.replace("two\n\n# B\n\n", "two\n"), Err(between));
        check(|t| t.replace("two\n\n# B", "2\n# B"), Err(between));
        check(|t| t.replace("notice", "mine"), Err("no layer"));
        check(|t| format!("mine\n{t}"), Err("no layer"));
    }
}
