//! Merging layers one at a time, lowest first.

use std::collections::HashSet;
use std::sync::Arc;

use super::unset::apply_unsets;
use super::{Removal, Strategies, Strategy};
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::layer::{Document, Stack};
use crate::source::{KeyPath, Kind, Node, SameValue, SourceId, Span, Table, Value};

/// The merged configuration: a tree in which every value has its place and the values that it shadows.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The tree, without the keys that describe a layer itself (`version`, `description`, `unset`).
    pub root: Arc<Node>,
    /// The values that `unset` entries removed, in the order of the layers.
    pub removals: Vec<Removal>,
}

/// Keys that describe a layer and are not configuration.
const LAYER_KEYS: &[&str] = &["version", "description", "unset"];

/// The state of a fold between two layers. Cheap to clone: trees are shared.
#[derive(Clone, Debug, Default)]
pub struct Fold {
    root: Option<Arc<Node>>,
    removals: Vec<Removal>,
}

impl Fold {
    /// Merges all documents that apply to the scope of a stack.
    pub fn stack(stack: &Stack, strategies: &Strategies, sink: &mut Sink) -> Merged {
        let mut fold = Self::default();
        for layer in &stack.layers {
            for document in layer.documents_for(stack.scope.environment()) {
                fold.push(document, strategies, sink);
            }
        }
        fold.finish()
    }

    /// Merges one document: its `unset` first, then its values.
    pub fn push(&mut self, document: &Document, strategies: &Strategies, sink: &mut Sink) {
        let higher = &document.root;
        let lower = self.root.take();
        let lower = apply_unsets(lower, higher, &mut self.removals, sink);
        let higher = without_layer_keys(higher);
        self.root = Some(match lower {
            None => higher,
            Some(lower) => {
                let mut path = KeyPath::default();
                Merger { strategies, sink }.node(&mut path, &lower, &higher)
            }
        });
    }

    /// Returns the merged configuration: an empty table if no document was folded.
    pub fn finish(self) -> Merged {
        let root = self.root.unwrap_or_else(|| {
            let nowhere = Span::new(SourceId::FIRST, 0..0);
            Arc::new(Node::new(Value::from(Table::default()), nowhere, nowhere))
        });
        Merged { root, removals: self.removals }
    }
}

fn without_layer_keys(root: &Arc<Node>) -> Arc<Node> {
    match &root.value {
        Value::Table(table) if LAYER_KEYS.iter().any(|key| table.contains_key(*key)) => {
            let kept = |(key, _): &(&Arc<str>, &Arc<Node>)| !LAYER_KEYS.contains(&key.as_ref());
            let table: Table = (table.iter().filter(kept))
                .map(|(key, node)| (Arc::clone(key), Arc::clone(node)))
                .collect();
            Arc::new(Node { value: table.into(), ..Node::clone(root) })
        }
        _ => Arc::clone(root),
    }
}

struct Merger<'a> {
    strategies: &'a Strategies,
    sink: &'a mut Sink,
}

impl Merger<'_> {
    fn node(&mut self, path: &mut KeyPath, lower: &Arc<Node>, higher: &Arc<Node>) -> Arc<Node> {
        match (&lower.value, &higher.value) {
            (Value::Table(low), Value::Table(high)) => {
                let value = Value::from(self.tables(path, low, high));
                shadowing(lower, higher, value)
            }
            (Value::Array(low), Value::Array(high)) => match self.strategies.of(path).0 {
                Strategy::Union => shadowing(lower, higher, Value::Array(union(low, high))),
                Strategy::Append => {
                    let all = low.iter().chain(high).map(Arc::clone).collect();
                    shadowing(lower, higher, Value::Array(all))
                }
                Strategy::ByTarget => shadowing(lower, higher, Value::Array(by_target(low, high))),
                _ => shadowing(lower, higher, higher.value.clone()),
            },
            _ => {
                if clash(lower.kind(), higher.kind()) && !takes_any_kind(path) {
                    self.sink.push(type_clash(path, lower, higher));
                }
                self.scalars(path, lower, higher)
            }
        }
    }

    fn tables(&mut self, path: &mut KeyPath, low: &Table, high: &Table) -> Table {
        let mut merged = low.clone();
        for (key, higher) in high {
            let node = match low.get(key) {
                None => Arc::clone(higher),
                Some(lower) => {
                    path.push(Arc::clone(key));
                    let node = self.node(path, lower, higher);
                    path.pop();
                    node
                }
            };
            merged.insert(Arc::clone(key), node);
        }
        merged
    }

    fn scalars(&self, path: &KeyPath, lower: &Arc<Node>, higher: &Arc<Node>) -> Arc<Node> {
        let keep_lower = match self.strategies.of(path).0 {
            Strategy::Or => lower.as_bool() == Some(true) && higher.as_bool() == Some(false),
            Strategy::Maximum => match (amount(lower), amount(higher)) {
                (Some(low), Some(high)) => low > high,
                _ => false,
            },
            _ => false,
        };
        let (winner, loser) = if keep_lower { (lower, higher) } else { (higher, lower) };
        shadowing(loser, winner, winner.value.clone())
    }
}

/// Returns a merged value with the place of the higher one, which shadows the lower one.
fn shadowing(loser: &Arc<Node>, winner: &Arc<Node>, value: Value) -> Arc<Node> {
    Arc::new(Node { value, span: winner.span, key: winner.key, shadowed: Some(Arc::clone(loser)) })
}

/// Returns true if values of these kinds cannot be merged.
fn clash(lower: Kind, higher: Kind) -> bool {
    let number = |kind| matches!(kind, Kind::Int | Kind::Float);
    lower != higher && !(number(lower) && number(higher))
}

/// Properties of devcontainer.json that have several types in the specification, so that layers may use different ones.
fn takes_any_kind(path: &KeyPath) -> bool {
    let devcontainer =
        path.segments().first().is_some_and(|first| first.as_ref() == "devcontainer");
    let features = path.segments().first().is_some_and(|first| first.as_ref() == "features");
    (devcontainer || features) && path.segments().len() >= 2
}

fn type_clash(path: &KeyPath, lower: &Node, higher: &Node) -> Diagnostic {
    let message =
        format!("`{path}` is {} here, but {} in a lower layer", higher.kind(), lower.kind());
    Diagnostic::new(code::TYPE_CLASH, higher.span, message)
        .label(format!("{} here", higher.kind()))
        .other(lower.span, format!("{} here", lower.kind()))
        .help(format!(
            "give it the same type, or add `unset = [\"{}\"]` to replace it",
            path.to_string().replace('"', "\\\"")
        ))
}

/// Returns the lower items in order, then the higher items that are new.
fn union(low: &[Arc<Node>], high: &[Arc<Node>]) -> Vec<Arc<Node>> {
    let mut seen: HashSet<SameValue<'_>> = low.iter().map(|item| SameValue(item)).collect();
    let new = high.iter().filter(|item| seen.insert(SameValue(item)));
    low.iter().chain(new).cloned().collect()
}

/// Returns one mount per target, the higher layer's; order of first appearance.
fn by_target(low: &[Arc<Node>], high: &[Arc<Node>]) -> Vec<Arc<Node>> {
    let mut all: indexmap::IndexMap<String, Arc<Node>> = indexmap::IndexMap::new();
    for item in low.iter().chain(high) {
        let target = mount_target(item).unwrap_or_else(|| item.to_json().to_string());
        all.insert(target, Arc::clone(item));
    }
    all.into_values().collect()
}

fn mount_target(item: &Node) -> Option<String> {
    if let Some(target) = item.get("target") {
        return target.as_str().map(str::to_owned);
    }
    let parts = item.as_str()?.split(',');
    parts.filter_map(|part| part.split_once('=')).find_map(|(key, value)| {
        matches!(key.trim(), "target" | "dst" | "destination").then(|| value.trim().to_owned())
    })
}

/// Returns an amount of cores or bytes: `4`, `8gb`.
fn amount(node: &Node) -> Option<u128> {
    if let Value::Int(number) = node.value {
        return u128::try_from(number).ok();
    }
    let text = node.as_str()?.to_ascii_lowercase();
    let text = text.strip_suffix('b').unwrap_or(&text);
    let units = [('k', 10), ('m', 20), ('g', 30), ('t', 40)];
    let unit = units.into_iter().find(|(letter, _)| text.ends_with(*letter));
    let (digits, shift) =
        unit.map_or((text, 0), |(letter, shift)| (text.trim_end_matches(letter), shift));
    digits.parse::<u64>().ok().map(|number| u128::from(number) << shift)
}
