//! Why a fetch failed, as far as what git prints tells.

use std::time::Duration;

use super::Address;

/// A fetch that failed. Its text is a sentence without a full stop, and has no credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The network, or a server that is overloaded: the next try may work.
    #[error("cannot reach {address}: {why}")]
    Transient { address: String, why: String },
    /// The network is not there, or nothing answers at the address.
    #[error("cannot reach {address}: {why}")]
    Unreachable { address: String, why: String },
    #[error("{address} did not answer within {} s", limit.as_secs())]
    TimedOut { address: String, limit: Duration },
    #[error("{address} refuses access: {why}")]
    Denied { address: String, why: String },
    #[error("there is no repository at {address}, or not for you: {why}")]
    NotFound { address: String, why: String },
    /// What is wrong may be here or there.
    #[error("git cannot fetch {address}: {why}")]
    Other { address: String, why: String },
    /// The mirror cannot be written; the remote was not asked.
    #[error("{0}")]
    Mirror(String),
}

/// What git and its helpers print, and what it means. Looked at from the top, so what is more exact comes first.
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
    (
        Sign::Transient,
        &[
            "timed out",
            "temporary failure",
            "connection reset",
            "connection was reset",
            "connection closed",
            "returned error: 5",
            "returned error: 429",
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    NotFound,
    Denied,
    Unreachable,
    Transient,
}

impl FetchError {
    /// Reads what git printed when it failed.
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
            // The address is named already.
            let again = ["unable to access '", address.shown()].concat();
            let rest = line.strip_prefix(&again).and_then(|rest| rest.split_once("': "));
            rest.map_or(line.as_str(), |(_, rest)| rest).to_owned()
        };
        let name = address.to_string();
        match found {
            Some((Sign::NotFound, line)) => Self::NotFound { address: name, why: said(line) },
            Some((Sign::Denied, line)) => Self::Denied { address: name, why: said(line) },
            Some((Sign::Unreachable, line)) => Self::Unreachable { address: name, why: said(line) },
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

    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Transient { .. } | Self::Unreachable { .. } => {
                "check the network; other addresses of the same repository may be named as `mirrors` in `[source]`"
                    .to_owned()
            }
            Self::TimedOut { .. } => {
                "`CLAUDE_ENV_FETCH_TIMEOUT` gives it more time, in seconds".to_owned()
            }
            Self::Denied { address, .. } => {
                format!("git's own credentials and ssh keys are used: try `git ls-remote {address}`")
            }
            Self::NotFound { .. } => {
                "check the address, and whether you may read the repository".to_owned()
            }
            Self::Other { address, .. } => format!("try `git ls-remote {address}`"),
            Self::Mirror(_) => return None,
        })
    }
}

/// `repository 'https://…' not found`, without taking any other thing that was not found for it.
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
                "passing",
            ),
            (
                "ssh: connect to host h port 22: Connection timed out\nfatal: Could not read from remote repository.",
                "passing",
            ),
            ("error: RPC failed; curl 56 Recv failure: Connection reset by peer", "passing"),
            ("fatal: the remote end hung up unexpectedly", "passing"),
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
                FetchError::Transient { .. } => "passing",
                FetchError::Unreachable { .. } => "unreachable",
                FetchError::Denied { .. } => "denied",
                FetchError::NotFound { .. } => "not found",
                FetchError::Other { .. } => "other",
                FetchError::TimedOut { .. } | FetchError::Mirror(_) => "wrong",
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
