//! Looking many pointers up in one JSON document, each in a time that does not grow with the document.

use std::cell::RefCell;
use std::collections::HashMap;

use serde_json::Value as Json;

use super::json_text::{Document, JsonError, Member, Node, Tree};
use crate::source::Pointer;

/// Objects up to this size are searched; larger ones get a table of their names when they are first asked.
const SMALL: usize = 16;

/// A document, and tables of the names in its large objects.
pub(in crate::workspace) struct DocumentIndex<'d, 't> {
    document: &'d Document<'t>,
    /// By the address of the object, which does not move while the document is borrowed.
    names: RefCell<HashMap<*const Tree<'t>, HashMap<&'d str, Places>>>,
}

/// Where a name is among the members of an object.
#[derive(Clone, Copy)]
struct Places {
    first: usize,
    second: Option<usize>,
}

/// The result of looking up a pointer.
#[derive(Debug)]
pub(in crate::workspace) enum Lookup<'d, 't> {
    /// There is a value.
    Found(Value<'d, 't>),
    /// There is no value, and one can be added.
    Missing,
    /// A value on the way is not an object.
    Blocked {
        /// The number of keys that lead to that value.
        depth: usize,
        /// The line of the value, 1-based.
        line: usize,
    },
}

/// A value in a document.
#[derive(Clone, Copy, Debug)]
pub(in crate::workspace) struct Value<'d, 't> {
    node: &'d Node<'t>,
    /// The line of its key, 1-based; 1 for the root.
    pub(in crate::workspace) line: usize,
}

impl Value<'_, '_> {
    /// Returns the value as data.
    pub(in crate::workspace) fn to_json(self) -> Json {
        self.node.to_json()
    }

    /// Returns the items; `None` if it is not an array.
    pub(in crate::workspace) fn items(self) -> Option<Vec<Json>> {
        let tree = self.node.as_array()?;
        Some(tree.members.iter().map(|member| member.value.to_json()).collect())
    }
}

impl<'d, 't> DocumentIndex<'d, 't> {
    /// Creates the index of a document. Nothing is looked at yet.
    pub(in crate::workspace) fn new(document: &'d Document<'t>) -> Self {
        Self { document, names: RefCell::default() }
    }

    /// Looks a pointer up. Fails when a key on the way occurs twice in its object.
    pub(in crate::workspace) fn find(
        &self,
        pointer: &Pointer,
    ) -> Result<Lookup<'d, 't>, JsonError> {
        let Some(mut node) = self.document.root.as_ref() else { return Ok(Lookup::Missing) };
        let mut line = 1;
        for (depth, segment) in pointer.segments().iter().enumerate() {
            let Some(tree) = node.as_object() else { return Ok(Lookup::Blocked { depth, line }) };
            let (first, second) = self.members(tree, segment);
            let Some(member) = first else { return Ok(Lookup::Missing) };
            if let Some(second) = second {
                return Err(JsonError {
                    line: second.line,
                    message: format!("duplicate key `{segment}`"),
                });
            }
            (node, line) = (&member.value, member.line);
        }
        Ok(Lookup::Found(Value { node, line }))
    }

    /// Returns the first and the second member with a name.
    fn members(
        &self,
        tree: &'d Tree<'t>,
        name: &str,
    ) -> (Option<&'d Member<'t>>, Option<&'d Member<'t>>) {
        if tree.members.len() <= SMALL {
            let mut found = tree.members.iter().filter(|member| member.is(name));
            return (found.next(), found.next());
        }
        let mut names = self.names.borrow_mut();
        let names = names.entry(std::ptr::from_ref(tree)).or_insert_with(|| names_of(tree));
        let Some(places) = names.get(name) else { return (None, None) };
        let second = places.second.and_then(|at| tree.members.get(at));
        (tree.members.get(places.first), second)
    }
}

fn names_of<'d>(tree: &'d Tree<'_>) -> HashMap<&'d str, Places> {
    let mut names: HashMap<&str, Places> = HashMap::with_capacity(tree.members.len());
    for (at, member) in tree.members.iter().enumerate() {
        let Some(key) = &member.key else { continue };
        names
            .entry(&*key.name)
            .and_modify(|places| places.second = places.second.or(Some(at)))
            .or_insert(Places { first: at, second: None });
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks a name up in an object with `count` other names before it.
    fn check(count: usize, text: &str, pointer: &[&str], expect: &str) {
        let others: String = (0..count).map(|n| format!("\"k{n}\": {n},\n")).collect();
        let text = format!("{{{others}{text}}}");
        let document = Document::parse(&text).expect("JSON");
        let pointer: Pointer = pointer.iter().copied().collect();
        let found = match DocumentIndex::new(&document).find(&pointer) {
            Ok(Lookup::Found(value)) => format!("{}@{}", value.to_json(), value.line),
            Ok(Lookup::Missing) => "missing".to_owned(),
            Ok(Lookup::Blocked { depth, line }) => format!("blocked at {depth}@{line}"),
            Err(error) => format!("{}@{}", error.message, error.line),
        };
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn large_and_small_objects_are_read_alike() {
        for count in [0, SMALL - 1, SMALL, 100] {
            let line = count + 1;
            check(count, "\"a\": {\"b\": 1}", &["a", "b"], &format!("1@{line}"));
            check(count, "\"a\": {\"b\": 1}", &["a", "c"], "missing");
            check(count, "\"a\": 1", &["b"], "missing");
            check(count, "\"a\": 1", &["a", "b"], &format!("blocked at 1@{line}"));
            let twice = format!("duplicate key `a`@{}", line + 1);
            check(count, "\"a\": 1,\n\"a\": 2", &["a"], &twice);
        }
    }
}
