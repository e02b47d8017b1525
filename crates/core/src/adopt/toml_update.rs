//! Keys of TOML tables, set and removed without touching the layout of the others.

use serde_json::Value as Json;
use toml_edit::{Array, Item, Key, Table, TableLike, Value};

use super::comments::{DetachedComments, attached_cut};
use super::toml_array::{insert_at, remove_at};
use super::toml_value::{EditError, same, to_value, value_json};

/// Adds a key to a table.
pub(super) fn insert<T: TableLike + ?Sized>(table: &mut T, key: &str, value: Value) {
    // The space before the closing brace of an inline table belongs to the last value.
    let last = table.iter_mut().last();
    let end = last.and_then(|(_, item)| Some(item.as_value_mut()?.decor_mut()));
    if let Some(decor) = end {
        let bare = |suffix: &str| !suffix.is_empty() && suffix.trim_matches(' ').is_empty();
        if decor.suffix().and_then(|suffix| suffix.as_str()).is_some_and(bare) {
            decor.set_suffix("");
        }
    }
    table.insert(key, Item::Value(value));
}

/// Removes a key and its own comments. Returns the other comments, which must be kept; `None` if there is no such key.
pub(super) fn remove_key(table: &mut dyn TableLike, key: &str) -> Option<DetachedComments> {
    let prefix = |key: Option<&Key>| attached_cut(key.and_then(|key| key.leaf_decor().prefix()));
    let names: Vec<String> = table.iter().map(|(name, _)| name.to_owned()).collect();
    let at = names.iter().position(|name| name == key)?;
    let kept = match table.get(key)? {
        Item::Table(gone) => {
            let cut = (first_position(gone), attached_cut(gone.decor().prefix()));
            table.remove(key);
            return Some(cut);
        }
        Item::ArrayOfTables(gone) => {
            let first = gone.get(0);
            let cut = first.map(|first| (first.position(), attached_cut(first.decor().prefix())));
            table.remove(key);
            return Some(cut.unwrap_or_default());
        }
        _ => prefix(table.key(key)),
    };
    let suffix = table.get(key).and_then(|item| item.as_value()?.decor().suffix().cloned());
    table.remove(key);
    let next = names.get(at + 1).filter(|_| !kept.is_empty());
    if let Some(mut next) = next.and_then(|next| table.key_mut(next)) {
        let decor = next.leaf_decor_mut();
        let own = decor.prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default().to_owned();
        decor.set_prefix(format!("{kept}{own}"));
        return Some((None, String::new()));
    }
    // The space before the closing brace of an inline table.
    let last = at + 1 == names.len();
    let before = at.checked_sub(1).and_then(|at| table.get_mut(names.get(at)?));
    if let (true, Some(suffix), Some(before)) = (last, suffix, before)
        && let Some(value) = before.as_value_mut()
        && suffix.as_str().is_some_and(|suffix| suffix == " ")
    {
        value.decor_mut().set_suffix(suffix);
    }
    Some((None, kept))
}

fn first_position(table: &Table) -> Option<isize> {
    table.position().or_else(|| {
        table.iter().find_map(|(_, item)| match item {
            Item::Table(table) => first_position(table),
            _ => None,
        })
    })
}

/// Changes an item to a value, keeping as much of its formatting as possible. Fails when TOML cannot express the value.
pub(super) fn update(item: &mut Item, new: &Json) -> Result<(), EditError> {
    match item {
        Item::Value(value) => update_value(value, new),
        Item::Table(table) if new.is_object() => update_table(table, new),
        Item::ArrayOfTables(tables) if new.is_array() => {
            let items = new.as_array().map(Vec::as_slice).unwrap_or_default();
            if tables.len() == items.len() && items.iter().all(Json::is_object) {
                for (table, new) in tables.iter_mut().zip(items) {
                    update_table(table, new)?;
                }
                return Ok(());
            }
            let values = items.iter().map(to_value).collect::<Result<Array, _>>()?;
            *item = Item::Value(Value::Array(values));
            Ok(())
        }
        _ => {
            *item = Item::Value(to_value(new)?);
            Ok(())
        }
    }
}

/// Changes a table to the members of an object. Fails when TOML cannot express a value.
pub(super) fn update_table(table: &mut dyn TableLike, new: &Json) -> Result<(), EditError> {
    let Json::Object(new) = new else { return Ok(()) };
    let gone: Vec<String> = (table.iter())
        .map(|(key, _)| key.to_owned())
        .filter(|key| !new.contains_key(key))
        .collect();
    for key in gone {
        remove_key(table, &key);
    }
    for (key, value) in new {
        match table.get_mut(key) {
            Some(item) if !item.is_none() => update(item, value)?,
            _ => {
                let value = to_value(value)?;
                insert(table, key, value);
            }
        }
    }
    Ok(())
}

/// Changes a value, keeping as much of its formatting as possible. Fails when TOML cannot express the new value.
pub(super) fn update_value(value: &mut Value, new: &Json) -> Result<(), EditError> {
    if same(&value_json(value), new) {
        return Ok(());
    }
    match (&mut *value, new) {
        (Value::InlineTable(table), Json::Object(_)) => return update_table(table, new),
        (Value::Array(array), Json::Array(items)) => return update_array(array, items),
        _ => {}
    }
    let decor = value.decor().clone();
    *value = to_value(new)?;
    *value.decor_mut() = decor;
    Ok(())
}

/// Changes an array to these items: equal items at the start and at the end stay as they are.
fn update_array(array: &mut Array, items: &[Json]) -> Result<(), EditError> {
    let old: Vec<Json> = array.iter().map(value_json).collect();
    let front = old.iter().zip(items).take_while(|(a, b)| same(a, b)).count();
    let most = old.len().min(items.len()) - front;
    let back = (old.iter().rev().zip(items.iter().rev()))
        .take(most)
        .take_while(|(a, b)| same(a, b))
        .count();
    let (old_end, new_end) = (old.len() - back, items.len() - back);
    let both = (old_end - front).min(new_end - front);
    for at in front..front + both {
        if let (Some(value), Some(new)) = (array.get_mut(at), items.get(at)) {
            update_value(value, new)?;
        }
    }
    for _ in front + both..old_end {
        remove_at(array, front + both);
    }
    for (at, item) in items.iter().enumerate().take(new_end).skip(front + both) {
        insert_at(array, at, to_value(item)?);
    }
    Ok(())
}
