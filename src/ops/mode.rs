//! What a workspace's mode makes of its layers: what is rendered for everyone, and what for one person.

use super::Failure;
use super::load::Opened;
use crate::edge::env::Env;
use crate::layer::{Mode, Scope};
use crate::render::personal::{self, Personal};
use crate::render::{self, Rendering};

/// The renderings of a workspace.
#[derive(Debug)]
pub(crate) struct Renderings {
    /// What the mode renders into the files of the workspace.
    pub(crate) main: Rendering,
    /// The scope of that.
    pub(crate) scope: Scope,
    /// What one person has beside it, in files that are not committed; empty in mode `local`.
    pub(crate) personal: Personal,
    /// Whether there is a user layer.
    pub(crate) has_user: bool,
}

impl Renderings {
    /// Renders the opened scope for a workspace of this mode.
    ///
    /// In mode `committed`, policy is checked on the shared layers, and on all of them if there is a user layer.
    pub(crate) fn new(opened: &Opened, mode: Mode, env: &Env) -> Result<Self, Failure> {
        let repository = &opened.repository;
        let machine = match (&opened.scope.user, env.user_layer()) {
            (None, Some(folder)) => repository.user_layer(&folder)?,
            _ => None,
        };
        let has_user = opened.scope.user.is_some() || machine.is_some();
        let model = |scope: &Scope, user| {
            let loaded = repository.stack(scope, user)?;
            repository.usable(&loaded).map(|(_, model)| model)
        };
        if mode == Mode::Local || !has_user {
            let main = render::render(&model(&opened.scope, machine)?);
            let scope = opened.scope.clone();
            return Ok(Self { main, scope, personal: Personal::default(), has_user });
        }
        // What is committed is for everyone: no user's layer may show in it.
        let scope = Scope { user: None, ..opened.scope.clone() };
        let shared = model(&scope, None)?;
        let full = model(&opened.scope, machine)?;
        let personal = personal::render(&shared, &full);
        Ok(Self { main: render::render(&shared), scope, personal, has_user })
    }
}
