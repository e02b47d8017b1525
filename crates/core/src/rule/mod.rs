//! What a rule of `check` is, whoever brings it: a code, and a function from a context to diagnostics.
//!
//! `model::rule` has the rules that hold for every agent and runs all; rules about one agent are with that agent.

mod context;
#[cfg(test)]
pub(crate) mod testing;

use crate::diagnostic::{Code, Sink};

pub use context::{
    ContentContext, DocumentContext, PathKind, RepositoryContext, RepositoryPath, ScopeContext,
};

/// One rule: the code that it reports, and when it runs.
pub struct Rule {
    /// The code that it reports.
    pub code: &'static Code,
    /// When it runs, and the function.
    pub check: Check,
}

/// What a rule looks at. Each layer's files are checked once, however many scopes use the layer.
pub enum Check {
    /// One TOML document of a layer.
    Document(fn(&DocumentContext<'_>, &mut Sink)),
    /// One file of a content folder.
    Content(fn(&ContentContext<'_>, &mut Sink)),
    /// The merged configuration of one scope.
    Scope(fn(&ScopeContext<'_>, &mut Sink)),
    /// The manifest and the files of the repository.
    Repository(fn(&RepositoryContext<'_>, &mut Sink)),
}
