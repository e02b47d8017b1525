//! The inputs of rules.

use std::cell::OnceCell;
use std::sync::Arc;

use crate::layer::front_matter::{self, FrontMatter};
use crate::layer::{ContentFile, Document, Layer, LayerName, Manifest, Stack};
use crate::merge::Merged;
use crate::pack::Packs;
use crate::schema::Problem;
use crate::source::{SourceId, Sources, Span};

/// A TOML document of a layer, with its schema problems.
pub struct DocumentContext<'a> {
    /// The layer that the document belongs to.
    pub layer: &'a Layer,
    /// The document.
    pub document: &'a Document,
    /// The texts that spans point into.
    pub sources: &'a Sources,
    /// The schema problems, found once for all rules.
    pub problems: &'a [Problem],
}

/// A content file. Its text becomes a source only when something is found in it.
pub struct ContentContext<'a> {
    /// The file.
    pub file: &'a ContentFile,
    /// The file's text; `None` if it is not UTF-8.
    pub text: Option<&'a str>,
    sources: &'a Sources,
    source: OnceCell<SourceId>,
    front_matter: OnceCell<Option<FrontMatter<'a>>>,
}

impl<'a> ContentContext<'a> {
    /// Returns the context of a file.
    pub fn new(file: &'a ContentFile, sources: &'a Sources) -> Self {
        let text = std::str::from_utf8(&file.bytes).ok();
        Self { file, text, sources, source: OnceCell::new(), front_matter: OnceCell::new() }
    }

    /// Returns the front matter; `None` without any. It is parsed on the first call.
    pub fn front_matter(&self) -> Option<&FrontMatter<'a>> {
        self.front_matter.get_or_init(|| front_matter::find(self.text?)).as_ref()
    }

    /// Returns the span of a byte range of the file. The text is registered on the first call.
    pub fn span(&self, range: std::ops::Range<usize>) -> Span {
        let source = self.source.get_or_init(|| {
            let text = self.text.unwrap_or_default();
            self.sources.add(&*self.file.origin, self.file.layer.to_string(), text)
        });
        Span::new(*source, range)
    }
}

/// A scope's merged configuration.
pub struct ScopeContext<'a> {
    /// The layers of the scope.
    pub stack: &'a Stack,
    /// The vendored packs. Those that the stack names are layers of it.
    pub packs: &'a Packs,
    /// The merged values.
    pub merged: &'a Merged,
    /// The content files that apply, merged.
    pub files: &'a [&'a ContentFile],
    /// The `claude-env.toml` of the repository.
    pub manifest: &'a Manifest,
    /// The texts that spans point into.
    pub sources: &'a Sources,
}

impl ScopeContext<'_> {
    /// Returns the layer whose documents have this place; `None` for places outside of the stack's documents.
    pub fn layer_of(&self, span: Span) -> Option<&Layer> {
        let has = |layer: &&Arc<Layer>| {
            layer.documents.iter().any(|document| document.source == span.source)
        };
        self.stack.layers.iter().find(has).map(AsRef::as_ref)
    }

    /// Returns the span at the start of a content file, for findings about the file as a whole.
    pub fn file_span(&self, file: &ContentFile) -> Span {
        let text = std::str::from_utf8(&file.bytes).unwrap_or_default();
        let id = self.sources.add(&*file.origin, file.layer.to_string(), text);
        Span::new(id, 0..text.lines().next().map_or(0, str::len))
    }
}

/// The repository as a whole.
pub struct RepositoryContext<'a> {
    /// The `claude-env.toml` of the repository.
    pub manifest: &'a Manifest,
    /// All paths of the repository, sorted.
    pub paths: &'a [RepositoryPath],
    /// The vendored packs.
    pub packs: &'a Packs,
    /// Names of the layers that exist.
    pub teams: &'a [String],
    /// Names of the projects that exist.
    pub projects: &'a [String],
    /// Names of the user layers that exist.
    pub users: &'a [String],
    /// The overlays: each layer that has some, with its environments.
    pub overlays: &'a [(LayerName, Vec<String>)],
    /// Today as `YYYY-MM-DD`.
    pub today: &'a str,
    /// The texts that spans point into.
    pub sources: &'a Sources,
}

impl RepositoryContext<'_> {
    /// Returns the span for a finding about a path.
    pub fn path_span(&self, path: &str) -> Span {
        Span::new(self.sources.add(path, "", ""), 0..0)
    }
}

/// One path of the config repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryPath {
    /// The path, from the root of the repository.
    pub path: String,
    /// The kind of file.
    pub kind: PathKind,
}

/// The kind of file at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathKind {
    /// A regular file.
    File,
    /// A symbolic link, with its target.
    Symlink(String),
    /// Something that is neither file, folder nor link.
    Other,
    /// A file whose name is not UTF-8.
    NotUtf8Name,
}
