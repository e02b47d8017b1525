//! Why a fetch failed, told from the messages of git.

use std::time::Duration;

use super::Address;

/// Why a fetch from one address failed. The message is a sentence without a full stop, and holds no credentials.
///
/// In every variant `address` is the address without credentials, and `why` the line that git printed about the cause.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The connection broke, or the server is overloaded: the next try may work.
    #[error("cannot reach {address}: {why}")]
    Transient {
        /// The address that was fetched.
        address: String,
        /// The cause.
        why: String,
    },
    /// The server answers no more requests for now (HTTP status 429): a later try may work.
    #[error("cannot reach {address}: {why}")]
    RateLimited {
        /// The address that was fetched.
        address: String,
        /// The cause.
        why: String,
    },
    /// There is no network, or nothing answers at the address.
    #[error("cannot reach {address}: {why}")]
    Unreachable {
        /// The address that was fetched.
        address: String,
        /// The cause.
        why: String,
    },
    /// The fetch took longer than its time limit and was stopped.
    #[error("{address} did not answer within {} s", limit.as_secs())]
    TimedOut {
        /// The address that was fetched.
        address: String,
        /// The time limit.
        limit: Duration,
    },
    /// The server refused the credentials, or asked for some.
    #[error("{address} refuses access: {why}")]
    Denied {
        /// The address that was fetched.
        address: String,
        /// The cause.
        why: String,
    },
    /// The server has no such repository, or hides it from people without access.
    #[error("{address}: not found, or no access: {why}")]
    NotFound {
        /// The address that was fetched.
        address: String,
        /// The cause.
        why: String,
    },
    /// git failed for a reason that is not known here; the cause may be the server, or the mirror.
    #[error("git cannot fetch {address}: {why}")]
    Other {
        /// The address that was fetched.
        address: String,
        /// The cause.
        why: String,
    },
    /// Another process fetched the same repository for the whole time limit.
    #[error("another process has been fetching {address} for {} s", waited.as_secs())]
    Busy {
        /// The address that was to be fetched.
        address: String,
        /// How long we waited.
        waited: Duration,
    },
    /// git could not be started.
    #[error("cannot run git: {0}")]
    Git(String),
    /// The mirror cannot be created or written; the server was not asked.
    #[error("cannot {action} the mirror `{path}`: {why}")]
    Mirror {
        /// What failed, as a verb.
        action: &'static str,
        /// The folder of the mirror.
        path: String,
        /// What the system reported.
        why: String,
    },
}

/// Parts of the messages of git and its helpers, in lower case, and what they mean. The first match counts, so more specific
/// ones come first.
const SIGNS: &[(Sign, &[&str])] = &[
    (
        Sign::NotFound,
        &[
            "repository not found",
            "does not appear to be a git repository",
            "returned error: 404",
            "not exported",
            "could not be found",
        ],
    ),
    (
        Sign::Denied,
        &[
            "authentication failed",
            "could not read username",
            "could not read password",
            "terminal prompts disabled",
            "permission denied (",
            "host key verification failed",
            "returned error: 401",
            "returned error: 403",
            "access denied",
            "dubious ownership",
        ],
    ),
    (
        Sign::Unreachable,
        &[
            "could not resolve host",
            "name or service not known",
            "unable to look up",
            "connection refused",
            "no route to host",
            "network is unreachable",
            "network unreachable",
            "failed to connect to",
            "couldn't connect to server",
            "could not connect to server",
        ],
    ),
    (Sign::RateLimited, &["returned error: 429"]),
    (
        Sign::Transient,
        &[
            "timed out",
            "temporary failure",
            "connection reset",
            "connection was reset",
            "connection closed",
            "returned error: 5",
            "empty reply from server",
            "recv failure",
            "send failure",
            "operation too slow",
            "early eof",
            "hung up unexpectedly",
            "unexpected disconnect",
            "rpc failed",
            "kex_exchange_identification",
        ],
    ),
];

/// What a message means; the kinds of [`FetchError`] that git's messages tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// [`FetchError::NotFound`].
    NotFound,
    /// [`FetchError::Denied`].
    Denied,
    /// [`FetchError::Unreachable`].
    Unreachable,
    /// [`FetchError::RateLimited`].
    RateLimited,
    /// [`FetchError::Transient`].
    Transient,
}

impl FetchError {
    /// Creates the error from what git printed.
    pub(super) fn read(address: &Address, printed: &str) -> Self {
        let lines: Vec<&str> =
            printed.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let found = SIGNS.iter().find_map(|(sign, texts)| {
            let line = lines.iter().find(|line| {
                let line = line.to_lowercase();
                texts.iter().any(|text| line.contains(text))
                    || (*sign == Sign::NotFound && is_http_not_found(&line))
            })?;
            Some((*sign, *line))
        });
        let said = |line: &str| {
            let starts = ["fatal: ", "error: ", "ERROR: ", "remote: "];
            let mut line = line;
            while let Some(rest) = starts.iter().find_map(|start| line.strip_prefix(start)) {
                line = rest;
            }
            let line = address.redact(line);
            // The message names the address already.
            let again = ["unable to access '", address.shown()].concat();
            let rest = line.strip_prefix(&again).and_then(|rest| rest.split_once("': "));
            rest.map_or(line.as_str(), |(_, rest)| rest).to_owned()
        };
        let name = address.to_string();
        match found {
            Some((Sign::NotFound, line)) => Self::NotFound { address: name, why: said(line) },
            Some((Sign::Denied, line)) => Self::Denied { address: name, why: said(line) },
            Some((Sign::Unreachable, line)) => Self::Unreachable { address: name, why: said(line) },
            Some((Sign::RateLimited, line)) => Self::RateLimited { address: name, why: said(line) },
            Some((Sign::Transient, line)) => Self::Transient { address: name, why: said(line) },
            None => {
                let is_cause =
                    |line: &&&str| line.starts_with("fatal:") || line.starts_with("error:");
                let line = lines.iter().find(is_cause).or(lines.first());
                let why = line.map_or("it printed nothing".to_owned(), |line| said(line));
                Self::Other { address: name, why }
            }
        }
    }

    /// Returns true when the next try may work.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self, Self::Transient { .. } | Self::RateLimited { .. })
    }

    /// Returns true when the repository names its objects with another hash function than the mirror.
    pub(super) fn is_of_other_object_format(&self) -> bool {
        matches!(self, Self::Other { why, .. } if why.contains("mismatched algorithms"))
    }

    /// Returns what to do next; `None` when that is not known.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Transient { .. } | Self::RateLimited { .. } | Self::Unreachable { .. } => {
                "check the network; `mirrors` in `[source]` may name other addresses of the repository"
                    .to_owned()
            }
            Self::TimedOut { .. } => {
                "set `CLAUDE_ENV_FETCH_TIMEOUT` to a longer time, in seconds".to_owned()
            }
            Self::Denied { address, .. } => {
                format!("git's credentials and ssh keys are used: try `git ls-remote {address}`")
            }
            Self::NotFound { .. } => {
                "check the address, and that you may read the repository".to_owned()
            }
            Self::Other { address, .. } => format!("try `git ls-remote {address}`"),
            Self::Busy { .. } | Self::Git(_) | Self::Mirror { .. } => return None,
        })
    }
}

/// Returns true for `repository 'https://…' not found`, and not for other things that were not found.
fn is_http_not_found(line: &str) -> bool {
    line.contains("repository '") && line.ends_with("not found")
}

#[cfg(test)]
mod tests {
    use super::{Address, FetchError};

    #[test]
    fn what_git_prints_is_told_apart() {
        let cases = [
            ("fatal: unable to access 'https://h/c/': Could not resolve host: h", "unreachable"),
            (
                "ssh: connect to host h port 22: Connection refused\nfatal: Could not read from remote repository.",
                "unreachable",
            ),
            (
                "fatal: unable to access 'https://h/c/': The requested URL returned error: 503",
                "transient",
            ),
            (
                "ssh: connect to host h port 22: Connection timed out\nfatal: Could not read from remote repository.",
                "transient",
            ),
            (
                "fatal: unable to access 'https://h/c/': The requested URL returned error: 429",
                "rate limited",
            ),
            ("error: RPC failed; curl 56 Recv failure: Connection reset by peer", "transient"),
            ("fatal: the remote end hung up unexpectedly", "transient"),
            (
                "remote: Invalid username or password.\nfatal: Authentication failed for 'https://h/c/'",
                "denied",
            ),
            ("fatal: could not read Username for 'https://h': terminal prompts disabled", "denied"),
            (
                "git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.",
                "denied",
            ),
            (
                "fatal: unable to access 'https://h/c/': The requested URL returned error: 403",
                "denied",
            ),
            ("fatal: repository 'https://h/c/' not found", "not found"),
            (
                "ERROR: Repository not found.\nfatal: Could not read from remote repository.",
                "not found",
            ),
            (
                "fatal: '/x' does not appear to be a git repository\nfatal: Could not read from remote repository.",
                "not found",
            ),
            ("fatal: remote error: access denied or repository not exported: /c", "not found"),
            ("fatal: not a git repository: '/cache/repo.git'", "other"),
            (
                "error: object file objects/aa/bb is empty\nfatal: bad object refs/heads/main",
                "other",
            ),
            ("fatal: insufficient permission: Permission denied", "other"),
            ("", "other"),
        ];
        let address = Address::parse("https://h/c").expect("an address");
        for (printed, expect) in cases {
            let kind = match FetchError::read(&address, printed) {
                FetchError::Transient { .. } => "transient",
                FetchError::Unreachable { .. } => "unreachable",
                FetchError::Denied { .. } => "denied",
                FetchError::NotFound { .. } => "not found",
                FetchError::Other { .. } => "other",
                FetchError::RateLimited { .. } => "rate limited",
                FetchError::TimedOut { .. }
                | FetchError::Busy { .. }
                | FetchError::Git(_)
                | FetchError::Mirror { .. } => "wrong",
            };
            assert_eq!(kind, expect, "{printed}");
        }
    }

    #[test]
    fn the_reason_is_short_and_has_no_credentials() {
        let address = Address::parse("https://me:secret@h/c").expect("an address");
        let printed = "warning: x\nfatal: unable to access 'https://me:secret@h/c/': Could not resolve host: h";
        let error = FetchError::read(&address, printed);
        assert_eq!(error.to_string(), "cannot reach https://h/c: Could not resolve host: h");
    }
}
