//! `CLAUDE.md`: a marked block with the fragments of all layers.

use std::sync::Arc;

use crate::model::{Fragment, Model};
use crate::render::{Part, RenderedFile};
use crate::source::RepoPath;

/// The instructions file of a workspace.
pub(in crate::render) const PATH: &str = "CLAUDE.md";

/// Stands first in the block, for the person who is about to edit it; Claude Code drops HTML comments.
const NOTICE: &str = "<!-- Rendered by claude-env. Your own text goes outside of these markers; this block is drift when edited. -->";

/// The block, unless there is nothing to say.
pub(in crate::render) fn render(model: &Model) -> Option<RenderedFile> {
    let fragments: Vec<&Fragment> = model.fragments().iter().collect();
    let text = block(model.imports(), &fragments)?;
    let origins = model.fragments().iter().map(|fragment| Arc::clone(&fragment.origin)).collect();
    Some(RenderedFile { path: RepoPath::parse(PATH).ok()?, part: Part::Block { text }, origins })
}

/// The text of a block with these imports and fragments; `None` if there are none.
pub(in crate::render) fn block(imports: &[String], fragments: &[&Fragment]) -> Option<String> {
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
