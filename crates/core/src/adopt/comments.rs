//! Which comments belong to a value, and where the others go when the value is removed.

use toml_edit::{DocumentMut, Item, RawString, Table, Value};

/// The remaining comments above a removed value, and the position in the document after which they belong.
pub(super) type DetachedComments = (Option<isize>, String);

/// Returns the comments that do not belong to the value below them: everything up to the last blank line.
pub(super) fn apart(prefix: &str) -> String {
    let mut end = 0;
    let mut at = 0;
    let mut commented = false;
    for line in prefix.split_inclusive('\n') {
        at += line.len();
        commented |= line.contains('#');
        if line.trim().is_empty() && line.ends_with('\n') && commented {
            end = at;
        }
    }
    prefix.get(..end).unwrap_or_default().to_owned()
}

/// Returns the same for the prefix of a decor.
pub(super) fn attached_cut(prefix: Option<&RawString>) -> String {
    prefix.and_then(|prefix| prefix.as_str()).map(apart).unwrap_or_default()
}

/// Splits the text between two items into a comment on the line of the first one, and the rest.
pub(super) fn line_comment(between: &str) -> (String, String) {
    let end = between.find('\n').unwrap_or(between.len());
    let (first, rest) = between.split_at(end);
    match first.contains('#') {
        true => (first.trim_end().to_owned(), rest.to_owned()),
        false => (String::new(), between.to_owned()),
    }
}

/// Moves comments before the table that follows a position in the document, or to the end.
pub(super) fn rehome(document: &mut DocumentMut, (after, text): DetachedComments) {
    if text.trim().is_empty() {
        return;
    }
    let mut next: Option<isize> = None;
    let after = after.unwrap_or(isize::MIN);
    each(document.as_table_mut(), &mut |table| {
        if let Some(position) = table.position().filter(|position| *position > after) {
            next = Some(next.map_or(position, |known| known.min(position)));
        }
    });
    let Some(next) = next else {
        let trailing = document.trailing().as_str().unwrap_or_default().to_owned();
        document.set_trailing(format!("{text}{trailing}"));
        return;
    };
    each(document.as_table_mut(), &mut |table| {
        if table.position() == Some(next) {
            put_in_front(table, &text);
        }
    });
}

fn put_in_front(table: &mut Table, text: &str) {
    let own = table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
    let both = format!("{text}{}", own.trim_start_matches('\n'));
    table.decor_mut().set_prefix(both);
}

/// Visits every table that can have a header, except the document itself.
fn each(table: &mut Table, visit: &mut dyn FnMut(&mut Table)) {
    for (_, item) in table.iter_mut() {
        match item {
            Item::Table(table) => {
                if !table.is_implicit() && !table.is_dotted() {
                    visit(table);
                }
                each(table, visit);
            }
            Item::ArrayOfTables(tables) => {
                for table in tables.iter_mut() {
                    visit(table);
                    each(table, visit);
                }
            }
            Item::None | Item::Value(_) => {}
        }
    }
}

/// Adds a key to the document itself: after the comment at its top, before its first table.
pub(super) fn insert_at_root(document: &mut DocumentMut, key: &str, value: Value) {
    let values = |item: &Item| item.is_value();
    let has_values = document.iter().any(|(_, item)| values(item));
    document.as_table_mut().insert(key, Item::Value(value));
    if has_values {
        return;
    }
    let mut first: Option<isize> = None;
    each(document.as_table_mut(), &mut |table| {
        if let Some(position) = table.position() {
            first = Some(first.map_or(position, |known| known.min(position)));
        }
    });
    let mut top = String::new();
    each(document.as_table_mut(), &mut |table| {
        if first.is_some() && table.position() == first {
            let own = table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
            top = apart(own);
            let rest = own.get(top.len()..).unwrap_or_default().trim_start_matches('\n');
            let rest = format!("\n{rest}");
            table.decor_mut().set_prefix(rest);
        }
    });
    if let Some(mut key) = document.as_table_mut().key_mut(key) {
        key.leaf_decor_mut().set_prefix(top);
    }
}
