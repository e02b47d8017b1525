//! The layers of a scope, with their parsed files.
//!
//! A [`Stack`] has the layers of one [`Scope`], lowest first, each with its parsed documents and its content files. Merging
//! reads it and does not change it.

mod binding;
mod content;
pub mod front_matter;
mod manifest;
mod parse;
mod placeholder;
pub mod reference;
mod scope;

use std::sync::Arc;

use crate::source::{Node, RepoPath, SourceId};

pub use binding::{BINDING_FILE, Binding, HookAction, Mode};
pub use content::{ContentFile, ContentKind};
pub use manifest::{
    FORMAT_VERSION, IgnoreRule, MANIFEST_FILE, Manifest, Rule as PatternRule, WorkspaceTarget,
};
pub use parse::parse_toml;
pub use placeholder::Placeholder;
pub use scope::{DEFAULT_ENVIRONMENT, Scope, ScopeName};

/// The file that makes a folder a layer.
pub const LAYER_FILE: &str = "layer.toml";

/// The built-in layer below `base`.
pub const DEFAULT_LAYER: &str = include_str!("default.toml");

/// The kinds of layers. The order of the variants is the order of precedence, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LayerKind {
    /// The built-in defaults.
    Default,
    /// For everyone: `base/`.
    Base,
    /// For a team: `teams/<name>/`.
    Team,
    /// For a project: `projects/<name>/`.
    Project,
    /// For one person: `users/<name>/`, or a folder on that person's machine.
    User,
}

impl LayerKind {
    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            LayerKind::Default => "default",
            LayerKind::Base => "base",
            LayerKind::Team => "team",
            LayerKind::Project => "project",
            LayerKind::User => "user",
        }
    }
}

/// The identity of a layer: its kind and, except for `default` and `base`, its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayerName {
    /// The kind of the layer.
    pub kind: LayerKind,
    /// The name; `None` for `default` and `base`.
    pub name: Option<ScopeName>,
}

impl LayerName {
    /// Returns a layer without a name.
    pub const fn unnamed(kind: LayerKind) -> Self {
        Self { kind, name: None }
    }

    /// Returns a named layer.
    pub fn named(kind: LayerKind, name: ScopeName) -> Self {
        Self { kind, name: Some(name) }
    }

    /// Returns the scope with this layer, `default` and `base` only.
    pub fn as_scope(&self) -> Scope {
        let mut scope = Scope::default();
        match self.kind {
            LayerKind::Default | LayerKind::Base => {}
            LayerKind::Team => scope.team = self.name.clone(),
            LayerKind::Project => scope.project = self.name.clone(),
            LayerKind::User => scope.user = self.name.clone(),
        }
        scope
    }

    /// Returns the layer's folder in the config repository; `None` for the default layer.
    pub fn folder(&self) -> Option<RepoPath> {
        let plural = match self.kind {
            LayerKind::Default => return None,
            LayerKind::Base => return RepoPath::parse("base").ok(),
            LayerKind::Team => "teams",
            LayerKind::Project => "projects",
            LayerKind::User => "users",
        };
        let name = self.name.as_ref()?;
        RepoPath::parse(&format!("{plural}/{name}")).ok()
    }
}

impl std::fmt::Display for LayerName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{} {name}", self.kind.word()),
            None => f.write_str(self.kind.word()),
        }
    }
}

/// One TOML file of a layer: its `layer.toml`, or an overlay beside it.
#[derive(Clone, Debug)]
pub struct Document {
    /// The text of the file.
    pub source: SourceId,
    /// The environment of an overlay; `None` for `layer.toml`.
    pub overlay: Option<ScopeName>,
    /// The parsed table, without lines that did not parse.
    pub root: Arc<Node>,
}

/// One layer, with its documents and content files.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Which layer it is.
    pub name: LayerName,
    /// The layer's folder for messages, such as `teams/payments`; empty for the default layer.
    pub folder: String,
    /// The name of the pack, if the layer is one that was joined to a stack; `None` for any other layer.
    pub pack: Option<Arc<str>>,
    /// `layer.toml` first, then all overlays by name.
    pub documents: Vec<Document>,
    /// The files of its content folders, by path.
    pub content: Vec<ContentFile>,
}

/// The layers that apply to a scope, lowest first.
#[derive(Clone, Debug)]
pub struct Stack {
    /// What the configuration is merged for.
    pub scope: Scope,
    /// The layers, lowest first.
    pub layers: Vec<Arc<Layer>>,
}

impl Layer {
    /// Returns the documents that apply to an environment, in the order of merging.
    pub fn documents_for<'a>(&'a self, environment: &'a str) -> impl Iterator<Item = &'a Document> {
        self.documents.iter().filter(move |document| {
            document.overlay.as_ref().is_none_or(|overlay| overlay.as_str() == environment)
        })
    }

    /// Returns the environments that the layer has an overlay for.
    pub fn overlays(&self) -> impl Iterator<Item = &str> {
        self.documents.iter().filter_map(|document| Some(document.overlay.as_ref()?.as_str()))
    }

    /// Returns true if the layer has an overlay for this environment.
    pub fn has_overlay(&self, environment: &str) -> bool {
        self.overlays().any(|overlay| overlay == environment)
    }
}
