//! Packs: vendored third-party content, with version and hashes.
//!
//! A pack is a folder `packs/<name>/` with a `pack.toml` and the vendored files, laid out like the content folders of a
//! layer. In a stack a pack is a layer of its own, right below the layer that names it: [`Packs::join`] puts it there, and
//! merging, `unset`, `explain` and rendering treat it like any other layer.

mod exclude;
mod manifest;
mod report;
pub mod superclaude;
mod verify;
pub mod wheel;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::diagnostic::{Diagnostic, Sink};
use crate::layer::{ContentFile, ContentKind, Document, Layer, LayerName, Stack};
use crate::merge::{Fold, Strategies};
use crate::source::{Node, RepoPath, SourceId, Sources, Span, Table};

pub use exclude::{Excludes, PartPattern};
pub use manifest::{Archive, PackToml, Vendored};
pub use report::{PackReport, reports};
pub use verify::sha256;

/// The folder of the config repository that holds the packs.
pub const PACKS_FOLDER: &str = "packs";
/// The file with the metadata of a pack and the hashes of its files.
pub const PACK_FILE: &str = "pack.toml";

/// One vendored pack.
#[derive(Clone, Debug)]
pub struct Pack {
    /// The name of its folder.
    pub name: Arc<str>,
    /// Its `pack.toml`.
    pub toml: PackToml,
    /// The source of `pack.toml`.
    source: SourceId,
    /// The files except `pack.toml`, by path inside the folder.
    files: BTreeMap<String, Arc<[u8]>>,
    /// The findings about `pack.toml`.
    problems: Vec<Diagnostic>,
    /// The findings about the pack, made once for all scopes.
    findings: OnceLock<Vec<Diagnostic>>,
}

impl Pack {
    /// Reads a pack from the files of its folder, `pack.toml` included.
    pub fn read(name: &str, mut files: BTreeMap<String, Arc<[u8]>>, sources: &Sources) -> Self {
        let bytes = files.remove(PACK_FILE);
        let (source, toml, problems) = manifest::read(name, bytes.as_deref(), sources);
        Self { name: Arc::from(name), toml, source, files, problems, findings: OnceLock::new() }
    }

    /// Returns the folder in the config repository.
    pub fn folder(&self) -> String {
        format!("{PACKS_FOLDER}/{}", self.name)
    }

    /// Returns the findings about the pack: its `pack.toml`, then changed, missing and extra files.
    pub fn findings(&self, sources: &Sources) -> &[Diagnostic] {
        self.findings.get_or_init(|| {
            let mut findings = self.problems.clone();
            // Without its list of files, everything would look extra.
            if self.toml.files_listed {
                findings.extend(self.mismatches().iter().map(|m| m.diagnostic(self, sources)));
            }
            findings
        })
    }

    /// Returns the vendored files as content of the layer that names the pack; documents in the order of their imports.
    ///
    /// Only files that `pack.toml` lists are content.
    pub fn content(&self, layer: &LayerName, excludes: &Excludes) -> Vec<ContentFile> {
        let folder = self.folder();
        let file = |(kind, path, inside): (ContentKind, RepoPath, &str)| {
            let bytes = self.files.get(inside).filter(|_| self.toml.lists(inside))?;
            (!self.leaves_out(inside, excludes)).then(|| ContentFile {
                kind,
                origin: format!("{folder}/{inside}").into(),
                layer: layer.clone(),
                pack: Some(Arc::clone(&self.name)),
                path,
                executable: false,
                bytes: Arc::clone(bytes),
            })
        };
        self.places().filter_map(file).collect()
    }

    /// Returns the content kind and path of each vendored file, with its path inside the pack.
    fn places(&self) -> impl Iterator<Item = (ContentKind, RepoPath, &str)> {
        let folders = self.files.keys().filter_map(|inside| {
            let (kind, path) = self.toml.place(inside)?;
            Some((kind, path, inside.as_str()))
        });
        let documents = self.toml.documents.iter().filter_map(|inside| {
            let name = document_name(inside)?;
            Some((ContentKind::Documents, RepoPath::parse(name).ok()?, inside.as_str()))
        });
        folders.chain(documents)
    }

    /// Returns what `exclude` can name: the files that are rendered, and `<pack>/mcp/<server>` for each server.
    pub fn parts(&self) -> Vec<String> {
        let files = self.places().map(|(_, _, inside)| format!("{}/{inside}", self.name));
        let servers = self.toml.servers.keys().map(|server| self.server_part(server));
        files.chain(servers).collect()
    }

    fn server_part(&self, server: &str) -> String {
        format!("{}/mcp/{server}", self.name)
    }

    fn leaves_out(&self, inside: &str, excludes: &Excludes) -> bool {
        let mut servers =
            self.toml.servers.iter().filter(|(_, document)| document.as_deref() == Some(inside));
        excludes.covers(&format!("{}/{inside}", self.name))
            || servers.any(|(server, _)| excludes.covers(&self.server_part(server)))
    }

    /// Returns the settings of the pack, as the document of a layer with places in `pack.toml`; `None` if everything is
    /// excluded.
    pub fn document(&self, excludes: &Excludes) -> Option<Document> {
        let servers = self.toml.mcp_servers.as_ref()?;
        let kept: Table = (servers.as_table()?.iter())
            .filter(|(server, _)| !excludes.covers(&self.server_part(server)))
            .map(|(server, node)| (Arc::clone(server), Arc::clone(node)))
            .collect();
        if kept.is_empty() {
            return None;
        }
        let servers = Node { value: kept.into(), ..Node::clone(servers) };
        let place = servers.span;
        let root: Table = [(Arc::from("mcp_servers"), Arc::new(servers))].into_iter().collect();
        let root = Arc::new(Node::new(root.into(), place, place));
        Some(Document { source: self.source, overlay: None, root })
    }

    /// Returns the pack as a layer below the one that names it. It has that layer's name, so that it is rendered into the
    /// same files.
    fn layer(&self, named_by: &LayerName, excludes: &Excludes) -> Layer {
        Layer {
            name: named_by.clone(),
            folder: self.folder(),
            pack: Some(Arc::clone(&self.name)),
            documents: self.document(excludes).into_iter().collect(),
            content: self.content(named_by, excludes),
        }
    }
}

/// The packs of a config repository, by name.
#[derive(Clone, Debug, Default)]
pub struct Packs {
    packs: Vec<Pack>,
}

impl Packs {
    /// Reads all packs from the files below `packs/`: paths in the config repository, with their bytes.
    ///
    /// Files outside of packs, and folders whose name starts with a dot, are ignored.
    pub fn read(files: impl IntoIterator<Item = (String, Arc<[u8]>)>, sources: &Sources) -> Self {
        let mut folders: BTreeMap<String, BTreeMap<String, Arc<[u8]>>> = BTreeMap::new();
        for (path, bytes) in files {
            let inside = path.strip_prefix(PACKS_FOLDER).and_then(|rest| rest.strip_prefix('/'));
            if let Some((name, rest)) = inside.and_then(|inside| inside.split_once('/'))
                && !name.starts_with('.')
            {
                folders.entry(name.to_owned()).or_default().insert(rest.to_owned(), bytes);
            }
        }
        let read = |(name, files): (String, _)| Pack::read(&name, files, sources);
        Self { packs: folders.into_iter().map(read).collect() }
    }

    /// Returns the packs, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Pack> {
        self.packs.iter()
    }

    /// Returns the pack with this name; `None` if there is none.
    pub fn get(&self, name: &str) -> Option<&Pack> {
        self.packs.iter().find(|pack| pack.name.as_ref() == name)
    }

    /// Returns the pack whose `pack.toml` this source is; `None` for all other sources.
    pub fn by_source(&self, source: SourceId) -> Option<&Pack> {
        self.packs.iter().find(|pack| pack.source == source)
    }

    /// Returns the stack with each pack that it names as a layer right below the layer that names it, without the parts that
    /// `exclude` matches.
    ///
    /// Packs and excludes are merged first, so `unset` and `[merge]` apply to them. A pack that several layers name is
    /// placed below the lowest of them. An unknown name is ignored; a rule reports it.
    pub fn join(&self, stack: &Stack, strategies: &Strategies) -> Stack {
        if !names_packs(stack) {
            return stack.clone();
        }
        let merged = merge_names(stack, strategies);
        let excludes = Excludes::read(merged.get("exclude").map(AsRef::as_ref));
        let named = merged.get("packs").and_then(|list| list.as_array()).unwrap_or_default();
        let mut layers = Vec::with_capacity(stack.layers.len() + named.len());
        let mut joined: Vec<&str> = Vec::new();
        for layer in &stack.layers {
            let of_layer = |place: Span| {
                layer.documents.iter().any(|document| document.source == place.source)
            };
            for item in named.iter().filter(|item| of_layer(item.span)) {
                let Some(pack) = item.as_str().and_then(|name| self.get(name)) else { continue };
                if !joined.contains(&pack.name.as_ref()) {
                    joined.push(&pack.name);
                    layers.push(Arc::new(pack.layer(&layer.name, &excludes)));
                }
            }
            layers.push(Arc::clone(layer));
        }
        Stack { scope: stack.scope.clone(), layers }
    }

    /// Returns the packs that are part of a joined stack.
    pub fn used<'a>(&'a self, stack: &'a Stack) -> impl Iterator<Item = &'a Pack> {
        stack.layers.iter().filter_map(|layer| self.get(layer.pack.as_deref()?))
    }

    /// Removes the documents about MCP servers that are not configured, by name or by kind.
    pub fn drop_idle(&self, files: &mut Vec<&ContentFile>, merged: &Node) {
        let servers = merged.get("mcp_servers").and_then(|servers| servers.as_table());
        let configured = |server: &str| {
            servers.is_some_and(|table| {
                let of_kind = |node: &Arc<Node>| {
                    node.get("kind").and_then(|kind| kind.as_str()) == Some(server)
                };
                table.contains_key(server) || table.values().any(of_kind)
            })
        };
        files.retain(|file| {
            let pack = file.pack.as_deref().and_then(|name| self.get(name));
            let (ContentKind::Documents, Some(pack)) = (file.kind, pack) else { return true };
            let mut about = (pack.toml.servers.iter())
                .filter(|(_, document)| {
                    document.as_deref().and_then(document_name) == Some(file.path.as_str())
                })
                .map(|(server, _)| server)
                .peekable();
            about.peek().is_none() || about.any(|server| configured(server))
        });
    }
}

/// Returns the name of the rendered file of a document.
fn document_name(inside: &str) -> Option<&str> {
    inside.rsplit('/').next()
}

/// Returns true if a layer of the stack names packs; otherwise none has to be read.
pub fn names_packs(stack: &Stack) -> bool {
    let says =
        |document: &Document| ["packs", "exclude"].map(|key| document.root.get(key).is_some());
    documents(stack).any(|document| says(document).contains(&true))
}

/// Returns the texts of an array of strings, `packs` or `exclude`, in all documents that apply to the scope, each with its
/// place.
pub fn entries<'a>(stack: &'a Stack, key: &'static str) -> impl Iterator<Item = (&'a str, Span)> {
    documents(stack)
        .filter_map(move |document| document.root.get(key)?.as_array())
        .flatten()
        .filter_map(|item| Some((item.as_str()?, item.span)))
}

fn documents(stack: &Stack) -> impl Iterator<Item = &Document> {
    stack.layers.iter().flat_map(|layer| layer.documents_for(stack.scope.environment()))
}

/// Returns the merged `packs` and `exclude` of a stack. Errors in the documents are reported when they are merged as a
/// whole.
fn merge_names(stack: &Stack, strategies: &Strategies) -> Arc<Node> {
    const KEYS: [&str; 3] = ["packs", "exclude", "unset"];
    let mut fold = Fold::default();
    for document in documents(stack) {
        let names: Table = (KEYS.into_iter())
            .filter_map(|key| Some((Arc::from(key), Arc::clone(document.root.get(key)?))))
            .collect();
        let root = Arc::new(Node { value: names.into(), ..Node::clone(&document.root) });
        let document = Document { root, ..document.clone() };
        fold.push(&document, strategies, &mut Sink::default());
    }
    fold.finish().root
}

#[cfg(test)]
mod tests;
