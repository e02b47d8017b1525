//! Git repositories as values: the hooks and the lines in `info/exclude` that claude-env adds, and the key of an address.

mod address_key;
pub mod exclude;
pub mod hooks;

pub use address_key::AddressKey;
