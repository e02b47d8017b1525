//! The files of a workspace, as values: what is ours in each, and where every part came from.
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

/// One file and our part of it.
#[derive(Clone, Debug)]
pub struct RenderedFile {
    /// Path in the workspace.
    pub path: RepoPath,
    /// Our part of the file.
    pub part: Part,
    /// The files of layers that it was put together from, as shown to people; empty where entries know their own places.
    pub origins: Arc<[Arc<str>]>,
}

/// What we own of a file.
#[derive(Clone, Debug)]
pub enum Part {
    /// The whole file.
    Whole {
        /// The content of the file.
        bytes: Arc<[u8]>,
        /// Whether the file is executable.
        executable: bool,
    },
    /// The lines between the markers [`crate::agent::BLOCK_BEGIN`] and [`crate::agent::BLOCK_END`], without them; ends with a newline.
    Block {
        /// The lines.
        text: String,
    },
    /// Entries of a JSON document.
    Json(JsonPart),
}

/// Our entries of a JSON file.
#[derive(Clone, Debug)]
pub struct JsonPart {
    /// Our entries, in the order in which they are written into a new file.
    pub entries: Vec<JsonEntry>,
    /// What a file that does not exist yet starts from, such as an empty table of servers; also what is left when all entries go.
    pub skeleton: Json,
}

/// One owned value of a JSON file.
#[derive(Clone, Debug)]
pub struct JsonEntry {
    /// The place of the value, or of the array that holds the item.
    pub pointer: Pointer,
    /// How the value sits at its pointer.
    pub kind: EntryKind,
    /// The value.
    pub value: Json,
    /// Where the value is written in a layer.
    pub origin: Span,
}
