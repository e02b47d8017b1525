//! Scopes: team, project, user and environment.

use std::fmt;
use std::sync::Arc;

use super::{LayerKind, LayerName};

/// The default environment.
pub const DEFAULT_ENVIRONMENT: &str = "development";

/// A name of a team, project, user or environment: letters, digits, `.`, `_`, `-`; no leading dot.
///
/// Such a name is a valid path segment on every file system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeName(Arc<str>);

impl ScopeName {
    /// Parses a name. Fails with the reason, as a sentence fragment.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if text.is_empty() {
            return Err("the name is empty".to_owned());
        }
        if let Some(bad) = text.chars().find(|&c| !fine(c)) {
            return Err(format!(
                "`{text}` has {bad:?} in it: use letters, digits, `.`, `_` and `-`"
            ));
        }
        if text.starts_with('.') || text.starts_with('-') {
            return Err(format!("`{text}` starts with `{}`", &text[..1]));
        }
        if text.len() > 100 {
            return Err("the name is longer than 100 characters".to_owned());
        }
        Ok(Self(Arc::from(text)))
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ScopeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The scope of a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// The team; `None` without one.
    pub team: Option<ScopeName>,
    /// The project; `None` without one.
    pub project: Option<ScopeName>,
    /// The user layer; `None` without one.
    pub user: Option<ScopeName>,
    /// The environment; `None` means [`DEFAULT_ENVIRONMENT`], whose overlays need not exist.
    pub environment: Option<ScopeName>,
}

impl Scope {
    /// Returns the environment that applies.
    pub fn environment(&self) -> &str {
        self.environment.as_ref().map_or(DEFAULT_ENVIRONMENT, ScopeName::as_str)
    }

    /// Returns the layers of the config repository that apply to the scope, lowest first.
    pub fn layers(&self) -> impl Iterator<Item = LayerName> {
        let named = [
            (LayerKind::Team, &self.team),
            (LayerKind::Project, &self.project),
            (LayerKind::User, &self.user),
        ];
        let named = named
            .into_iter()
            .filter_map(|(kind, name)| Some(LayerName::named(kind, name.clone()?)));
        std::iter::once(LayerName::unnamed(LayerKind::Base)).chain(named)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [("team", &self.team), ("project", &self.project), ("user", &self.user)];
        let mut written = false;
        for (word, name) in parts {
            if let Some(name) = name {
                write!(f, "{}{word} {name}", if written { ", " } else { "" })?;
                written = true;
            }
        }
        if !written {
            f.write_str("base only")?;
        }
        match &self.environment {
            Some(environment) => write!(f, ", environment {environment}"),
            None => Ok(()),
        }
    }
}
