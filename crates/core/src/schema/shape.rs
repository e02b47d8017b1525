//! Shapes: the schema of a document, for the checks, "did you mean" and the JSON Schemas.

use std::sync::Arc;

use crate::source::{KeyPath, Kind, Node, Span, Value};

/// The shape of a value.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Anything.
    Any,
    /// `true` or `false`.
    Bool,
    /// A whole number in a range.
    Int {
        /// The least value.
        min: i64,
        /// The greatest value.
        max: i64,
    },
    /// A number in a range.
    Number {
        /// The least value.
        min: f64,
        /// The greatest value.
        max: f64,
    },
    /// A number greater than a bound, up to a maximum.
    Above {
        /// Every value is greater than this.
        bound: f64,
        /// The greatest value.
        max: f64,
    },
    /// A string.
    Str,
    /// A string that is not only whitespace.
    NonEmptyStr,
    /// One of these strings.
    OneOfStr(&'static [&'static str]),
    /// One of these strings, or any that starts with the prefix.
    OneOfStrOr {
        /// The strings that are allowed as they are.
        words: &'static [&'static str],
        /// The start of all others that are allowed.
        prefix: &'static str,
    },
    /// A date.
    Date,
    /// An array whose items have this shape.
    Array(&'static Shape),
    /// A table with free keys.
    Map(&'static Shape),
    /// A table with known keys.
    Table(&'static TableShape),
    /// Any one of several shapes.
    Either(&'static [Shape]),
}

/// A table with known keys.
#[derive(Debug)]
pub struct TableShape {
    /// The name of the shape in messages and schemas, such as `layer`.
    pub name: &'static str,
    /// The known keys.
    pub fields: &'static [Field],
    /// Whether other keys are allowed.
    pub open: bool,
}

/// A known key of a table.
#[derive(Debug)]
pub struct Field {
    /// The name of the key.
    pub name: &'static str,
    /// The shape of its value.
    pub shape: Shape,
    /// Whether the table must have it.
    pub required: bool,
    /// One sentence for editors.
    pub doc: &'static str,
}

impl Field {
    /// Returns an optional key.
    pub const fn new(name: &'static str, shape: Shape, doc: &'static str) -> Self {
        Self { name, shape, required: false, doc }
    }

    /// Returns a required key.
    pub const fn required(name: &'static str, shape: Shape, doc: &'static str) -> Self {
        Self { name, shape, required: true, doc }
    }
}

impl TableShape {
    /// Returns the field with this name; `None` if there is none.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// How a value does not match its shape.
#[derive(Clone, Debug)]
pub enum Misfit {
    /// A key is unknown.
    UnknownKey {
        /// The table.
        table: &'static TableShape,
    },
    /// A required key is missing; the place is that of the table.
    MissingKey {
        /// The table.
        table: &'static TableShape,
        /// The key.
        field: &'static Field,
    },
    /// A value has another type.
    WrongType {
        /// The expected value, in words.
        expected: String,
        /// The kind of the value.
        found: Kind,
    },
    /// A value has the right type, but is not allowed.
    InvalidValue {
        /// The expected value, in words.
        expected: String,
        /// The values allowed, for "did you mean"; empty when they are not listed.
        known: &'static [&'static str],
    },
}

/// A misfit with its place.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The misfit.
    pub misfit: Misfit,
    /// The path of the value; for an unknown key, the key's own path.
    pub path: KeyPath,
    /// Where it is written.
    pub span: Span,
}

impl Shape {
    /// Returns the shape in words: `a string`, `an array of strings`.
    pub fn words(&self) -> String {
        match self {
            Shape::Any => "any value".to_owned(),
            Shape::Bool => "a boolean".to_owned(),
            Shape::Int { min, max } => match (*min, *max) {
                (i64::MIN, i64::MAX) => "an integer".to_owned(),
                (min, i64::MAX) => format!("an integer of {min} or more"),
                (min, max) => format!("an integer from {min} to {max}"),
            },
            Shape::Number { min, max } if max.is_finite() => {
                format!("a number from {min} to {max}")
            }
            Shape::Number { .. } => "a number".to_owned(),
            Shape::Above { bound, max } if max.is_finite() => {
                format!("a number above {bound}, at most {max}")
            }
            Shape::Above { bound, .. } => format!("a number above {bound}"),
            Shape::Str => "a string".to_owned(),
            Shape::NonEmptyStr => "a string that is not empty".to_owned(),
            Shape::OneOfStr([word]) => format!("`{word}`"),
            Shape::OneOfStr(words) => format!("one of {}", quoted(words)),
            Shape::OneOfStrOr { words, prefix } => {
                format!("one of {}, or `{prefix}…`", quoted(words))
            }
            Shape::Date => "a date".to_owned(),
            Shape::Array(item) => match item {
                Shape::Str | Shape::NonEmptyStr => "an array of strings".to_owned(),
                Shape::Table(_) | Shape::Map(_) => "an array of tables".to_owned(),
                _ => "an array".to_owned(),
            },
            Shape::Map(Shape::Str) => "a table of strings".to_owned(),
            Shape::Map(_) | Shape::Table(_) => "a table".to_owned(),
            Shape::Either(shapes) => {
                let mut words: Vec<String> = shapes.iter().map(Shape::words).collect();
                words.dedup();
                words.join(" or ")
            }
        }
    }

    /// Returns true if the value matches, without allocating.
    pub fn fits(&self, node: &Node) -> bool {
        match (self, &node.value) {
            (Shape::Array(item), Value::Array(items)) => items.iter().all(|node| item.fits(node)),
            (Shape::Map(shape), Value::Table(table)) => table.values().all(|node| shape.fits(node)),
            (Shape::Table(shape), Value::Table(table)) => {
                let known = |(key, node): (&Arc<str>, &Arc<Node>)| match shape.field(key) {
                    Some(field) => field.shape.fits(node),
                    None => shape.open,
                };
                let mut required = shape.fields.iter().filter(|field| field.required);
                table.iter().all(known) && required.all(|field| table.contains_key(field.name))
            }
            (Shape::Either(shapes), _) => shapes.iter().any(|shape| shape.fits(node)),
            _ => {
                // What is left has no parts, so a problem is the exception and the only thing that allocates.
                let mut problems = Vec::new();
                self.check(&mut KeyPath::default(), node, &mut problems);
                problems.is_empty()
            }
        }
    }

    /// Collects all problems of a value.
    pub fn check(&self, path: &mut KeyPath, node: &Node, problems: &mut Vec<Problem>) {
        match (self, &node.value) {
            (Shape::Any, _)
            | (Shape::Bool, Value::Bool(_))
            | (Shape::Str, Value::Str(_))
            | (Shape::Date, Value::Datetime(_)) => {}
            (Shape::Int { min, max }, Value::Int(value)) => {
                if value < min || value > max {
                    self.invalid(path, node, &[], problems);
                }
            }
            (Shape::Number { min, max }, Value::Int(value)) => {
                // Precision does not matter for a comparison with small bounds.
                #[allow(clippy::cast_precision_loss)]
                let value = *value as f64;
                if value < *min || value > *max {
                    self.invalid(path, node, &[], problems);
                }
            }
            (Shape::Number { min, max }, Value::Float(value)) => {
                if !(value >= min && value <= max) {
                    self.invalid(path, node, &[], problems);
                }
            }
            (Shape::Above { bound, max }, Value::Int(value)) => {
                // As above.
                #[allow(clippy::cast_precision_loss)]
                let value = *value as f64;
                if value <= *bound || value > *max {
                    self.invalid(path, node, &[], problems);
                }
            }
            (Shape::Above { bound, max }, Value::Float(value)) => {
                if !(value > bound && value <= max) {
                    self.invalid(path, node, &[], problems);
                }
            }
            (Shape::NonEmptyStr, Value::Str(text)) => {
                if text.trim().is_empty() {
                    self.invalid(path, node, &[], problems);
                }
            }
            (Shape::OneOfStr(words), Value::Str(text)) => {
                if !words.contains(&text.as_ref()) {
                    self.invalid(path, node, words, problems);
                }
            }
            (Shape::OneOfStrOr { words, prefix }, Value::Str(text)) => {
                if !words.contains(&text.as_ref()) && !text.starts_with(prefix) {
                    self.invalid(path, node, words, problems);
                }
            }
            (Shape::Array(item), Value::Array(items)) => {
                for (index, node) in items.iter().enumerate() {
                    path.push(Arc::from(index.to_string()));
                    item.check(path, node, problems);
                    path.pop();
                }
            }
            (Shape::Map(shape), Value::Table(table)) => {
                for (key, node) in table.iter() {
                    path.push(Arc::clone(key));
                    shape.check(path, node, problems);
                    path.pop();
                }
            }
            (Shape::Table(shape), Value::Table(_)) => shape.check(path, node, problems),
            (Shape::Either(shapes), _) => self.either(shapes, path, node, problems),
            _ => problems.push(Problem {
                misfit: Misfit::WrongType { expected: self.words(), found: node.kind() },
                path: path.clone(),
                span: node.span,
            }),
        }
    }

    /// Reports problems with the alternative for the type of the value; with all of them, if there is none.
    fn either(
        &self,
        shapes: &[Shape],
        path: &mut KeyPath,
        node: &Node,
        problems: &mut Vec<Problem>,
    ) {
        let mut nearest: Option<Vec<Problem>> = None;
        for shape in shapes {
            let mut found = Vec::new();
            shape.check(path, node, &mut found);
            if found.is_empty() {
                return;
            }
            let of_own_type = !matches!(
                found.as_slice(),
                [Problem { misfit: Misfit::WrongType { .. }, path: at, .. }] if at == path
            );
            if of_own_type && nearest.as_ref().is_none_or(|best| found.len() < best.len()) {
                nearest = Some(found);
            }
        }
        match nearest {
            Some(found) => problems.extend(found),
            None => problems.push(Problem {
                misfit: Misfit::WrongType { expected: self.words(), found: node.kind() },
                path: path.clone(),
                span: node.span,
            }),
        }
    }

    fn invalid(
        &self,
        path: &KeyPath,
        node: &Node,
        known: &'static [&'static str],
        problems: &mut Vec<Problem>,
    ) {
        let misfit = Misfit::InvalidValue { expected: self.words(), known };
        problems.push(Problem { misfit, path: path.clone(), span: node.span });
    }
}

fn quoted(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

impl TableShape {
    fn check(&'static self, path: &mut KeyPath, node: &Node, problems: &mut Vec<Problem>) {
        let Some(table) = node.as_table() else { return };
        for (key, value) in table {
            path.push(Arc::clone(key));
            match self.field(key) {
                Some(field) => field.shape.check(path, value, problems),
                None if self.open => {}
                None => problems.push(Problem {
                    misfit: Misfit::UnknownKey { table: self },
                    path: path.clone(),
                    span: value.key,
                }),
            }
            path.pop();
        }
        for field in self.fields.iter().filter(|field| field.required) {
            if !table.contains_key(field.name) {
                problems.push(Problem {
                    misfit: Misfit::MissingKey { table: self, field },
                    path: path.clone(),
                    span: node.span,
                });
            }
        }
    }
}
