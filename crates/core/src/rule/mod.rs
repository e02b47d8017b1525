//! The type of a rule of `check`: a code, and a function from a context to diagnostics.
//!
//! `model::rule` has the rules for every agent and runs all rules; the rules about one agent are in its folder.

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
    /// The function, by what it checks.
    pub check: Check,
}

/// What a rule checks. The files of a layer are checked once, not for each scope.
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
