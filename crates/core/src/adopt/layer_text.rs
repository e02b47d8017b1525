//! The text of a `layer.toml`, edited in place: comments, order and formatting of everything else stay.

use serde_json::Value as Json;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::comments::{attached_cut, insert_at_root, rehome};
use super::toml_array::{push, remove_at};
use super::toml_update::{insert, remove_key, update, update_table, update_value};
use super::toml_value::{
    EditError, item_json, plain, same, table_json, to_table, to_value, value_json,
};

/// A document of a layer that is being edited.
#[derive(Clone, Debug)]
pub struct LayerText {
    document: DocumentMut,
    /// The comments of a document without values; they stay at its top.
    head: String,
    crlf: bool,
    byte_order_mark: bool,
}

impl LayerText {
    /// Parses a text. Fails when it is not valid TOML, or mixes CRLF and LF.
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

    /// Returns the text after all edits.
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

    /// Returns the value at a path; `None` if there is none.
    pub fn get(&self, path: &[&str]) -> Option<Json> {
        let mut item = self.document.as_item();
        for key in path {
            item = item.as_table_like()?.get(key)?;
        }
        Some(item_json(item))
    }

    /// Sets the value at a path; an existing value keeps its formatting as far as possible. Fails when a value on the way is
    /// not a table, or TOML cannot express the value.
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

    /// Removes the value at a path, and nested tables that become empty. Returns true if there was one.
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

    /// Adds an item to the end of an array, which is created if needed. Fails when the value is not an array.
    pub fn add_item(&mut self, path: &[&str], item: &Json) -> Result<(), EditError> {
        let Some((last, parents)) = path.split_last() else { return Ok(()) };
        let table = self.table(parents, parents == ["hooks"] && item.is_object())?;
        let takes_headers = table.takes_headers();
        match table.get_mut(last) {
            Some(Item::ArrayOfTables(tables)) if item.is_object() => tables.push(to_table(item)?),
            Some(Item::Value(Value::Array(array))) => push(array, to_value(item)?),
            Some(there) if !there.is_none() => {
                return Err(format!("`{}` is not an array there", path.join(".")));
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

    /// Removes the first equal item of an array. Returns true if there was one.
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

    /// Removes an array that has become empty, unless a comment is in it. Where no layer has other items, an empty list would be
    /// rendered as a value of its own.
    pub fn remove_empty_array(&mut self, path: &[&str]) {
        let Some((last, parents)) = path.split_last() else { return };
        let Some(table) = table_at(self.document.as_item_mut(), parents) else { return };
        if let Some(Item::Value(Value::Array(array))) = table.get(last)
            && array.is_empty()
            && !array.to_string().contains('#')
        {
            self.remove(path);
        }
    }

    /// Replaces the first equal item of an array. Returns true if there was one. Fails when TOML cannot express the new
    /// item.
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

    /// Adds an entry to `unset`, unless it is there. Fails when `unset` is not an array.
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
            Some(_) => Err(format!("`{key}` is not an array there")),
            None => {
                let mut array = Array::new();
                array.push_formatted(plain(Value::from(entry)));
                insert_at_root(&mut self.document, key, Value::Array(array));
                Ok(())
            }
        }
    }

    /// Returns the position of the innermost table header on the way to a path; `None` without one.
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

    /// Returns the table at a path, which is created if needed. Fails when a value on the way is not a table.
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
                return Err(format!("`{}` is not a table there", path[..depth].join(".")));
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
                return Err(format!("`{}` cannot be created there", path.join(".")));
            };
            item = next;
        }
        match item {
            Item::Table(table) => Ok(table),
            Item::Value(Value::InlineTable(table)) => Ok(table),
            _ => Err(format!("`{}` is not a table there", path.join("."))),
        }
    }
}

/// Returns true if a table at this path gets a header of its own: `[environment]`, `[mcp_servers.docs]`.
fn is_header(path: &[&str]) -> bool {
    matches!(path, [_] | ["mcp_servers", _])
}

/// A table with a header or an inline table.
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
