use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn check(base: &str, ours: &str, theirs: &str, expect: Option<&str>) {
    let merged = merge(base.as_bytes(), ours.as_bytes(), theirs.as_bytes());
    let merged = merged.map(|bytes| String::from_utf8(bytes).expect("a text"));
    assert_eq!(merged.as_deref(), expect, "{base:?} {ours:?} {theirs:?}");
}

#[test]
fn changes_in_different_places_are_joined() {
    check("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", Some("A\nb\nC\n"));
    check("a\nb\nc\n", "a\nb\nc\nd\n", "0\na\nb\nc\n", Some("0\na\nb\nc\nd\n"));
    check("a\nb\nc\n", "b\nc\n", "a\nb\n", Some("b\n"));
    check("a\nb\nc\nd\ne\n", "a\nx\nc\nd\ne\n", "a\nb\nc\ny\nz\ne\n", Some("a\nx\nc\ny\nz\ne\n"));
}

#[test]
fn what_both_did_is_taken_once() {
    check("a\nb\nc\n", "a\nB\nc\n", "a\nB\nc\n", Some("a\nB\nc\n"));
    check("a\nb\nc\nd\n", "A\nb\nc\nD\n", "A\nb\nc\nd\n", Some("A\nb\nc\nD\n"));
    check("a\nb\nc\n", "a\nb\nc\nnew\n", "a\nb\nc\nnew\n", Some("a\nb\nc\nnew\n"));
}

#[test]
fn changes_that_meet_are_no_merge() {
    check("a\nb\nc\n", "a\nB\nc\n", "a\n8\nc\n", None);
    check("a\nb\nc\n", "a\nc\n", "a\nB\nc\n", None);
    check("a\nb\n", "A\nb\n", "a\nB\n", None);
    check("a\nb\n", "a\nx\nb\n", "a\ny\nb\n", None);
    check("a\n", "a\nx\n", "a\ny\n", None);
    check("", "x\n", "y\n", None);
    check("a\0b\nm\nc\n", "a\0B\nm\nc\n", "a\0b\nm\nC\n", None);
}

#[test]
fn our_side_keeps_its_way_of_writing() {
    check("a\nb\nc\n", "A\r\nb\r\nc\r\n", "a\nb\nC\n", Some("A\r\nb\r\nC\r\n"));
    check("a\nb\nc\n", "\u{feff}A\nb\nc", "a\nb\nC\n", Some("\u{feff}A\nb\nC"));
    check("a\nb\nc\n", "a\nb\nc\nd", "A\nb\nc\n", Some("A\nb\nc\nd"));
    check("a\nb\nc\n", "A\nb\nc", "a\nb\nc\nd\n", Some("A\nb\nc\nd"));
    // Another way of writing is no change, so there is nothing to join.
    check("a\nb\n", "a\r\nb\r\n", "a\nB\n", Some("a\nB\n"));
    check("a\nb\n", "a\nB\n", "a\r\nb\r\n", Some("a\nB\n"));
}

#[test]
fn what_is_no_text_is_taken_whole_or_not_at_all() {
    let merged = |base: &[u8], ours: &[u8], theirs: &[u8]| merge(base, ours, theirs);
    assert_eq!(merged(&[255], &[255], &[254]), Some(vec![254]));
    assert_eq!(merged(&[255], &[254], &[255]), Some(vec![254]));
    assert_eq!(merged(&[255], &[254], &[253]), None);
    let long = "line\n".repeat(MAX_BYTES / 5 + 1);
    check(&long, &format!("a\n{long}"), &format!("{long}b\n"), None);
}

/// Few different lines, so that they repeat and a difference can be told in many ways.
fn any_text() -> impl Strategy<Value = Vec<u8>> {
    let lines = prop::collection::vec(prop::sample::select(vec!["", "a", "b", "c", "d e"]), 0..12);
    (lines, any::<bool>()).prop_map(|(lines, ends)| {
        let text = lines.join("\n");
        if ends && !lines.is_empty() { (text + "\n").into_bytes() } else { text.into_bytes() }
    })
}

/// A text with some of its lines replaced, removed or followed by others; `name` tells those from all others.
fn edited(base: &[&str], edits: &[u8], name: &str) -> String {
    let mut out = Vec::new();
    for (index, line) in base.iter().enumerate() {
        match edits.get(index).copied().unwrap_or(0) {
            1 => out.push(format!("{name} for {index}")),
            2 => {}
            3 => out.extend([(*line).to_owned(), format!("{name} after {index}")]),
            _ => out.push((*line).to_owned()),
        }
    }
    out.iter().map(|line| format!("{line}\n")).collect()
}

fn count(text: &str) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for line in text.lines() {
        *counts.entry(line).or_default() += 1;
    }
    counts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, ..ProptestConfig::default() })]

    #[test]
    fn a_side_that_changed_nothing_gives_way(base in any_text(), other in any_text()) {
        let merged = merge(&base, &base, &other);
        prop_assert_eq!(merged.as_ref(), Some(&other));
        // Where only the writing differs, that of the workspace stays.
        let merged = merge(&base, &other, &base);
        let expect = if same(&base, &other) { &base } else { &other };
        prop_assert_eq!(merged.as_ref(), Some(expect));
    }

    #[test]
    fn the_walk_gives_way_by_itself(base in any_text(), other in any_text()) {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("a text");
        let (base, other) = (text(&base), text(&other));
        let keys = |text: &str| {
            Lines::of(text).keys.into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        prop_assert_eq!(once(&base, &other, &base), Some(other.clone()));
        let theirs = once(&base, &base, &other).expect("no conflict");
        prop_assert_eq!(keys(&theirs), keys(&other));
    }

    #[test]
    fn a_merge_may_be_repeated(base in any_text(), ours in any_text(), theirs in any_text()) {
        if let Some(merged) = merge(&base, &ours, &theirs) {
            let again = merge(&base, &merged, &theirs);
            prop_assert_eq!(again.as_ref(), Some(&merged));
            // Once the configuration's side is what was written last, the merge is an edit of ours, and stays.
            let later = merge(&theirs, &merged, &theirs);
            prop_assert!(later.is_some_and(|later| same(&later, &merged)));
        }
    }

    #[test]
    fn no_line_is_lost_and_none_comes_back(
        lines in prop::collection::vec(prop::sample::select(vec!["", "a", "b", "c"]), 1..16),
        ours in prop::collection::vec(0..8_u8, 16),
        theirs in prop::collection::vec(0..8_u8, 16),
    ) {
        // Lines that repeat, and lines that do not.
        let numbered: Vec<String> =
            lines.iter().enumerate().map(|(index, line)| format!("{line}{}", index / 2)).collect();
        for base in [lines.clone(), numbered.iter().map(String::as_str).collect()] {
            let text: String = base.iter().map(|line| format!("{line}\n")).collect();
            let (ours, theirs) = (edited(&base, &ours, "ours"), edited(&base, &theirs, "theirs"));
            let merged = merge(text.as_bytes(), ours.as_bytes(), theirs.as_bytes());
            let Some(merged) = merged else { continue };
            let merged = String::from_utf8(merged).expect("a text");
            let (base, ours, theirs) = (count(&text), count(&ours), count(&theirs));
            let found = count(&merged);
            let get = |counts: &BTreeMap<&str, usize>, line: &str| counts.get(line).copied().unwrap_or(0);
            let all = [&base, &ours, &theirs, &found];
            for line in all.into_iter().flat_map(|counts| counts.keys()) {
                let number = |counts| i64::try_from(get(counts, line)).expect("few");
                let (base, ours, theirs) = (number(&base), number(&ours), number(&theirs));
                // What each side added or took away of a line; both may have done the same.
                let sum = base + (ours - base) + (theirs - base);
                let (low, high) = (sum.min(ours).min(theirs), sum.max(ours).max(theirs));
                let found = number(&found);
                prop_assert!(low <= found && found <= high, "{line:?}: {found} in {merged:?}");
                if line.starts_with("ours") || line.starts_with("theirs") {
                    prop_assert_eq!(found, 1, "{:?} in {:?}", line, merged);
                }
            }
        }
    }
}
