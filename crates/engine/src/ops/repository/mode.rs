//! What a workspace's mode makes of its layers: what is rendered for everyone, and what for one person.

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
    /// What the mode renders into the files of the workspace.
    pub shared: Rendering,
    /// The scope of that.
    pub scope: Scope,
    /// What one person has beside it, in files that are not committed; empty in mode `local`.
    pub personal: Personal,
    /// Whether there is a user layer.
    pub has_user: bool,
}

impl Renderings {
    /// Renders the opened scope for a workspace of this mode.
    pub fn new(opened: &Opened, mode: Mode, env: &Env) -> Result<Self, Failure> {
        let machine = opened.machine_layer(env)?;
        Ok(Layered::new(&opened.repository, &opened.scope, machine, mode)?.render())
    }
}

/// The layers of a workspace, merged as its mode asks for.
pub struct Layered {
    /// What is behind the files of the workspace.
    pub shared: Layers,
    /// With the user layer over it, where that is not among the others.
    pub full: Option<Layers>,
    has_user: bool,
}

/// The layers of one scope, and what they make.
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
    /// In mode `committed`, policy is checked on the shared layers, and on all of them if there is a user layer.
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
        // What is committed is for everyone: no user's layer may show in it.
        let everyone = Scope { user: None, ..scope.clone() };
        let shared = layers(&everyone, None)?;
        Ok(Self { shared, full: Some(layers(scope, machine)?), has_user })
    }

    /// Renders both.
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
