//! The text of a `layer.toml`, edited in place: comments, order and formatting of all else stay.

use serde_json::Value as Json;
use toml_edit::{
    Array, ArrayOfTables, DocumentMut, InlineTable, Item, Key, Table, TableLike, Value,
};

use super::comments::{apart, attached_cut, insert_at_root, line_comment, rehome};

/// A document of a layer that is being edited.
#[derive(Clone, Debug)]
pub struct LayerText {
    document: DocumentMut,
    /// What a document says that says nothing else: comments, which stay at its top.
    head: String,
    crlf: bool,
    byte_order_mark: bool,
}

/// Why an edit cannot be made, as a sentence fragment.
pub(super) type EditError = String;

impl LayerText {
    /// Parses a text.
    pub fn parse(text: &str) -> Result<Self, EditError> {
        let (byte_order_mark, text) = match text.strip_prefix('\u{feff}') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let crlf = text.contains("\r\n");
        if crlf && text.matches('\n').count() != text.matches("\r\n").count() {
            return Err("some of its lines end with CRLF and some with LF".to_owned());
        }
        let document = text.replace("\r\n", "\n").parse::<DocumentMut>();
        let mut document =
            document.map_err(|error| format!("it is not valid TOML: {}", error.message()))?;
        let mut head = String::new();
        if document.is_empty() {
            document.trailing().as_str().unwrap_or_default().clone_into(&mut head);
            document.set_trailing("");
        }
        Ok(Self { document, head, crlf, byte_order_mark })
    }

    /// The text after all edits.
    pub fn to_text(&self) -> String {
        let mut text = self.document.to_string();
        if !self.head.is_empty() && !text.is_empty() {
            text = format!("{}\n\n{}", self.head.trim_end(), text.trim_start_matches('\n'));
        } else if text.is_empty() {
            text.clone_from(&self.head);
        }
        if self.crlf {
            text = text.replace('\n', "\r\n");
        }
        if self.byte_order_mark {
            text.insert(0, '\u{feff}');
        }
        text
    }

    /// The value at a path, if there is one.
    pub fn get(&self, path: &[&str]) -> Option<Json> {
        let mut item = self.document.as_item();
        for key in path {
            item = item.as_table_like()?.get(key)?;
        }
        Some(item_json(item))
    }

    /// Sets the value at a path. What is there keeps as much of its form as it can.
    pub fn set(&mut self, path: &[&str], value: &Json) -> Result<(), EditError> {
        let Some((last, parents)) = path.split_last() else { return Ok(()) };
        let as_table = value.is_object() && is_header(path);
        let table = self.table(parents, as_table)?;
        match table.get_mut(last) {
            Some(item) if !item.is_none() => update(item, value),
            _ if as_table => {
                table.insert(last, Item::Table(to_table(value)?));
                Ok(())
            }
            _ => {
                let value = to_value(value)?;
                insert(table, last, value);
                Ok(())
            }
        }
    }

    /// Removes the value at a path, and tables below the first that are left empty. Says whether there was one.
    pub fn remove(&mut self, path: &[&str]) -> bool {
        let Some((last, parents)) = path.split_last() else { return false };
        let around = self.header_position(parents);
        let Some(table) = table_at(self.document.as_item_mut(), parents) else { return false };
        let Some((after, comments)) = remove_key(table, last) else { return false };
        let empty = table.is_empty();
        rehome(&mut self.document, (after.or(around), comments));
        if empty && parents.len() > 1 {
            self.remove(parents);
        }
        true
    }

    /// Adds an item at the end of an array, which is made if it is not there.
    pub fn add_item(&mut self, path: &[&str], item: &Json) -> Result<(), EditError> {
        let Some((last, parents)) = path.split_last() else { return Ok(()) };
        let table = self.table(parents, parents == ["hooks"] && item.is_object())?;
        let takes_headers = table.takes_headers();
        match table.get_mut(last) {
            Some(Item::ArrayOfTables(tables)) if item.is_object() => tables.push(to_table(item)?),
            Some(Item::Value(Value::Array(array))) => push(array, to_value(item)?),
            Some(there) if !there.is_none() => {
                return Err(format!("`{}` is no array there", path.join(".")));
            }
            _ if item.is_object() && parents == ["hooks"] && takes_headers => {
                let mut tables = ArrayOfTables::new();
                tables.push(to_table(item)?);
                table.insert(last, Item::ArrayOfTables(tables));
            }
            _ => {
                let mut array = Array::new();
                array.push_formatted(plain(to_value(item)?));
                insert(table, last, Value::Array(array));
            }
        }
        Ok(())
    }

    /// Removes the first item of an array that means the same. Says whether there was one.
    pub fn remove_item(&mut self, path: &[&str], item: &Json) -> bool {
        let Some((last, parents)) = path.split_last() else { return false };
        let Some(table) = table_at(self.document.as_item_mut(), parents) else { return false };
        match table.get_mut(last) {
            Some(Item::Value(Value::Array(array))) => {
                let at = array.iter().position(|value| same(&value_json(value), item));
                at.is_some_and(|at| {
                    remove_at(array, at);
                    true
                })
            }
            Some(Item::ArrayOfTables(tables)) => {
                let Some(at) = tables.iter().position(|table| same(&table_json(table), item))
                else {
                    return false;
                };
                let gone = tables.remove(at);
                if tables.is_empty() {
                    table.insert(last, Item::Value(Value::Array(Array::new())));
                }
                rehome(&mut self.document, (gone.position(), attached_cut(gone.decor().prefix())));
                true
            }
            _ => false,
        }
    }

    /// Changes the first item of an array that means the same into another. Says whether there was one.
    pub fn replace_item(
        &mut self,
        path: &[&str],
        old: &Json,
        new: &Json,
    ) -> Result<bool, EditError> {
        let Some((last, parents)) = path.split_last() else { return Ok(false) };
        let Some(table) = table_at(self.document.as_item_mut(), parents) else { return Ok(false) };
        match table.get_mut(last) {
            Some(Item::Value(Value::Array(array))) => {
                match array.iter_mut().find(|value| same(&value_json(value), old)) {
                    Some(value) => update_value(value, new).map(|()| true),
                    None => Ok(false),
                }
            }
            Some(Item::ArrayOfTables(tables)) => {
                match tables.iter_mut().find(|table| same(&table_json(table), old)) {
                    Some(table) if new.is_object() => update_table(table, new).map(|()| true),
                    _ => Ok(false),
                }
            }
            _ => Ok(false),
        }
    }

    /// Adds an entry to `unset`, unless it is there.
    pub fn unset(&mut self, entry: &str) -> Result<(), EditError> {
        self.add_to_root("unset", entry)
    }

    fn add_to_root(&mut self, key: &str, entry: &str) -> Result<(), EditError> {
        let entry_json = Json::from(entry);
        match self.document.get_mut(key) {
            Some(Item::Value(Value::Array(array))) => {
                if !array.iter().any(|value| same(&value_json(value), &entry_json)) {
                    push(array, Value::from(entry));
                }
                Ok(())
            }
            Some(_) => Err(format!("`{key}` is no array there")),
            None => {
                let mut array = Array::new();
                array.push_formatted(plain(Value::from(entry)));
                insert_at_root(&mut self.document, key, Value::Array(array));
                Ok(())
            }
        }
    }

    /// Where in the document the innermost header on the way to a path stands.
    fn header_position(&self, path: &[&str]) -> Option<isize> {
        let mut item = self.document.as_item();
        let mut position = None;
        for key in path {
            let Some(next) = item.as_table_like().and_then(|table| table.get(key)) else { break };
            position = next.as_table().and_then(Table::position).or(position);
            item = next;
        }
        position
    }

    /// The table at a path, made where it is not there.
    fn table(&mut self, path: &[&str], implicit: bool) -> Result<&mut dyn Nested, EditError> {
        let mut item = self.document.as_item_mut();
        for depth in 0..path.len() {
            let header = path.get(..=depth).is_some_and(is_header);
            let inline = !matches!(item, Item::Table(_)) || !header;
            let only_holds = match path.get(..=depth + 1) {
                Some(next) => is_header(next),
                None => implicit,
            };
            let (Some(key), Some(table)) = (path.get(depth), item.as_table_like_mut()) else {
                return Err(format!("`{}` is no table there", path[..depth].join(".")));
            };
            if table.get(key).is_none_or(Item::is_none) {
                let fresh = if inline {
                    Item::Value(Value::InlineTable(InlineTable::new()))
                } else {
                    let mut table = Table::new();
                    table.set_implicit(only_holds);
                    Item::Table(table)
                };
                table.insert(key, fresh);
            }
            let Some(next) = table.get_mut(key) else {
                return Err(format!("`{}` cannot be made there", path.join(".")));
            };
            item = next;
        }
        match item {
            Item::Table(table) => Ok(table),
            Item::Value(Value::InlineTable(table)) => Ok(table),
            _ => Err(format!("`{}` is no table there", path.join("."))),
        }
    }
}

/// Whether a table at this path gets a header of its own: `[environment]`, `[mcp_servers.docs]`.
fn is_header(path: &[&str]) -> bool {
    matches!(path, [_] | ["mcp_servers", _])
}

/// A table of either form, with the one thing that tells them apart here.
trait Nested: TableLike {
    fn takes_headers(&self) -> bool;
}

impl Nested for Table {
    fn takes_headers(&self) -> bool {
        !self.is_dotted()
    }
}

impl Nested for InlineTable {
    fn takes_headers(&self) -> bool {
        false
    }
}

fn table_at<'i>(item: &'i mut Item, path: &[&str]) -> Option<&'i mut dyn TableLike> {
    let mut item = item;
    for key in path {
        item = item.as_table_like_mut()?.get_mut(key)?;
    }
    item.as_table_like_mut()
}

fn insert<T: TableLike + ?Sized>(table: &mut T, key: &str, value: Value) {
    // An inline table has a blank before its closing brace, which belongs to the last value.
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

/// What is left of the comments above a removed value, and after which place of the document they belong.
pub(super) type DetachedComments = (Option<isize>, String);

/// Removes a key. What was said of it goes; comments that stand apart from it stay.
fn remove_key(table: &mut dyn TableLike, key: &str) -> Option<DetachedComments> {
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
    // The blank before the closing brace of an inline table.
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

/// Brings an item to a value, changing as little of it as possible.
fn update(item: &mut Item, new: &Json) -> Result<(), EditError> {
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

fn update_table(table: &mut dyn TableLike, new: &Json) -> Result<(), EditError> {
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

fn update_value(value: &mut Value, new: &Json) -> Result<(), EditError> {
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

/// Brings an array to these items: what both begin and end with stays as it stands.
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

fn push(array: &mut Array, value: Value) {
    insert_at(array, array.len(), value);
}

/// Inserts an item in the way in which the array is written: on one line, or each item on its own.
fn insert_at(array: &mut Array, at: usize, mut value: Value) {
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
            // The blank before the closing bracket belongs to the last item.
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
    // A comment behind the item before stands in what follows that item.
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
fn remove_at(array: &mut Array, at: usize) {
    let Some(gone) = array.get(at) else { return };
    let (prefix, suffix) = (prefix_of(gone), suffix_of(gone));
    let last = at + 1 == array.len();
    array.remove(at);
    // What stands before the item on the line of the one before is about that one.
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

fn plain(mut value: Value) -> Value {
    value.decor_mut().clear();
    value
}

/// A value as TOML says it.
pub(super) fn to_value(json: &Json) -> Result<Value, EditError> {
    Ok(match json {
        Json::Null => return Err("TOML cannot say null".to_owned()),
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(value), _) => Value::from(value),
            (None, Some(value)) if !number.is_u64() => Value::from(value),
            _ => return Err(format!("TOML cannot say the number {number}")),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => {
            Value::Array(items.iter().map(to_value).collect::<Result<Array, _>>()?)
        }
        Json::Object(map) => {
            let mut table = InlineTable::new();
            for (key, value) in map {
                table.insert(key, to_value(value)?);
            }
            Value::InlineTable(table)
        }
    })
}

fn to_table(json: &Json) -> Result<Table, EditError> {
    let mut table = Table::new();
    if let Json::Object(map) = json {
        for (key, value) in map {
            table.insert(key, Item::Value(to_value(value)?));
        }
    }
    Ok(table)
}

/// Whether two values mean the same; the order of keys does not count.
pub(super) fn same(a: &Json, b: &Json) -> bool {
    a == b
}

fn item_json(item: &Item) -> Json {
    match item {
        Item::None => Json::Null,
        Item::Value(value) => value_json(value),
        Item::Table(table) => table_json(table),
        Item::ArrayOfTables(tables) => tables.iter().map(table_json).collect(),
    }
}

fn table_json(table: &Table) -> Json {
    table.iter().map(|(key, item)| (key.to_owned(), item_json(item))).collect()
}

fn value_json(value: &Value) -> Json {
    match value {
        Value::String(text) => Json::from(text.value().as_str()),
        Value::Integer(number) => Json::from(*number.value()),
        Value::Float(number) => Json::from(*number.value()),
        Value::Boolean(value) => Json::from(*value.value()),
        Value::Datetime(value) => Json::from(value.value().to_string()),
        Value::Array(items) => items.iter().map(value_json).collect(),
        Value::InlineTable(table) => {
            table.iter().map(|(key, value)| (key.to_owned(), value_json(value))).collect()
        }
    }
}
