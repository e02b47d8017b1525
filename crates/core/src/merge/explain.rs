//! Where a merged value comes from.

use std::sync::Arc;

use super::{Merged, Removal, Strategies, Strategy, StrategyOrigin};
use crate::diagnostic::nearest;
use crate::source::{KeyPath, Node, Span};

/// One value that a layer sets for a key.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where it is written.
    pub span: Span,
    /// The value, as JSON.
    pub value: serde_json::Value,
}

/// The history of one key.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The key.
    pub path: KeyPath,
    /// The merged value; `None` if an `unset` removed it.
    pub value: Option<Arc<Node>>,
    /// The values of the layers, highest precedence first.
    pub steps: Vec<Step>,
    /// The place of each element, for an array that was merged by union or append.
    pub elements: Vec<Step>,
    /// How the layers are merged at this key.
    pub strategy: Strategy,
    /// Where the strategy is set.
    pub strategy_origin: StrategyOrigin,
    /// The `unset` entries that removed lower values of this key, or of a table around it.
    pub removals: Vec<Removal>,
}

/// Explains a key; `None` if no layer of the scope sets it.
pub fn explain(merged: &Merged, strategies: &Strategies, path: &KeyPath) -> Option<Explanation> {
    let removals: Vec<Removal> = (merged.removals.iter())
        .filter(|removal| path.segments().starts_with(removal.path.segments()))
        .cloned()
        .collect();
    let value = merged.at(path);
    if value.is_none() && removals.is_empty() {
        return None;
    }
    let (strategy, strategy_origin) = strategies.of(path);
    let mut steps = Vec::new();
    let mut layer = value.as_ref();
    while let Some(node) = layer {
        steps.push(Step { span: node.span, value: node.to_json() });
        layer = node.shadowed.as_ref();
    }
    let elements = match (&value, strategy) {
        (_, Strategy::Replace) | (None, _) => Vec::new(),
        (Some(node), _) => (node.as_array().unwrap_or_default().iter())
            .map(|item| Step { span: item.span, value: item.to_json() })
            .collect(),
    };
    Some(Explanation {
        path: path.clone(),
        value,
        steps,
        elements,
        strategy,
        strategy_origin,
        removals,
    })
}

/// Returns the known key that is most similar to an unknown one: the first unknown segment is replaced.
pub fn nearest_key(root: &Arc<Node>, path: &KeyPath) -> Option<KeyPath> {
    let mut known = KeyPath::default();
    let mut node = root;
    for segment in path.segments() {
        match node.get(segment) {
            Some(child) => {
                known.push(Arc::clone(segment));
                node = child;
            }
            None => {
                let table = node.as_table()?;
                let near = nearest(segment, table.keys().map(AsRef::as_ref))?;
                let rest = &path.segments()[known.segments().len() + 1..];
                let mut corrected = known.join(near);
                let mut below = table.get(near);
                for segment in rest {
                    below = below.and_then(|node| node.get(segment));
                    below?;
                    corrected.push(Arc::clone(segment));
                }
                return Some(corrected);
            }
        }
    }
    None
}

impl Merged {
    /// Returns the value at a path; array elements are named by their index.
    pub fn at(&self, path: &KeyPath) -> Option<Arc<Node>> {
        let mut node = &self.root;
        for segment in path.segments() {
            node = match node.get(segment) {
                Some(child) => child,
                None => node.as_array()?.get(segment.parse::<usize>().ok()?)?,
            };
        }
        Some(Arc::clone(node))
    }
}
