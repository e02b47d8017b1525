//! Parsed values with their places.

use std::fmt;
use std::sync::Arc;

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use serde::{Serialize, Serializer};

use super::{KeyPath, Span};

/// A table: keys in the order in which they first appear.
///
/// With the standard hasher, hashing would be a tenth of the time of a merge. The keys are from trusted files.
pub type Table = IndexMap<Arc<str>, Arc<Node>, RandomState>;

/// A value with its place, and the values of lower layers that it shadows.
///
/// Nodes are immutable and shared: a merge builds new nodes only along the paths that change.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value itself.
    pub value: Value,
    /// Where the value is written; for a table with a header, the header.
    pub span: Span,
    /// Where its key is written; the value's own place for an array element and a document.
    pub key: Span,
    /// The value of the next lower layer that this one replaced; `None` if there is none.
    pub shadowed: Option<Arc<Node>>,
}

/// A TOML value.
#[derive(Clone, Debug)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction, or infinity or NaN.
    Float(f64),
    /// A string.
    Str(Arc<str>),
    /// A date or time, in TOML's notation.
    Datetime(Arc<str>),
    /// An array.
    Array(Vec<Arc<Node>>),
    /// A table. Boxed, because most values are not tables and would be as large.
    Table(Box<Table>),
}

/// The kind of a value, for messages and for type clashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A number with a fraction.
    Float,
    /// A string.
    Str,
    /// A date or time.
    Datetime,
    /// An array.
    Array,
    /// A table.
    Table,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Bool => "a boolean",
            Kind::Int => "an integer",
            Kind::Float => "a float",
            Kind::Str => "a string",
            Kind::Datetime => "a date",
            Kind::Array => "an array",
            Kind::Table => "a table",
        })
    }
}

impl From<Table> for Value {
    fn from(table: Table) -> Self {
        Value::Table(Box::new(table))
    }
}

impl Value {
    /// Returns the kind of the value.
    pub fn kind(&self) -> Kind {
        match self {
            Value::Bool(_) => Kind::Bool,
            Value::Int(_) => Kind::Int,
            Value::Float(_) => Kind::Float,
            Value::Str(_) => Kind::Str,
            Value::Datetime(_) => Kind::Datetime,
            Value::Array(_) => Kind::Array,
            Value::Table(_) => Kind::Table,
        }
    }
}

impl Node {
    /// Returns a node that shadows nothing.
    pub fn new(value: Value, span: Span, key: Span) -> Self {
        Self { value, span, key, shadowed: None }
    }

    /// Returns the node of a JSON value, all of it at one place; nulls are left out, because TOML has none.
    pub fn from_json(json: &serde_json::Value, place: Span) -> Option<Self> {
        use serde_json::Value as Json;
        let value = match json {
            Json::Null => return None,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => match number.as_i64() {
                Some(value) => Value::Int(value),
                None => Value::Float(number.as_f64()?),
            },
            Json::String(text) => Value::Str(Arc::from(text.as_str())),
            Json::Array(items) => Value::Array(
                items
                    .iter()
                    .filter_map(|item| Self::from_json(item, place).map(Arc::new))
                    .collect(),
            ),
            Json::Object(map) => {
                let entries = map.iter().filter_map(|(key, value)| {
                    let node = Self::from_json(value, place)?;
                    Some((Arc::from(key.as_str()), Arc::new(node)))
                });
                Value::Table(Box::new(entries.collect()))
            }
        };
        Some(Self::new(value, place, place))
    }

    /// Returns the kind of the value.
    pub fn kind(&self) -> Kind {
        self.value.kind()
    }

    /// Returns the text of a string; `None` for any other kind.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the value of a boolean; `None` for any other kind.
    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// Returns the elements of an array; `None` for any other kind.
    pub fn as_array(&self) -> Option<&[Arc<Node>]> {
        match &self.value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the entries of a table; `None` for any other kind.
    pub fn as_table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// Returns the value under a key of a table; `None` for every other kind.
    pub fn get(&self, key: &str) -> Option<&Arc<Node>> {
        self.as_table()?.get(key)
    }

    /// Returns the value at a path; array elements are named by their index.
    pub fn at(&self, path: &KeyPath) -> Option<&Node> {
        let mut node = self;
        for segment in path.segments() {
            node = match &node.value {
                Value::Table(table) => table.get(segment.as_ref())?,
                Value::Array(items) => items.get(segment.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(node)
    }

    /// Returns true if two values are equal, without their places and the order of keys.
    pub fn same_value(&self, other: &Node) -> bool {
        match (&self.value, &other.value) {
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
            (Value::Str(a), Value::Str(b)) | (Value::Datetime(a), Value::Datetime(b)) => a == b,
            (Value::Array(a), Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same_value(b))
            }
            (Value::Table(a), Value::Table(b)) => {
                a.len() == b.len()
                    && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| a.same_value(b)))
            }
            _ => false,
        }
    }

    /// Returns the value as JSON, without places. A float that JSON cannot represent becomes null.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.value {
            Value::Bool(value) => Json::Bool(*value),
            Value::Int(value) => Json::from(*value),
            Value::Float(value) => Json::from(*value),
            Value::Str(text) | Value::Datetime(text) => Json::String(text.to_string()),
            Value::Array(items) => Json::Array(items.iter().map(|item| item.to_json()).collect()),
            Value::Table(table) => Json::Object(
                table.iter().map(|(key, value)| (key.to_string(), value.to_json())).collect(),
            ),
        }
    }

    /// Calls `visit` for this node and every node below it, parents first.
    pub fn walk<'a>(&'a self, path: &mut KeyPath, visit: &mut dyn FnMut(&KeyPath, &'a Node)) {
        visit(path, self);
        match &self.value {
            Value::Table(table) => {
                for (key, value) in table.iter() {
                    path.push(Arc::clone(key));
                    value.walk(path, visit);
                    path.pop();
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push(Arc::from(index.to_string()));
                    item.walk(path, visit);
                    path.pop();
                }
            }
            _ => {}
        }
    }
}

/// Serializes like [`Node::to_json`], without a copy of the tree.
impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.value {
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::Float(value) => serializer.serialize_f64(*value),
            Value::Str(text) | Value::Datetime(text) => serializer.serialize_str(text),
            Value::Array(items) => serializer.collect_seq(items.iter().map(|item| &**item)),
            Value::Table(table) => {
                serializer.collect_map(table.iter().map(|(key, value)| (&**key, &**value)))
            }
        }
    }
}
