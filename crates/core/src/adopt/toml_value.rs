//! TOML values as JSON, and back.

use serde_json::Value as Json;
use toml_edit::{Array, InlineTable, Item, Table, Value};

/// Why an edit cannot be made, as a sentence fragment.
pub(super) type EditError = String;

/// Returns a value without comments and whitespace around it.
pub(super) fn plain(mut value: Value) -> Value {
    value.decor_mut().clear();
    value
}

/// Converts a value to TOML. Fails for `null` and for integers beyond 64 bits, which TOML does not have.
pub(super) fn to_value(json: &Json) -> Result<Value, EditError> {
    Ok(match json {
        Json::Null => return Err("TOML has no null".to_owned()),
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(value), _) => Value::from(value),
            (None, Some(value)) if !number.is_u64() => Value::from(value),
            _ => return Err(format!("TOML cannot express the number {number}")),
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

/// Converts an object to a table; anything else to an empty one. Fails when TOML cannot express a value.
pub(super) fn to_table(json: &Json) -> Result<Table, EditError> {
    let mut table = Table::new();
    if let Json::Object(map) = json {
        for (key, value) in map {
            table.insert(key, Item::Value(to_value(value)?));
        }
    }
    Ok(table)
}

/// Returns true if two values are equal; the order of keys does not count.
pub(super) fn same(a: &Json, b: &Json) -> bool {
    a == b
}

/// Converts an item to JSON.
pub(super) fn item_json(item: &Item) -> Json {
    match item {
        Item::None => Json::Null,
        Item::Value(value) => value_json(value),
        Item::Table(table) => table_json(table),
        Item::ArrayOfTables(tables) => tables.iter().map(table_json).collect(),
    }
}

/// Converts a table to JSON.
pub(super) fn table_json(table: &Table) -> Json {
    table.iter().map(|(key, item)| (key.to_owned(), item_json(item))).collect()
}

/// Converts a value to JSON; a date becomes a string.
pub(super) fn value_json(value: &Value) -> Json {
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
