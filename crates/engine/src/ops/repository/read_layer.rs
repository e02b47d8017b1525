//! Reads one layer: its documents, its content files, and the findings of the rules that look at one layer.

use std::sync::Arc;

use crate::edge::config_source::{ConfigSource, Entry, EntryKind};
use crate::ops::{Failure, workers};
use claude_env_core::diagnostic::{Diagnostic, Sink, code};
use claude_env_core::layer::{
    ContentFile, ContentKind, DEFAULT_LAYER, Document, LAYER_FILE, Layer, LayerKind, LayerName,
    ScopeName, parse_toml,
};
use claude_env_core::model::rule;
use claude_env_core::rule::{ContentContext, DocumentContext};
use claude_env_core::schema::{self, Shape};
use claude_env_core::source::{KeyPath, Node, RepoPath, SourceId, Sources, Span};

/// From this many files on, reading them on all cores is faster.
const MANY_FILES: usize = 200;

/// A layer with the findings about it.
pub struct LoadedLayer {
    /// The layer.
    pub layer: Arc<Layer>,
    /// The findings of the rules that look at one layer.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads one layer and runs the rules that look at one layer; `None` when the folder has no file.
///
/// Fails when a file cannot be read.
pub(in crate::ops) fn read_layer(
    source: &ConfigSource,
    sources: &Sources,
    name: &LayerName,
    folder: &str,
) -> Result<Option<LoadedLayer>, Failure> {
    let entries = source.walk(folder)?;
    if entries.is_empty() {
        return Ok(None);
    }
    let wanted: Vec<(&Entry, LayerFile)> =
        entries.iter().filter_map(|entry| Some((entry, LayerFile::of(entry, folder)?))).collect();
    let read = workers::map(&wanted, MANY_FILES, |(entry, _)| read(source, entry));
    let shown = if name.kind == LayerKind::User && name.name.is_none() {
        format!("{}/", source.display())
    } else {
        String::new()
    };
    let mut sink = Sink::default();
    let mut documents = Vec::new();
    let mut content = Vec::new();
    for ((entry, wanted), bytes) in wanted.into_iter().zip(read) {
        let (bytes, display) = (bytes?, format!("{shown}{}", entry.path));
        match wanted {
            LayerFile::Document { overlay } => {
                let label = match &overlay {
                    Some(environment) => format!("{name}, environment {environment}"),
                    None => name.to_string(),
                };
                let (id, root) = parse(sources, &display, &label, bytes, &mut sink);
                documents.push(Document { source: id, overlay, root });
            }
            LayerFile::Content { kind, path, executable } => content.push(ContentFile {
                kind,
                origin: Arc::from(display),
                layer: name.clone(),
                pack: None,
                path,
                executable,
                bytes: Arc::from(bytes),
            }),
        }
    }
    documents.sort_by(|a, b| a.overlay.cmp(&b.overlay));
    let layer =
        Layer { name: name.clone(), folder: folder.to_owned(), pack: None, documents, content };
    run_layer_rules(&layer, sources, &mut sink);
    Ok(Some(LoadedLayer { layer: Arc::new(layer), diagnostics: sink.into_diagnostics() }))
}

fn run_layer_rules(layer: &Layer, sources: &Sources, sink: &mut Sink) {
    for document in &layer.documents {
        let mut problems = Vec::new();
        let shape = Shape::Table(&schema::LAYER);
        shape.check(&mut KeyPath::default(), &document.root, &mut problems);
        let context = DocumentContext { layer, document, sources, problems: &problems };
        rule::check_document(&context, sink);
    }
    for file in &layer.content {
        rule::check_content(&ContentContext::new(file, sources), sink);
    }
}

/// A file of a layer.
enum LayerFile {
    /// `layer.toml`, or the overlay of an environment.
    Document {
        overlay: Option<ScopeName>,
    },
    Content {
        kind: ContentKind,
        path: RepoPath,
        executable: bool,
    },
}

impl LayerFile {
    fn of(entry: &Entry, folder: &str) -> Option<Self> {
        let EntryKind::File { executable } = entry.kind else { return None };
        let inside = if folder.is_empty() {
            entry.path.as_str()
        } else {
            entry.path.get(folder.len() + 1..).unwrap_or_default()
        };
        match document_name(inside) {
            Some(overlay) => Some(Self::Document { overlay }),
            None => {
                let (kind, path) = content_name(inside)?;
                Some(Self::Content { kind, path, executable })
            }
        }
    }
}

/// Returns the environment of a document of a layer: `Some(None)` for `layer.toml`, `Some(Some(env))` for an overlay, `None` for
/// other paths.
fn document_name(inside: &str) -> Option<Option<ScopeName>> {
    if inside == LAYER_FILE {
        return Some(None);
    }
    let environment = inside.strip_prefix("layer.")?.strip_suffix(".toml")?;
    ScopeName::parse(environment).ok().map(Some)
}

fn content_name(inside: &str) -> Option<(ContentKind, RepoPath)> {
    let (folder, path) = inside.split_once('/')?;
    let kind = ContentKind::of_folder(folder)?;
    if !kind.reads(path) {
        return None;
    }
    Some((kind, RepoPath::parse(path).ok()?))
}

/// Reads a file that was listed. Fails when it was removed meanwhile, or cannot be read.
pub(in crate::ops) fn read(source: &ConfigSource, entry: &Entry) -> Result<Vec<u8>, Failure> {
    let bytes = source.read(&entry.path)?;
    bytes.ok_or_else(|| Failure::io(format!("`{}` vanished while it was read", entry.path)))
}

/// Registers and parses a TOML file. One that is not UTF-8 is a finding, and counts as empty.
pub(in crate::ops) fn parse(
    sources: &Sources,
    path: &str,
    layer: &str,
    bytes: Vec<u8>,
    sink: &mut Sink,
) -> (SourceId, Arc<Node>) {
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let line = 1 + memchr::memchr_iter(
                b'\n',
                &error.as_bytes()[..error.utf8_error().valid_up_to()],
            )
            .count();
            let id = sources.add(path, layer, "");
            let message = format!("the file is not UTF-8: line {line} has a byte that is not");
            sink.push(
                Diagnostic::new(code::NOT_UTF8, Span::new(id, 0..0), message)
                    .help("save it as UTF-8, as TOML requires"),
            );
            let span = Span::new(id, 0..0);
            let empty =
                claude_env_core::source::Value::from(claude_env_core::source::Table::default());
            return (id, Arc::new(Node::new(empty, span, span)));
        }
    };
    let text: Arc<str> = Arc::from(text);
    let id = sources.add(path, layer, Arc::clone(&text));
    let root = parse_toml(id, &text, sink);
    (id, root)
}

/// Returns the built-in layer, which is below all others.
pub(in crate::ops) fn default_layer(sources: &Sources) -> Arc<LoadedLayer> {
    let name = LayerName::unnamed(LayerKind::Default);
    let id = sources.add("claude-env built-in defaults", name.to_string(), DEFAULT_LAYER);
    // The embedded file is checked by a test: it has no diagnostics.
    let root = parse_toml(id, DEFAULT_LAYER, &mut Sink::default());
    let documents = vec![Document { source: id, overlay: None, root }];
    let layer = Layer { name, folder: String::new(), pack: None, documents, content: Vec::new() };
    Arc::new(LoadedLayer { layer: Arc::new(layer), diagnostics: Vec::new() })
}
