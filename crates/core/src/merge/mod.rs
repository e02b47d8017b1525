//! One value per key, and its history.
//!
//! [`Fold::stack`] folds the layers of a stack from the bottom up. Nodes are shared, so folding a small layer over a large one
//! costs the small one.

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
