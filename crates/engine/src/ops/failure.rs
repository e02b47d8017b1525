//! Why an operation failed: its kind, what to do next, and what every error of `edge` becomes.

use std::fmt;

use crate::edge::config_source::SourceError;
use crate::edge::env::VariableError;
use crate::edge::fs::FsError;
use crate::edge::git::{DiscoverError, ExcludeFileError, HooksError};
use crate::edge::mirror::FetchError;
use crate::edge::process::ProcessError;
use crate::edge::pypi::PypiError;
use crate::edge::vendor::VendorError;
use crate::edge::watch::WatchError;
use claude_env_core::adopt::SelectError;
use claude_env_core::diagnostic::Finding;
use claude_env_core::git::hooks::HooksRefusal;
use claude_env_core::workspace::LockError;

/// Why an operation failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What went wrong, for programs.
    pub kind: FailureKind,
    /// What went wrong, as a sentence without a full stop.
    pub message: String,
    /// What to do next, one line each.
    pub hints: Vec<String>,
    /// The findings that make a configuration unusable; empty for every other kind.
    pub findings: Vec<Finding>,
}

/// What went wrong, for programs. Each kind has a word for JSON, an exit code and an HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The request is wrong: another command line, binding or variable is needed.
    Usage,
    /// The configuration has errors.
    Findings,
    /// The file system, git or another program failed.
    Io,
    /// A server cannot be reached, or did not answer in time.
    Network,
    /// A server refused the credentials, or asked for some.
    Auth,
    /// A server does not have what was asked for, or hides it.
    NotFound,
    /// A server answers no more requests for now.
    RateLimited,
    /// Another claude-env writes to the same workspace, or fetches the same repository.
    Busy,
}

impl FailureKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Usage,
        Self::Findings,
        Self::Io,
        Self::Network,
        Self::Auth,
        Self::NotFound,
        Self::RateLimited,
        Self::Busy,
    ];

    /// The one table: the word in JSON, the exit code, and the HTTP status.
    const fn row(self) -> (&'static str, u8, u16) {
        match self {
            Self::Usage => ("usage", 2, 400),
            Self::Findings => ("findings", 2, 422),
            Self::Io => ("io", 3, 500),
            Self::Network => ("network", 3, 502),
            Self::Auth => ("auth", 3, 502),
            Self::NotFound => ("not_found", 3, 404),
            Self::RateLimited => ("rate_limited", 3, 503),
            Self::Busy => ("busy", 3, 409),
        }
    }

    /// Returns the word for JSON, in snake case.
    pub const fn word(self) -> &'static str {
        self.row().0
    }

    /// Returns the exit code of the command line: 2 or 3, see `docs/exit-codes.md`.
    pub const fn exit_code(self) -> u8 {
        self.row().1
    }

    /// Returns the HTTP status with which a server answers.
    pub const fn http_status(self) -> u16 {
        self.row().2
    }
}

impl Failure {
    /// Creates a failure of a kind, without hints.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hints: Vec::new(), findings: Vec::new() }
    }

    /// Creates a failure of kind [`FailureKind::Usage`].
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Usage, message)
    }

    /// Creates a failure of kind [`FailureKind::Io`].
    pub fn io(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Io, message)
    }

    /// Creates a failure of kind [`FailureKind::Findings`]: these errors make a configuration unusable.
    pub fn findings(message: impl Into<String>, findings: Vec<Finding>) -> Self {
        Self { findings, ..Self::new(FailureKind::Findings, message) }
    }

    /// Returns the failure with one more line on what to do next.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Returns the failure with what to do next, where that is known.
    fn hint_if_known(self, hint: Option<impl Into<String>>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<VariableError> for Failure {
    fn from(error: VariableError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<FsError> for Failure {
    fn from(error: FsError) -> Self {
        let kind = if error.is_busy() { FailureKind::Busy } else { FailureKind::Io };
        Self::new(kind, error.to_string()).hint_if_known(error.hint())
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        Self::usage(error.to_string()).hint(error.help())
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        let kind = if error.is_usage() { FailureKind::Usage } else { FailureKind::Io };
        Self::new(kind, error.to_string())
    }
}

impl From<DiscoverError> for Failure {
    fn from(error: DiscoverError) -> Self {
        Self::io(error.to_string())
    }
}

impl From<ProcessError> for Failure {
    fn from(error: ProcessError) -> Self {
        Self::io(error.to_string())
    }
}

impl From<HooksError> for Failure {
    fn from(error: HooksError) -> Self {
        match error {
            // Not the kind of it: the files of hooks have no lock that another run holds.
            HooksError::Fs(error) => Self::io(error.to_string()).hint_if_known(error.hint()),
            HooksError::Git(error) => error.into(),
            HooksError::Version(_) => Self::io(error.to_string()),
        }
    }
}

impl From<ExcludeFileError> for Failure {
    fn from(error: ExcludeFileError) -> Self {
        let failure = Self::io(error.to_string());
        match error {
            ExcludeFileError::Fs(_) => failure,
            ExcludeFileError::Markers { .. } => failure.hint(
                "leave one begin and one end marker, each on its own line; or remove both, and sync writes the block anew",
            ),
        }
    }
}

impl From<VendorError> for Failure {
    fn from(error: VendorError) -> Self {
        Self::io(error.to_string())
    }
}

impl From<PypiError> for Failure {
    fn from(error: PypiError) -> Self {
        let message = error.to_string();
        let elsewhere = |requirement: &str| {
            format!(
                "without pip or a network, download the wheel elsewhere: \
                 `claude-env pack add {} --from WHEEL`",
                requirement.replace("==", "@")
            )
        };
        match error {
            PypiError::Download { requirement, .. } | PypiError::NoWheel { requirement } => {
                Self::new(FailureKind::Network, message).hint(elsewhere(&requirement))
            }
            PypiError::NoPip { requirement } => Self::io(message).hint(elsewhere(&requirement)),
            PypiError::Read { .. } => Self::io(message),
            PypiError::Zip { .. } | PypiError::Refused { .. } => Self::usage(message)
                .hint("name a wheel, an unpacked wheel, or a checkout of SuperClaude"),
        }
    }
}

impl From<SelectError> for Failure {
    fn from(error: SelectError) -> Self {
        match error {
            SelectError::Unknown { word, meant } => {
                Self::usage(format!("the workspace has no entry `{word}`"))
                    .hint_if_known(meant.map(|meant| format!("did you mean `{meant}`?")))
                    .hint("`claude-env status` lists the entries; name one as FILE, FILE ENTRY or by its JSON pointer")
            }
            SelectError::Ambiguous { word, files } => {
                let file = files.first().map_or("FILE", String::as_str);
                Self::usage(format!("several files have an entry `{word}`: {}", files.join(", ")))
                    .hint(format!("name the file too: `{file} {word}`"))
            }
        }
    }
}

impl From<WatchError> for Failure {
    fn from(error: WatchError) -> Self {
        Self::io(error.to_string()).hint("run `claude-env sync` from a timer instead")
    }
}

impl From<HooksRefusal> for Failure {
    fn from(refusal: HooksRefusal) -> Self {
        Self { hints: refusal.hints, ..Self::usage(refusal.message) }
    }
}

/// The fetches from all addresses of a repository that failed. The kind is that of the first: the address of the binding.
impl From<Vec<FetchError>> for Failure {
    fn from(errors: Vec<FetchError>) -> Self {
        let kind = errors.first().map_or(FailureKind::Network, kind_of);
        let messages: Vec<String> = errors.iter().map(ToString::to_string).collect();
        let mut failure = Self::new(kind, messages.join("; "));
        for hint in errors.iter().filter_map(FetchError::hint) {
            if !failure.hints.contains(&hint) {
                failure.hints.push(hint);
            }
        }
        failure
    }
}

fn kind_of(error: &FetchError) -> FailureKind {
    match error {
        FetchError::Transient { .. }
        | FetchError::Unreachable { .. }
        | FetchError::TimedOut { .. } => FailureKind::Network,
        FetchError::RateLimited { .. } => FailureKind::RateLimited,
        FetchError::Denied { .. } => FailureKind::Auth,
        FetchError::NotFound { .. } => FailureKind::NotFound,
        FetchError::Busy { .. } => FailureKind::Busy,
        FetchError::Other { .. } | FetchError::Git(_) | FetchError::Mirror { .. } => {
            FailureKind::Io
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_kind_has_its_own_word_and_a_documented_exit_code() {
        let words: BTreeSet<&str> = FailureKind::ALL.iter().map(|kind| kind.word()).collect();
        assert_eq!(words.len(), FailureKind::ALL.len());
        for kind in FailureKind::ALL {
            let usage = matches!(kind, FailureKind::Usage | FailureKind::Findings);
            assert_eq!(kind.exit_code(), if usage { 2 } else { 3 }, "{kind:?}");
            assert!((400..600).contains(&kind.http_status()), "{kind:?}");
        }
    }

    #[test]
    fn the_kind_of_a_fetch_that_failed_is_that_of_the_first_address() {
        let error =
            |why: &str| FetchError::Transient { address: "h".to_owned(), why: why.to_owned() };
        let limited = FetchError::RateLimited { address: "h".to_owned(), why: "429".to_owned() };
        let denied = FetchError::Denied { address: "h".to_owned(), why: "no".to_owned() };
        let cases = [
            (vec![error("reset"), denied.clone()], FailureKind::Network),
            (vec![limited], FailureKind::RateLimited),
            (vec![denied, error("reset")], FailureKind::Auth),
        ];
        for (errors, expect) in cases {
            let failure = Failure::from(errors);
            assert_eq!(failure.kind, expect, "{}", failure.message);
        }
    }
}
