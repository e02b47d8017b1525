//! The verbs, one file each: the only place where values meet the rim.

pub(crate) mod adopt;
pub(crate) mod as_written;
pub(crate) mod before_commit;
pub(crate) mod check;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod drift;
pub(crate) mod embedded;
pub(crate) mod explain;
mod former;
mod generations;
pub(crate) mod hook;
pub(crate) mod hook_config;
pub(crate) mod hooks;
pub(crate) mod init;
pub(crate) mod inspect;
mod layer_cache;
mod layer_reading;
pub(crate) mod load;
pub(crate) mod local;
pub(crate) mod locate;
mod mode;
pub(crate) mod new;
pub(crate) mod notice;
mod outside_git;
pub(crate) mod pack;
pub(crate) mod reconcile;
pub(crate) mod remote;
pub(crate) mod render;
pub(crate) mod rollback;
pub(crate) mod schema;
pub(crate) mod show;
mod stamp;
pub(crate) mod status;
pub(crate) mod survey;
pub(crate) mod sync;
pub(crate) mod sync_all;
pub(crate) mod watch;
mod workers;

use crate::diagnostic::Finding;

/// Why a verb could not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: FailureKind,
    /// What went wrong, as a sentence without a full stop.
    pub(crate) message: String,
    /// What to do next, one line each.
    pub(crate) hints: Vec<String>,
    /// The findings that make a configuration unusable.
    pub(crate) findings: Vec<Finding>,
}

/// The kinds of failure; each has its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// Exit code 2: what was asked makes no sense, or the configuration cannot be used.
    Usage,
    /// Exit code 3: the world did not let us.
    Failed,
    /// Exit code 3 too: another run is at work, and will be done.
    Busy,
}

impl Failure {
    /// What was asked makes no sense here.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Usage, message)
    }

    /// The world did not let us.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Failed, message)
    }

    /// The configuration has errors.
    pub(crate) fn unusable(findings: Vec<Finding>) -> Self {
        let mut failure =
            Self::new(FailureKind::Usage, "the configuration cannot be used as it is");
        failure.hints.push("`claude-env check` shows every finding of the repository".to_owned());
        failure.findings = findings;
        failure
    }

    fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hints: Vec::new(), findings: Vec::new() }
    }

    /// The same failure, for another one that it concerns.
    pub(crate) fn again(&self) -> Self {
        Self {
            kind: self.kind,
            message: self.message.clone(),
            hints: self.hints.clone(),
            findings: self.findings.clone(),
        }
    }

    /// Adds what to do next.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}
