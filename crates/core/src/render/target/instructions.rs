//! A text file: a marked block with the fragments of all layers.

use std::sync::Arc;

use crate::model::Fragment;
use crate::render::{Part, RenderedFile};
use crate::source::RepoPath;

/// The first line of the block, for people. Agents ignore HTML comments.
const NOTICE: &str = "<!-- Rendered by claude-env. Do not edit this block: write your own text outside of these markers. -->";

/// Renders the block with imports and fragments into the file at a path; `None` when there are none.
pub(in crate::render) fn render(
    path: &str,
    imports: &[String],
    fragments: &[&Fragment],
) -> Option<RenderedFile> {
    let text = block(imports, fragments)?;
    let origins = fragments.iter().map(|fragment| Arc::clone(&fragment.origin)).collect();
    Some(RenderedFile { path: RepoPath::parse(path).ok()?, part: Part::Block { text }, origins })
}

/// Returns the text of a block with these imports and fragments; `None` when there are none.
fn block(imports: &[String], fragments: &[&Fragment]) -> Option<String> {
    if fragments.is_empty() && imports.is_empty() {
        return None;
    }
    let length = fragments.iter().map(|fragment| fragment.text.len() + 2).sum::<usize>();
    let mut text = String::with_capacity(NOTICE.len() + length + 1);
    text.push_str(NOTICE);
    text.push('\n');
    if !imports.is_empty() {
        text.push('\n');
        for line in imports {
            text.push_str(line);
            text.push('\n');
        }
    }
    for fragment in fragments {
        text.push('\n');
        text.push_str(&fragment.text);
        text.push('\n');
    }
    Some(text)
}
