//! `unset`: removing values of lower layers.

use std::collections::HashMap;
use std::sync::Arc;

use super::Removal;
use crate::diagnostic::{Diagnostic, Sink, code, nearest};
use crate::source::{KeyPath, Node, Table, Value};

/// The first segment of paths that name content files, which are applied when files are merged.
pub(super) const FILES: &str = "files";

/// Removes what the document's `unset` names from the tree below it. Removing a missing value is a warning.
///
/// Removals are recorded first, and the tree is rebuilt once, so the cost is linear in the size of the tree.
pub(super) fn apply_unsets(
    lower: Option<Arc<Node>>,
    document: &Node,
    removals: &mut Vec<Removal>,
    sink: &mut Sink,
) -> Option<Arc<Node>> {
    let Some(entries) = document.get("unset").and_then(|unset| unset.as_array()) else {
        return lower;
    };
    let mut pruned = Pruned::default();
    for entry in entries {
        let Some(text) = entry.as_str() else { continue };
        let path = match KeyPath::parse(text) {
            Ok(path) => path,
            Err(problem) => {
                sink.push(
                    Diagnostic::new(
                        code::UNSET_PATH,
                        entry.span,
                        format!("`{text}` is not a path: {problem}"),
                    )
                    .help("write it like `mcp_servers.magic` or `files.\"agents/old.md\"`"),
                );
                continue;
            }
        };
        if path.segments().first().is_some_and(|first| first.as_ref() == FILES) {
            continue;
        }
        match lower.as_ref().and_then(|root| pruned.remove(root, path.segments())) {
            Some(removed) => removals.push(Removal { path, by: entry.span, removed }),
            None => sink.push_with(code::UNSET_NOTHING, entry.span, || {
                nothing_there(&path, entry, lower.as_deref())
            }),
        }
    }
    lower.map(|root| pruned.rest(&root))
}

/// What is removed at and below a node.
#[derive(Default)]
struct Pruned {
    /// How many values are removed here: one of a table, and of the equal items of an array the first ones.
    gone: usize,
    below: HashMap<Arc<str>, Pruned>,
    /// Of an array: where the items are that are strings, by their text.
    places: Option<HashMap<Arc<str>, Vec<usize>>>,
}

fn places_of(items: &[Arc<Node>]) -> HashMap<Arc<str>, Vec<usize>> {
    let mut places: HashMap<Arc<str>, Vec<usize>> = HashMap::new();
    for (place, item) in items.iter().enumerate() {
        if let Value::Str(text) = &item.value {
            places.entry(Arc::clone(text)).or_default().push(place);
        }
    }
    places
}

impl Pruned {
    /// Notes that the value at a path is removed, and returns it; `None` if it is not there, or not any more.
    fn remove(&mut self, node: &Arc<Node>, path: &[Arc<str>]) -> Option<Arc<Node>> {
        let (first, rest) = path.split_first()?;
        match &node.value {
            Value::Table(table) => {
                let child = table.get(first)?;
                if self.below.get(first).is_some_and(|below| below.gone > 0) {
                    return None;
                }
                if !rest.is_empty() {
                    return self.below.entry(Arc::clone(first)).or_default().remove(child, rest);
                }
                let below = self.below.entry(Arc::clone(first)).or_default();
                below.gone = 1;
                Some(below.rest(child))
            }
            // An array element is named by its value: an index would mean something else after each merge.
            Value::Array(items) if rest.is_empty() => {
                let places = self.places.get_or_insert_with(|| places_of(items)).get(first)?;
                let below = self.below.entry(Arc::clone(first)).or_default();
                let item = items.get(*places.get(below.gone)?)?;
                below.gone += 1;
                Some(Arc::clone(item))
            }
            _ => None,
        }
    }

    /// Returns the node without what is removed below it. A table that becomes empty stays.
    fn rest(&self, node: &Arc<Node>) -> Arc<Node> {
        if self.below.is_empty() {
            return Arc::clone(node);
        }
        let value = match &node.value {
            Value::Table(table) => {
                let kept = table.iter().filter_map(|(key, child)| match self.below.get(key) {
                    None => Some((Arc::clone(key), Arc::clone(child))),
                    Some(below) if below.gone > 0 => None,
                    Some(below) => Some((Arc::clone(key), below.rest(child))),
                });
                Value::from(kept.collect::<Table>())
            }
            Value::Array(items) => {
                let mut left: HashMap<&str, usize> =
                    self.below.iter().map(|(name, below)| (&**name, below.gone)).collect();
                let kept = items.iter().filter(|item| {
                    match item.as_str().and_then(|text| left.get_mut(text)) {
                        Some(left) if *left > 0 => {
                            *left -= 1;
                            false
                        }
                        _ => true,
                    }
                });
                Value::Array(kept.cloned().collect())
            }
            other => other.clone(),
        };
        Arc::new(Node { value, ..Node::clone(node) })
    }
}

fn nothing_there(path: &KeyPath, entry: &Node, tree: Option<&Node>) -> Diagnostic {
    let message = format!("no lower layer sets `{path}`, so there is nothing to unset");
    let diagnostic = Diagnostic::new(code::UNSET_NOTHING, entry.span, message);
    let Some((last, parents)) = path.segments().split_last() else { return diagnostic };
    let parent: KeyPath = parents.iter().collect();
    let siblings = tree.and_then(|tree| tree.at(&parent)).and_then(|node| node.as_table());
    match siblings.and_then(|table| nearest(last, table.keys().map(AsRef::as_ref))) {
        Some(near) => diagnostic.help(format!("did you mean `{}`?", parent.join(near))),
        None => diagnostic.help("remove the entry, or correct the path"),
    }
}
