//! Renders the last applied revision again, as the base of three-way text merges.

use std::sync::Arc;

use crate::edge::env::Env;
use crate::ops::Failure;
use crate::ops::repository::load::{Digests, Opened, Repository};
use crate::ops::repository::locate::SourceKey;
use crate::ops::repository::mode::Renderings;
use claude_env_core::layer::{Mode, Scope, ScopeName};
use claude_env_core::render::Rendering;
use claude_env_core::workspace::Header;

/// Renders the revisions that locks name. Each revision is rendered once, for both locks.
///
/// The user layer of this machine has no history, so its current files are used. A caller must compare the digest of a text
/// with the lock before it uses the text.
pub struct MergeBase<'o> {
    opened: &'o Opened,
    env: &'o Env,
    rendered: Vec<Rendered>,
}

/// An earlier revision, rendered.
struct Rendered {
    revision: String,
    scope: Scope,
    mode: Mode,
    /// `None` when the revision is not available, as in a shallow clone.
    renderings: Option<Renderings>,
}

impl<'o> MergeBase<'o> {
    /// Creates a merge base; renders nothing yet.
    pub fn new(opened: &'o Opened, env: &'o Env) -> Self {
        Self { opened, env, rendered: Vec::new() }
    }

    /// Returns the last shared rendering, by its lock; `None` when its revision is not available, as in a shallow clone.
    pub fn shared(&mut self, header: &Header) -> Option<&Rendering> {
        let scope = scope(header)?;
        let mode = if header.local { Mode::Local } else { Mode::Committed };
        // The shared rendering is the same with or without a user layer.
        let fits = |known: &Rendered| {
            let shared = Scope { user: None, ..known.scope.clone() };
            let same = known.scope == scope || (mode == Mode::Committed && shared == scope);
            same && known.mode == mode && known.renderings.is_some()
        };
        self.rendered(header, scope.clone(), mode, fits).map(|rendered| &rendered.shared)
    }

    /// Returns the last personal rendering, by its lock; `None` as with [`Self::shared`].
    pub fn personal(&mut self, header: &Header) -> Option<&Rendering> {
        let (scope, mode) = (scope(header)?, Mode::Committed);
        let fits = |known: &Rendered| known.scope == scope && known.mode == mode;
        let rendered = self.rendered(header, scope.clone(), mode, fits)?;
        Some(&rendered.personal.rendering)
    }

    fn rendered(
        &mut self,
        header: &Header,
        scope: Scope,
        mode: Mode,
        fits: impl Fn(&Rendered) -> bool,
    ) -> Option<&Renderings> {
        let fits = |known: &Rendered| known.revision == header.revision && fits(known);
        let known = self.rendered.iter().position(fits);
        let at = known.unwrap_or_else(|| {
            let renderings = self.render(header, &scope, mode);
            let revision = header.revision.clone();
            self.rendered.push(Rendered { revision, scope, mode, renderings });
            self.rendered.len() - 1
        });
        self.rendered.get(at)?.renderings.as_ref()
    }

    fn render(&self, header: &Header, scope: &Scope, mode: Mode) -> Option<Renderings> {
        let source = self.opened.repository.source.at(&header.revision)?;
        let rendered = source.map_err(Failure::from).and_then(|source| {
            let opened = Opened {
                repository: Arc::new(Repository::open(source)?),
                name: self.opened.name.clone(),
                scope: scope.clone(),
                workspace: self.opened.workspace.clone(),
                source_key: SourceKey::Options,
                digests: Digests::default(),
            };
            Renderings::new(&opened, mode, self.env)
        });
        match rendered {
            Ok(rendered) => Some(rendered),
            Err(failure) => {
                tracing::debug!("no text is merged: cannot render {}: {failure}", header.revision);
                None
            }
        }
    }
}

/// Reads the scope of a lock; `None` when it has a name that is not valid.
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
