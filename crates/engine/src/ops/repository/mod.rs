//! The config repository: which one a request is about, where it is read from, and what its layers merge to.

mod layer_cache;
pub mod load;
pub mod locate;
pub mod mode;
mod read_layer;
pub mod remote;
