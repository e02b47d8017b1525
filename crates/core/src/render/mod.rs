//! The rendered files of a workspace, as values: the managed parts, and where each comes from.
//!
//! A [`Rendering`] is a pure function of the model: same revision and scope, same bytes, on every machine.

pub mod personal;
mod target;

use std::sync::Arc;

use serde_json::Value as Json;

use crate::agent::{AGENTS, Agent, EntryKind, Format};
use crate::model::{Fragment, Model};
use crate::source::{Pointer, RepoPath, Span};

/// Everything that a scope renders to, sorted by path.
#[derive(Clone, Debug, Default)]
pub struct Rendering {
    /// The files, sorted by path.
    pub files: Vec<RenderedFile>,
}

/// Renders a model for all agents.
pub fn render(model: &Model) -> Rendering {
    render_for(AGENTS.iter().copied().filter(|agent| agent.is_rendered), model)
}

/// Renders a model for some agents.
pub fn render_for(agents: impl IntoIterator<Item = &'static Agent>, model: &Model) -> Rendering {
    let mut files: Vec<RenderedFile> = target::files::render(model).collect();
    let fragments: Vec<&Fragment> = model.fragments().iter().collect();
    for agent in agents {
        files.extend(agent.targets.iter().filter_map(|target| match &target.format {
            Format::Block => target::instructions::render(target.path, model.imports(), &fragments),
            Format::Json(format) => target::json::render(target, format, model),
        }));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Rendering { files }
}

/// One file, with its managed part.
#[derive(Clone, Debug)]
pub struct RenderedFile {
    /// Path in the workspace.
    pub path: RepoPath,
    /// The managed part.
    pub part: Part,
    /// The files of layers that it was made from, for messages; empty where entries have their own places.
    pub origins: Arc<[Arc<str>]>,
}

/// The managed part of a file.
#[derive(Clone, Debug)]
pub enum Part {
    /// The whole file.
    Whole {
        /// The content of the file.
        bytes: Arc<[u8]>,
        /// Whether the file is executable.
        executable: bool,
    },
    /// The lines between the markers [`crate::agent::BLOCK_BEGIN`] and [`crate::agent::BLOCK_END`], without them; ends with
    /// a newline.
    Block {
        /// The lines.
        text: String,
    },
    /// Entries of a JSON document.
    Json(JsonPart),
}

/// The managed entries of a JSON file.
#[derive(Clone, Debug)]
pub struct JsonPart {
    /// The entries, in the order in which they are written into a new file.
    pub entries: Vec<JsonEntry>,
    /// The content of a file without entries, such as an empty table of servers.
    pub skeleton: Json,
}

/// One managed value of a JSON file.
#[derive(Clone, Debug)]
pub struct JsonEntry {
    /// The place of the value, or of the array that holds the item.
    pub pointer: Pointer,
    /// What is at the pointer.
    pub kind: EntryKind,
    /// The value.
    pub value: Json,
    /// Where the value is written in a layer.
    pub origin: Span,
}
