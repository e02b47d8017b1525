//! The shared and the personal rendering of a workspace, by its mode.

use std::sync::Arc;

use crate::edge::env::Env;
use crate::ops::Failure;
use crate::ops::repository::load::{LoadedLayer, LoadedStack, Opened, Repository};
use claude_env_core::layer::{Mode, Scope};
use claude_env_core::merge::Merged;
use claude_env_core::model::Model;
use claude_env_core::render::personal::{self, Personal};
use claude_env_core::render::{self, Rendering};

/// The renderings of a workspace.
#[derive(Debug)]
pub struct Renderings {
    /// The rendering for the shared files.
    pub shared: Rendering,
    /// The scope of the shared rendering.
    pub scope: Scope,
    /// The rendering for the personal files, which are not committed; empty in mode `local`.
    pub personal: Personal,
    /// Whether there is a user layer.
    pub has_user: bool,
}

impl Renderings {
    /// Renders the opened scope for a workspace of this mode. Fails when the configuration has errors.
    pub fn new(opened: &Opened, mode: Mode, env: &Env) -> Result<Self, Failure> {
        let machine = opened.machine_layer(env)?;
        Ok(Layered::new(&opened.repository, &opened.scope, machine, mode)?.render())
    }
}

/// The merged layers of a workspace, by its mode.
pub struct Layered {
    /// The layers of the shared files.
    pub shared: Layers,
    /// The shared layers with the user layer over them; `None` without a user layer, and in mode `local`.
    pub full: Option<Layers>,
    has_user: bool,
}

/// The layers of one scope, with their merged and checked values.
pub struct Layers {
    /// The layers.
    pub loaded: LoadedStack,
    /// Their merged values.
    pub merged: Merged,
    /// The checked values.
    pub model: Model,
}

impl Layered {
    /// Merges a scope for a workspace of this mode. `machine` is the user layer of this machine.
    ///
    /// In mode `committed`, policy is checked on the shared layers, and on all of them if there is a user layer. Fails when the
    /// configuration has errors.
    pub fn new(
        repository: &Repository,
        scope: &Scope,
        machine: Option<Arc<LoadedLayer>>,
        mode: Mode,
    ) -> Result<Self, Failure> {
        let has_user = scope.user.is_some() || machine.is_some();
        let layers = |scope: &Scope, user| -> Result<Layers, Failure> {
            let loaded = repository.stack(scope, user)?;
            let (merged, model) = repository.usable(&loaded)?;
            Ok(Layers { loaded, merged, model })
        };
        if mode == Mode::Local || !has_user {
            return Ok(Self { shared: layers(scope, machine)?, full: None, has_user });
        }
        // Committed files are for everyone: they must not show a user layer.
        let shared_scope = Scope { user: None, ..scope.clone() };
        let shared = layers(&shared_scope, None)?;
        Ok(Self { shared, full: Some(layers(scope, machine)?), has_user })
    }

    /// Renders the shared and the personal files.
    pub fn render(&self) -> Renderings {
        let shared = &self.shared.model;
        let personal = self.full.as_ref().map(|full| personal::render(shared, &full.model));
        Renderings {
            shared: render::render(shared),
            scope: self.shared.loaded.stack.scope.clone(),
            personal: personal.unwrap_or_default(),
            has_user: self.has_user,
        }
    }
}
