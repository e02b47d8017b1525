//! Reading and editing the text of files in place: JSON documents, marked blocks, and merges of plain text.

pub mod block;
pub(super) mod json_edit;
pub(super) mod json_index;
pub mod json_text;
pub(super) mod three_way;
