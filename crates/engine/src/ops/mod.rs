//! The verbs, one file each: the only place where values meet the rim.

pub mod adopt;
pub mod as_written;
pub mod before_commit;
pub mod check;
pub mod demo;
pub mod doctor;
pub mod drift;
pub mod embedded;
pub mod explain;
mod former;
mod generations;
pub mod hook;
pub mod hook_config;
pub mod hooks;
pub mod init;
pub mod inspect;
mod layer_cache;
mod layer_reading;
pub mod load;
pub mod local;
pub mod locate;
mod mode;
pub mod new;
pub mod notice;
mod outside_git;
pub mod pack;
pub mod reconcile;
pub mod remote;
pub mod render;
pub mod rollback;
pub mod schema;
pub mod show;
mod stamp;
pub mod status;
pub mod survey;
pub mod sync;
pub mod sync_all;
pub mod watch;
mod workers;

use claude_env_core::diagnostic::Finding;

/// Why a verb could not do its work.
#[derive(Debug)]
pub struct Failure {
    pub kind: FailureKind,
    /// What went wrong, as a sentence without a full stop.
    pub message: String,
    /// What to do next, one line each.
    pub hints: Vec<String>,
    /// The findings that make a configuration unusable.
    pub findings: Vec<Finding>,
}

/// The kinds of failure; each has its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// Exit code 2: what was asked makes no sense, or the configuration cannot be used.
    Usage,
    /// Exit code 3: the world did not let us.
    Failed,
    /// Exit code 3 too: another run is at work, and will be done.
    Busy,
}

impl Failure {
    /// What was asked makes no sense here.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Usage, message)
    }

    /// The world did not let us.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Failed, message)
    }

    /// The configuration has errors.
    pub fn unusable(findings: Vec<Finding>) -> Self {
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
    pub fn again(&self) -> Self {
        Self {
            kind: self.kind,
            message: self.message.clone(),
            hints: self.hints.clone(),
            findings: self.findings.clone(),
        }
    }

    /// Adds what to do next.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}
