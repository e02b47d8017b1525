//! Merging the layers of a stack into one value per key.
//!
//! [`Fold::stack`] merges the layers of a stack, lowest first. Nodes are shared, so the cost of merging a layer depends on
//! its own size only.

mod content;
mod explain;
mod fold;
mod origin;
mod strategy;
#[cfg(test)]
mod tests;
mod unset;

pub use content::merge_content;
pub use explain::{Explanation, Step, explain, nearest_key};
pub use fold::{Fold, Merged};
pub use origin::Removal;
pub use strategy::{LAYER_TABLES, Strategies, Strategy, StrategyOrigin};
