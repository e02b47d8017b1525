//! The checked configuration.
//!
//! Only [`Model::validate`] makes a [`Model`]: it runs the rules of a scope and reads typed values from the merged tree.
//! Only a model can be rendered.

pub mod catalogue;
mod instructions;
pub mod mcp;
pub mod rule;
mod settings;

use std::sync::Arc;

use crate::agent::{content_folder, imports};
use crate::diagnostic::Sink;
use crate::layer::ContentFile;
use crate::rule::ScopeContext;
use crate::source::RepoPath;

pub use instructions::Fragment;
pub use mcp::Server;
pub use settings::Setting;

/// The checked configuration of one scope.
#[derive(Clone, Debug)]
pub struct Model {
    imports: Vec<String>,
    fragments: Vec<Fragment>,
    settings: Vec<Setting>,
    servers: Vec<Server>,
    files: Vec<ModelFile>,
}

/// A file that is rendered unchanged from a layer.
#[derive(Clone, Debug)]
pub struct ModelFile {
    /// Path in the workspace.
    pub path: RepoPath,
    /// The content of the file.
    pub bytes: Arc<[u8]>,
    /// Whether the file is executable.
    pub executable: bool,
    /// The path in the config repository, for messages.
    pub origin: Arc<str>,
    /// The pack that it comes from; `None` for the file of a layer.
    pub pack: Option<Arc<str>>,
}

impl Model {
    /// Checks a scope and reports all findings to the sink; `None` if any of them is an error.
    ///
    /// Earlier errors in the sink, from parsing and merging, count as well.
    pub fn validate(context: &ScopeContext<'_>, sink: &mut Sink) -> Option<Self> {
        rule::check_scope(context, sink);
        if sink.has_errors() {
            return None;
        }
        let root = &context.merged.root;
        Some(Self {
            imports: imports(context.files),
            fragments: instructions::fragments(context.files),
            settings: settings::read(root),
            servers: mcp::servers(root),
            files: context.files.iter().filter_map(|file| model_file(file)).collect(),
        })
    }

    /// Returns the lines by which the instructions block imports documents of packs.
    pub fn imports(&self) -> &[String] {
        &self.imports
    }

    /// Returns the parts of the instructions block, in order.
    pub fn fragments(&self) -> &[Fragment] {
        &self.fragments
    }

    /// Returns the keys of the agent's settings, in the order in which they are written.
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// Returns the MCP servers, in the order in which layers name them.
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// Returns the files that are rendered whole.
    pub fn files(&self) -> &[ModelFile] {
        &self.files
    }
}

fn model_file(file: &ContentFile) -> Option<ModelFile> {
    Some(ModelFile {
        path: RepoPath::parse(&content_folder(file.kind)?.path(file.path.as_str())?).ok()?,
        bytes: Arc::clone(&file.bytes),
        executable: file.executable,
        origin: Arc::clone(&file.origin),
        pack: file.pack.clone(),
    })
}
