//! Items of a TOML array, added and removed without touching the layout of the others.

use toml_edit::{Array, Value};

use super::comments::{apart, line_comment};
use super::toml_value::plain;

/// Adds an item to the end of an array.
pub(super) fn push(array: &mut Array, value: Value) {
    insert_at(array, array.len(), value);
}

/// Inserts an item in the layout of the array: on one line, or one item per line.
pub(super) fn insert_at(array: &mut Array, at: usize, mut value: Value) {
    let indent = array.iter().find_map(|item| {
        let prefix = prefix_of(item);
        prefix.rfind('\n').map(|end| prefix.get(end..).unwrap_or("\n").to_owned())
    });
    let Some(indent) = indent else {
        let fresh = plain(value);
        array.insert_formatted(at, fresh);
        if at > 0 {
            if let Some(value) = array.get_mut(at) {
                value.decor_mut().set_prefix(" ");
            }
            // The space before the closing bracket belongs to the last item.
            let end = array.get_mut(at - 1).filter(|_| at > 0);
            if let Some(before) = end {
                let suffix = suffix_of(before);
                if !suffix.is_empty() && at + 1 == array.len() {
                    if let Some(before) = array.get_mut(at - 1) {
                        before.decor_mut().set_suffix("");
                    }
                    if let Some(value) = array.get_mut(at) {
                        value.decor_mut().set_suffix(suffix);
                    }
                }
            }
        } else if let Some(next) = array.get_mut(1) {
            next.decor_mut().set_prefix(" ");
        }
        return;
    };
    // A comment after the previous item is stored with the text that follows it.
    let comment = if let Some(next) = array.get_mut(at) {
        let prefix = prefix_of(next);
        let (comment, rest) = line_comment(&prefix);
        next.decor_mut().set_prefix(rest);
        comment
    } else if array.trailing_comma() {
        let trailing = array.trailing().as_str().unwrap_or_default().to_owned();
        let (comment, rest) = line_comment(&trailing);
        array.set_trailing(rest);
        comment
    } else {
        let suffix = at.checked_sub(1).and_then(|at| array.get(at)).map(suffix_of);
        let suffix = suffix.unwrap_or_default();
        let (comment, rest) = line_comment(&suffix);
        if let Some(before) = at.checked_sub(1).and_then(|at| array.get_mut(at)) {
            before.decor_mut().set_suffix("");
        }
        value.decor_mut().set_suffix(rest);
        comment
    };
    value.decor_mut().set_prefix(format!("{comment}{indent}"));
    array.insert_formatted(at, value);
}

/// Removes an item with the comments that are about it.
pub(super) fn remove_at(array: &mut Array, at: usize) {
    let Some(gone) = array.get(at) else { return };
    let (prefix, suffix) = (prefix_of(gone), suffix_of(gone));
    let last = at + 1 == array.len();
    array.remove(at);
    // A comment on the line of the previous item belongs to that item.
    let (about_before, above) = line_comment(&prefix);
    let apart = apart(&above);
    if let Some(next) = array.get_mut(at) {
        let own = prefix_of(next);
        let (_, rest) = line_comment(&own);
        let new = if own.contains('\n') { format!("{about_before}{apart}{rest}") } else { prefix };
        next.decor_mut().set_prefix(new);
        return;
    }
    if array.trailing_comma() && !array.is_empty() {
        let trailing = array.trailing().as_str().unwrap_or_default().to_owned();
        let (_, rest) = line_comment(&trailing);
        array.set_trailing(format!("{about_before}{apart}{rest}"));
    } else if let (true, Some(before)) = (last, at.checked_sub(1)) {
        let (_, rest) = line_comment(&suffix);
        if let Some(before) = array.get_mut(before) {
            before.decor_mut().set_suffix(format!("{about_before}{apart}{rest}"));
        }
    } else if array.is_empty() {
        array.set_trailing_comma(false);
        let trailing = array.trailing().as_str().unwrap_or_default().to_owned();
        let (_, rest) = line_comment(&trailing);
        let left = format!("{about_before}{apart}{rest}");
        array.set_trailing(if left.trim().is_empty() { String::new() } else { left });
    }
}

fn prefix_of(value: &Value) -> String {
    value.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default().to_owned()
}

fn suffix_of(value: &Value) -> String {
    value.decor().suffix().and_then(|suffix| suffix.as_str()).unwrap_or_default().to_owned()
}
