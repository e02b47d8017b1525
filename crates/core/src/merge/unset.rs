//! `unset`: removing values of lower layers.

use std::sync::Arc;

use super::Removal;
use crate::diagnostic::{Diagnostic, Sink, code, nearest};
use crate::source::{KeyPath, Node, Value};

/// The first segment of paths that name content files, which are applied when files are merged.
pub(super) const FILES: &str = "files";

/// Removes what the document's `unset` names from the tree below it. Removing a missing value is a warning.
pub(super) fn apply_unsets(
    lower: Option<Arc<Node>>,
    document: &Node,
    removals: &mut Vec<Removal>,
    sink: &mut Sink,
) -> Option<Arc<Node>> {
    let Some(entries) = document.get("unset").and_then(|unset| unset.as_array()) else {
        return lower;
    };
    let mut tree = lower;
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
        let removed = tree.as_ref().and_then(|root| remove(root, path.segments()));
        match removed {
            Some((rest, removed)) => {
                tree = Some(rest);
                removals.push(Removal { path, by: entry.span, removed });
            }
            None => sink.push(nothing_there(&path, entry, tree.as_deref())),
        }
    }
    tree
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

/// Returns the tree without the value at the path, and that value. A table that becomes empty stays.
fn remove(node: &Arc<Node>, path: &[Arc<str>]) -> Option<(Arc<Node>, Arc<Node>)> {
    let (first, rest) = path.split_first()?;
    match &node.value {
        Value::Table(table) => {
            let child = table.get(first)?;
            let mut table = table.clone();
            let removed = if rest.is_empty() {
                table.shift_remove(first)?
            } else {
                let (smaller, removed) = remove(child, rest)?;
                table.insert(Arc::clone(first), smaller);
                removed
            };
            Some((Arc::new(Node { value: Value::Table(table), ..Node::clone(node) }), removed))
        }
        // An array element is named by its value: an index would mean something else after each merge.
        Value::Array(items) if rest.is_empty() => {
            let at = items.iter().position(|item| item.as_str() == Some(first))?;
            let mut items = items.clone();
            let removed = items.remove(at);
            Some((Arc::new(Node { value: Value::Array(items), ..Node::clone(node) }), removed))
        }
        _ => None,
    }
}
