//! The layers that an adoption edits: their documents, the merged configuration, and where each value comes from.

use crate::layer::reference;
use crate::layer::{ContentFile, Document, Layer, LayerKind, PatternRule, Scope, Stack};
use crate::merge::{Merged, Strategies};
use crate::model::Fragment;
use crate::source::{KeyPath, Node, Pattern, Sources, Span};

use super::Refusal;
use super::layer_path::{Home, LayerPath};

/// Which of the two renderings of a workspace a file belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// The shared files of the workspace.
    Shared,
    /// The personal files in a workspace that commits the shared ones.
    Personal,
}

/// The layers behind one rendering of a workspace.
#[derive(Clone, Copy)]
pub struct LayerContext<'a> {
    /// The layers.
    pub stack: &'a Stack,
    /// The merged configuration.
    pub merged: &'a Merged,
    /// The merged content files.
    pub files: &'a [&'a ContentFile],
    /// The fragments of the block of this rendering.
    pub fragments: &'a [Fragment],
    /// How values are merged.
    pub strategies: &'a Strategies,
    /// The texts of all documents.
    pub sources: &'a Sources,
    /// The keys that `[policy] locked` names.
    pub locked: &'a [PatternRule],
    /// The keys that `[policy] append-only` names.
    pub append_only: &'a [PatternRule],
    /// Which rendering it is.
    pub audience: Audience,
    /// The scope with its user, who is not in the stack of a shared rendering.
    pub scope: &'a Scope,
    /// Whether a user layer is rendered into the same files.
    pub with_user: bool,
    /// The layer that `--layer` names; `None` to choose automatically.
    pub chosen: Option<LayerKind>,
}

/// The precedence of a document: the kind of its layer, packs before the layer that names them, overlays last.
pub(super) type Rank = (LayerKind, bool, bool);

/// One document of the stack, with its layer.
#[derive(Clone, Copy)]
pub struct LayerDocument<'a> {
    /// The layer.
    pub layer: &'a Layer,
    /// The document.
    pub document: &'a Document,
}

impl LayerDocument<'_> {
    /// Returns the precedence of the document.
    pub fn rank(&self) -> Rank {
        (self.layer.name.kind, self.layer.pack.is_none(), self.document.overlay.is_some())
    }

    fn is_editable(&self) -> bool {
        self.layer.pack.is_none() && self.layer.name.kind != LayerKind::Default
    }
}

/// The document that an edit changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditTarget {
    /// The precedence of the document.
    pub rank: Rank,
    /// The display name of the layer.
    pub layer: String,
    /// The path of the document.
    pub place: LayerPath,
    /// The layer's folder.
    pub folder: LayerPath,
}

impl<'a> LayerContext<'a> {
    /// Returns the documents in the order of merging, lowest precedence first.
    pub fn docs(&self) -> impl Iterator<Item = LayerDocument<'a>> + use<'a> {
        let stack = self.stack;
        let environment = stack.scope.environment();
        stack.layers.iter().flat_map(move |layer| {
            layer.documents_for(environment).map(move |document| LayerDocument { layer, document })
        })
    }

    fn doc_of(&self, span: Span) -> Option<LayerDocument<'a>> {
        self.docs().find(|doc| doc.document.source == span.source)
    }

    /// Returns the documents that define a key: the winner, then the ones it shadows.
    pub fn chain(&self, key: &KeyPath) -> Vec<(LayerDocument<'a>, &'a Node)> {
        let mut chain = Vec::new();
        let mut node = self.merged.root.at(key);
        while let Some(current) = node {
            chain.extend(self.doc_of(current.span).map(|doc| (doc, current)));
            node = current.shadowed.as_deref();
        }
        chain
    }

    /// Returns where something is written, as `path:line`.
    pub fn address(&self, span: Span) -> String {
        self.sources.address(span)
    }

    /// Returns the text of a document.
    pub fn text(&self, document: &Document) -> String {
        self.sources.get(document.source).text.to_string()
    }

    /// Returns the document to edit for a value that `winner` defines; `None` for a value that no document defines.
    ///
    /// Fails when the chosen layer is not part of the rendering or has no effect on the value.
    pub fn target(&self, winner: Option<&LayerDocument<'a>>) -> Result<EditTarget, Refusal> {
        if self.audience == Audience::Personal {
            return match self.chosen {
                None | Some(LayerKind::User) => Ok(self.target_of(LayerKind::User, winner)),
                Some(_) => Err(Refusal::new(
                    "it is in a personal file, and only the user layer is rendered there",
                )
                .help("omit `--layer`, or make the change in a shared file")),
            };
        }
        let target = match (self.chosen, winner) {
            (Some(kind), _) => self.target_of(kind, winner),
            (None, Some(doc)) if doc.is_editable() => self.of_doc(doc),
            (None, Some(doc)) if doc.layer.pack.is_some() => {
                return Err(self.vendored(&doc.layer.folder));
            }
            (None, _) => self.new_key(),
        };
        self.reaches(&target)?;
        if let Some(winner) = winner.filter(|winner| winner.rank() > target.rank) {
            let path = self.sources.get(winner.document.source).path.clone();
            return Err(Refusal::new(format!(
                "`{path}` defines it too and takes precedence over the layer {}",
                target.layer
            ))
            .help(format!("adopt it into the layer {}", winner.layer.name)));
        }
        Ok(target)
    }

    /// Fails for a layer that is not part of this rendering.
    pub fn reaches(&self, target: &EditTarget) -> Result<(), Refusal> {
        if target.rank.0 == LayerKind::User && !self.with_user {
            return Err(Refusal::new(
                "the file is committed, and a user layer is never rendered into committed files",
            )
            .help("choose another layer with `--layer base|team|project`"));
        }
        Ok(())
    }

    /// Returns why a file of a pack is not edited.
    pub fn vendored(&self, folder: &str) -> Refusal {
        let above = self.new_key().rank.0.word();
        Refusal::new(format!("it comes from `{folder}`, which is vendored"))
            .help(format!("define it in a layer above the pack: `--layer {above}`"))
    }

    /// Returns the document for a key that no layer defines yet.
    pub fn new_key(&self) -> EditTarget {
        let kind = match (&self.scope.project, &self.scope.team) {
            (Some(_), _) => LayerKind::Project,
            (None, Some(_)) => LayerKind::Team,
            (None, None) => LayerKind::Base,
        };
        self.target_of(kind, None)
    }

    /// Returns the document of a layer to edit: its overlay, if that defines the value now.
    pub fn target_of(&self, kind: LayerKind, winner: Option<&LayerDocument<'a>>) -> EditTarget {
        if let Some(doc) = winner.filter(|doc| doc.is_editable() && doc.layer.name.kind == kind) {
            return self.of_doc(doc);
        }
        let (layer, folder) = match (kind, &self.scope.team, &self.scope.project, &self.scope.user)
        {
            (LayerKind::Team, Some(team), ..) => (format!("team {team}"), format!("teams/{team}")),
            (LayerKind::Project, _, Some(project), _) => {
                (format!("project {project}"), format!("projects/{project}"))
            }
            (LayerKind::User, .., Some(user)) => (format!("user {user}"), format!("users/{user}")),
            (LayerKind::User, .., None) => ("user".to_owned(), String::new()),
            _ => ("base".to_owned(), "base".to_owned()),
        };
        let home = if folder.is_empty() { Home::User } else { Home::Repository };
        let folder = LayerPath { home, path: folder };
        EditTarget {
            rank: (kind, true, false),
            layer,
            place: folder.join(crate::layer::LAYER_FILE),
            folder,
        }
    }

    fn of_doc(&self, doc: &LayerDocument<'a>) -> EditTarget {
        let folder = folder_of(doc.layer);
        let file = match &doc.document.overlay {
            None => crate::layer::LAYER_FILE.to_owned(),
            Some(environment) => format!("layer.{environment}.toml"),
        };
        EditTarget {
            rank: doc.rank(),
            layer: doc.layer.name.to_string(),
            place: folder.join(&file),
            folder,
        }
    }

    /// Returns the current text of a target; empty for a document that does not exist.
    pub fn text_at(&self, target: &EditTarget) -> String {
        let here =
            |doc: &LayerDocument<'a>| doc.is_editable() && self.of_doc(doc).place == target.place;
        self.docs().find(here).map(|doc| self.text(doc.document)).unwrap_or_default()
    }

    /// Fails when the policy forbids changing a key.
    pub fn permits(&self, key: &KeyPath, removes_item: bool) -> Result<(), Refusal> {
        let covering = |rules: &'a [PatternRule]| {
            rules
                .iter()
                .find(|rule| Pattern::parse(&rule.pattern).is_ok_and(|pattern| pattern.covers(key)))
        };
        let place = self.merged.root.at(key).map(|node| self.address(node.span));
        let refuse = |why: String, rule: &PatternRule| {
            let help = match &place {
                Some(place) => format!("ask somebody who may change it to edit {place}"),
                None => "ask somebody who may change it to edit the layer".to_owned(),
            };
            Err(Refusal::new(format!("{why}, {}", self.address(rule.pattern_span))).help(help))
        };
        if let Some(rule) = covering(self.locked) {
            return refuse(format!("the policy locks `{}`", rule.pattern), rule);
        }
        match covering(self.append_only).filter(|_| removes_item) {
            Some(rule) => {
                refuse(format!("the policy forbids removals from `{}`", rule.pattern), rule)
            }
            None => Ok(()),
        }
    }

    /// Fails when a value contains a reference to a secret.
    pub fn no_reference(&self, key: &KeyPath) -> Result<(), Refusal> {
        let Some(node) = self.merged.root.at(key) else { return Ok(()) };
        let mut refused = None;
        node.walk(&mut key.clone(), &mut |path, node| {
            let is_reference =
                |found: &reference::Found| matches!(found.what, reference::What::Reference(_));
            let text = node.as_str().unwrap_or_default();
            if refused.is_none() && reference::find(text).iter().any(is_reference) {
                refused = Some((path.to_string(), self.address(node.span)));
            }
        });
        match refused {
            None => Ok(()),
            Some((path, place)) => {
                Err(Refusal::new(format!("`{path}` is a reference to a secret, {place}"))
                    .help("edit that line by hand: layers never contain the value of a reference"))
            }
        }
    }
}

/// Returns the folder of a layer.
pub(super) fn folder_of(layer: &Layer) -> LayerPath {
    let home = match (layer.name.kind, &layer.name.name) {
        (LayerKind::User, None) => Home::User,
        _ => Home::Repository,
    };
    LayerPath { home, path: layer.folder.clone() }
}
