//! What was rendered last, rendered again: the base on which both sides' changes of a text are merged.

use std::sync::Arc;

use crate::edge::env::Env;
use crate::ops::Failure;
use crate::ops::repository::load::{Digests, Opened, Repository};
use crate::ops::repository::locate::Basis;
use crate::ops::repository::mode::Renderings;
use claude_env_core::layer::{Mode, Scope, ScopeName};
use claude_env_core::render::Rendering;
use claude_env_core::workspace::Header;

/// What the lock for everyone says was rendered last; `None` where that cannot be had, as in a shallow clone.
///
/// A layer of this machine is read as it is now, for it has no history. So whoever uses a text of this looks whether it is the
/// one that the lock has the digest of.
pub(in crate::ops) fn main(opened: &Opened, header: &Header, env: &Env) -> Option<Rendering> {
    let mode = if header.local { Mode::Local } else { Mode::Committed };
    renderings(opened, header, mode, env).map(|rendered| rendered.main)
}

/// The same for the lock of one person.
pub(in crate::ops) fn own(opened: &Opened, header: &Header, env: &Env) -> Option<Rendering> {
    renderings(opened, header, Mode::Committed, env).map(|rendered| rendered.personal.rendering)
}

fn renderings(opened: &Opened, header: &Header, mode: Mode, env: &Env) -> Option<Renderings> {
    let scope = scope(header)?;
    let source = opened.repository.source.at(&header.revision)?;
    let rendered = source.map_err(Failure::from).and_then(|source| {
        let opened = Opened {
            repository: Arc::new(Repository::open(source)?),
            name: opened.name.clone(),
            scope,
            workspace: opened.workspace.clone(),
            basis: Basis::Options,
            digests: Digests::default(),
        };
        Renderings::new(&opened, mode, env)
    });
    match rendered {
        Ok(rendered) => Some(rendered),
        Err(failure) => {
            tracing::debug!("nothing is merged: {}: {}", header.revision, failure.message);
            None
        }
    }
}

fn scope(header: &Header) -> Option<Scope> {
    let name = |key: &str| match header.scope.get(key) {
        None => Some(None),
        Some(name) => ScopeName::parse(name).ok().map(Some),
    };
    Some(Scope {
        team: name("team")?,
        project: name("project")?,
        user: name("user")?,
        environment: name("environment")?,
    })
}
