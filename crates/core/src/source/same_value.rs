//! Values compared by what they mean, so that sets of them are possible.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::node::{Node, Value};

/// A node as an element of a set: equal to every node with the same value, wherever that was written.
///
/// See [`Node::same_value`].
#[derive(Clone, Copy, Debug)]
pub struct SameValue<'a>(pub &'a Node);

impl PartialEq for SameValue<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.same_value(other.0)
    }
}

impl Eq for SameValue<'_> {}

impl Hash for SameValue<'_> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        feed(self.0, hasher);
    }
}

fn feed<H: Hasher>(node: &Node, hasher: &mut H) {
    node.kind().hash(hasher);
    match &node.value {
        Value::Bool(value) => value.hash(hasher),
        Value::Int(value) => value.hash(hasher),
        Value::Float(value) => value.to_bits().hash(hasher),
        Value::Str(text) | Value::Datetime(text) => text.hash(hasher),
        Value::Array(items) => items.iter().for_each(|item| feed(item, hasher)),
        // Equal tables may have their keys in different orders, so the hashes of their entries are added up.
        Value::Table(table) => table
            .iter()
            .fold(0_u64, |sum, (key, value)| {
                let mut entry = DefaultHasher::new();
                key.hash(&mut entry);
                feed(value, &mut entry);
                sum.wrapping_add(entry.finish())
            })
            .hash(hasher),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::source::{SourceId, Span};

    fn check(a: &str, b: &str, expect: bool) {
        let place = Span::new(SourceId::FIRST, 0..0);
        let node = |text: &str| {
            let json = serde_json::from_str(text).expect("JSON");
            Node::from_json(&json, place).expect("a value")
        };
        let (a, b) = (node(a), node(b));
        let set: HashSet<SameValue<'_>> = [SameValue(&a)].into();
        assert_eq!(set.contains(&SameValue(&b)), expect, "{a:?} {b:?}");
    }

    #[test]
    fn values_are_found_by_meaning() {
        check(r#"{"a": 1, "b": [2]}"#, r#"{"b": [2], "a": 1}"#, true);
        check("[1, 2]", "[2, 1]", false);
        check("1", "1.0", false);
        check(r#""1""#, "1", false);
        check("{}", "[]", false);
    }
}
