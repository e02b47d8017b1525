//! `CLAUDE.md`: a marked block with the fragments of all layers.

use crate::model::Model;
use crate::render::{Part, RenderedFile};
use crate::source::RepoPath;

/// The instructions file of a workspace.
const PATH: &str = "CLAUDE.md";

/// Stands first in the block, for the person who is about to edit it; Claude Code drops HTML comments.
const NOTICE: &str = "<!-- Rendered by claude-env. Your own text goes outside of these markers; this block is drift when edited. -->";

/// The block, unless there is nothing to say.
pub(in crate::render) fn render(model: &Model) -> Option<RenderedFile> {
    if model.fragments().is_empty() && model.imports().is_empty() {
        return None;
    }
    let length = model.fragments().iter().map(|fragment| fragment.text.len() + 2).sum::<usize>();
    let mut text = String::with_capacity(NOTICE.len() + length + 1);
    text.push_str(NOTICE);
    text.push('\n');
    if !model.imports().is_empty() {
        text.push('\n');
        for line in model.imports() {
            text.push_str(line);
            text.push('\n');
        }
    }
    for fragment in model.fragments() {
        text.push('\n');
        text.push_str(&fragment.text);
        text.push('\n');
    }
    let origins = model.fragments().iter().map(|fragment| fragment.origin.clone()).collect();
    Some(RenderedFile { path: RepoPath::parse(PATH).ok()?, part: Part::Block { text }, origins })
}
