//! Which files apply to a scope, in which order, and what they say.
//!
//! A [`Stack`] is the layers of one [`Scope`], lowest first, each with its parsed documents and its content files. It is
//! kept whole: merging reads it and never changes it.

mod binding;
mod content;
mod manifest;
mod parse;
mod scope;

use std::sync::Arc;

use crate::source::{Node, RepoPath, SourceId};

pub(crate) use binding::{BINDING_FILE, Binding, Mode};
pub(crate) use content::{ContentFile, ContentKind};
pub(crate) use manifest::{
    FORMAT_VERSION, IgnoreRule, MANIFEST_FILE, Manifest, Rule as PatternRule, WorkspaceTarget,
};
pub(crate) use parse::parse_toml;
pub(crate) use scope::{DEFAULT_ENVIRONMENT, Scope, ScopeName};

/// The file that makes a folder a layer.
pub(crate) const LAYER_FILE: &str = "layer.toml";

/// The built-in layer below `base`.
pub(crate) const DEFAULT_LAYER: &str = include_str!("default.toml");

/// The kinds of layers. The order of the variants is the order of precedence, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum LayerKind {
    /// What claude-env itself sets.
    Default,
    Base,
    Team,
    Project,
    User,
}

impl LayerKind {
    /// The word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            LayerKind::Default => "default",
            LayerKind::Base => "base",
            LayerKind::Team => "team",
            LayerKind::Project => "project",
            LayerKind::User => "user",
        }
    }
}

/// Which layer: its kind and, but for `default` and `base`, its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LayerName {
    pub(crate) kind: LayerKind,
    pub(crate) name: Option<ScopeName>,
}

impl LayerName {
    /// A layer without a name of its own.
    pub(crate) const fn plain(kind: LayerKind) -> Self {
        Self { kind, name: None }
    }

    /// A named layer.
    pub(crate) fn named(kind: LayerKind, name: ScopeName) -> Self {
        Self { kind, name: Some(name) }
    }

    /// The scope that has this layer, and besides only those that every scope has.
    pub(crate) fn alone(&self) -> Scope {
        let mut scope = Scope::default();
        match self.kind {
            LayerKind::Default | LayerKind::Base => {}
            LayerKind::Team => scope.team = self.name.clone(),
            LayerKind::Project => scope.project = self.name.clone(),
            LayerKind::User => scope.user = self.name.clone(),
        }
        scope
    }

    /// The layer's folder in the config repository; the default layer has none.
    pub(crate) fn folder(&self) -> Option<RepoPath> {
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
pub(crate) struct Document {
    pub(crate) source: SourceId,
    /// The environment of an overlay; `None` for `layer.toml`.
    pub(crate) overlay: Option<ScopeName>,
    /// The parsed table; what did not parse is missing from it.
    pub(crate) root: Arc<Node>,
}

/// One layer as read: what it says and what it brings.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) name: LayerName,
    /// The layer's folder as shown to people, such as `teams/payments`; empty for the default layer.
    pub(crate) folder: String,
    /// `layer.toml` first, then all overlays by name.
    pub(crate) documents: Vec<Document>,
    /// The files of its content folders, by path.
    pub(crate) content: Vec<ContentFile>,
}

/// The layers that apply to a scope, lowest first.
#[derive(Clone, Debug)]
pub(crate) struct Stack {
    pub(crate) scope: Scope,
    pub(crate) layers: Vec<Arc<Layer>>,
}

impl Layer {
    /// The documents that apply to an environment, in the order in which they are folded.
    pub(crate) fn documents_for<'a>(
        &'a self,
        environment: &'a str,
    ) -> impl Iterator<Item = &'a Document> {
        self.documents.iter().filter(move |document| {
            document.overlay.as_ref().is_none_or(|overlay| overlay.as_str() == environment)
        })
    }

    /// The environments that the layer has an overlay for.
    pub(crate) fn overlays(&self) -> impl Iterator<Item = &str> {
        self.documents.iter().filter_map(|document| Some(document.overlay.as_ref()?.as_str()))
    }

    /// Whether the layer has an overlay for this environment.
    pub(crate) fn has_overlay(&self, environment: &str) -> bool {
        self.overlays().any(|overlay| overlay == environment)
    }
}
