//! placeholder until the branch is merged
use crate::source::{Node, Span};
use std::sync::Arc;
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) name: Arc<str>,
    pub(crate) origin: Span,
    json: serde_json::Value,
}
impl Server {
    pub(crate) fn read(name: &Arc<str>, node: &Node) -> Result<Self, ()> {
        Ok(Self { name: Arc::clone(name), origin: node.key, json: node.to_json() })
    }
    pub(crate) fn to_json(&self) -> serde_json::Value {
        self.json.clone()
    }
}
