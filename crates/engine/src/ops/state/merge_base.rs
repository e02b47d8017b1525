//! What was rendered last, rendered again: the base on which both sides' changes of a text are merged.

use std::sync::Arc;

use crate::edge::env::Env;
use crate::ops::Failure;
use crate::ops::repository::load::{Digests, Opened, Repository};
use crate::ops::repository::locate::SourceKey;
use crate::ops::repository::mode::Renderings;
use claude_env_core::layer::{Mode, Scope, ScopeName};
use claude_env_core::render::Rendering;
use claude_env_core::workspace::Header;

/// Renders again what locks say was rendered last. Each revision is rendered once, for both locks.
///
/// A layer of this machine is read as it is now, for it has no history. So whoever uses a text of this looks whether it is the
/// one that the lock has the digest of.
pub struct MergeBase<'o> {
    opened: &'o Opened,
    env: &'o Env,
    rendered: Vec<Rendered>,
}

/// A former revision, rendered.
struct Rendered {
    revision: String,
    scope: Scope,
    mode: Mode,
    /// `None` where it cannot be had, as in a shallow clone.
    renderings: Option<Renderings>,
}

impl<'o> MergeBase<'o> {
    /// Creates a base that has rendered nothing yet.
    pub fn new(opened: &'o Opened, env: &'o Env) -> Self {
        Self { opened, env, rendered: Vec::new() }
    }

    /// Returns what the lock for everyone says was rendered last; `None` where that cannot be had, as in a shallow clone.
    pub fn shared(&mut self, header: &Header) -> Option<&Rendering> {
        let scope = scope(header)?;
        let mode = if header.local { Mode::Local } else { Mode::Committed };
        // What everyone has is the same with the layer of one person over it.
        let fits = |known: &Rendered| {
            let everyone = Scope { user: None, ..known.scope.clone() };
            let same = known.scope == scope || (mode == Mode::Committed && everyone == scope);
            same && known.mode == mode && known.renderings.is_some()
        };
        self.rendered(header, scope.clone(), mode, fits).map(|rendered| &rendered.shared)
    }

    /// Returns what the lock of one person says was rendered last; `None` as with [`Self::shared`].
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
                tracing::debug!("nothing is merged: {}: {failure}", header.revision);
                None
            }
        }
    }
}

/// Reads the scope of a lock; `None` when it has a name that is none.
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
