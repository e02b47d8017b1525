//! The lines on which the entries of a file stand.

use std::collections::HashMap;
use std::sync::Arc;

use super::digest::Digest;
use super::entry::EntryKey;
use super::text::block;
use super::text::json_text::{Document, Node};
use crate::source::Pointer;

/// Where everything in a file is, found in one pass.
#[derive(Debug, Default)]
pub(super) struct EntryLines {
    /// The line of the block.
    block: Option<usize>,
    /// Of JSON: the line of each value, by its pointer.
    values: HashMap<Pointer, usize>,
    /// The line of the first of equal items of an array, by the pointer of the array.
    items: HashMap<(Pointer, Digest), usize>,
}

impl EntryLines {
    /// Finds the lines of a text.
    pub(super) fn of_text(text: &str) -> Self {
        let mut lines = Self { block: Some(block::line(text)), ..Self::default() };
        if let Ok(document) = Document::parse(text)
            && let Some(root) = &document.root
        {
            lines.add(root, &mut Vec::new(), 1);
        }
        lines
    }

    fn add(&mut self, node: &Node<'_>, keys: &mut Vec<Arc<str>>, line: usize) {
        let pointer: Pointer = keys.iter().cloned().collect();
        self.values.entry(pointer.clone()).or_insert(line);
        let Node::Tree(tree) = node else { return };
        for member in &tree.members {
            let Some(key) = &member.key else {
                let digest = Digest::of_json(&member.value.to_json());
                self.items.entry((pointer.clone(), digest)).or_insert(member.line);
                continue;
            };
            keys.push(key.name.as_ref().into());
            self.add(&member.value, keys, member.line);
            keys.pop();
        }
    }

    /// Returns the line of an entry, 1-based; that of what is left around it, if it is gone; 1 of a file that does not parse.
    pub(super) fn of(&self, key: &EntryKey) -> usize {
        let pointer = match key {
            EntryKey::File => return 1,
            EntryKey::Block => return self.block.unwrap_or(1),
            EntryKey::Value(pointer) | EntryKey::Item(pointer, _) => pointer,
        };
        let item = match key {
            EntryKey::Item(list, digest) => self.items.get(&(list.clone(), *digest)),
            _ => None,
        };
        let mut around = (0..=pointer.segments().len()).rev();
        let line =
            item.or_else(|| around.find_map(|length| self.values.get(&pointer.prefix(length))));
        line.copied().unwrap_or(1).max(1)
    }
}
