//! What is true once it was checked.

pub(crate) mod reference;
pub(crate) mod rule;
pub(crate) mod schema;
pub(crate) mod shape;
