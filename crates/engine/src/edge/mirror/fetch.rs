//! Runs one fetch: the arguments for git, the time limit, and retries.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::{Address, FetchError};
use crate::edge::env::CredentialPrompt;
use crate::edge::git::git_for_remotes;
use crate::edge::process::{Ended, run_within};

/// The reference for the remote's HEAD in a mirror; the mirror's HEAD points to it.
pub(super) const REMOTE_HEAD: &str = "refs/claude-env/head";

/// How long to wait before each retry.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

/// Options that override the user's configuration: a fetch writes one pack, and gives up when nothing arrives.
const OPTIONS: [&str; 8] = [
    "-c",
    "fetch.unpackLimit=1",
    "-c",
    "transfer.unpackLimit=1",
    "-c",
    "fetch.writeCommitGraph=false",
    "-c",
    "http.lowSpeedLimit=1",
];

/// A fetch from one address. The time limit includes all retries.
pub(super) struct Fetch<'a> {
    address: &'a Address,
    limit: Duration,
    deadline: Instant,
    prompt: CredentialPrompt,
}

impl<'a> Fetch<'a> {
    /// Creates a fetch; its time starts now.
    pub(super) fn new(address: &'a Address, limit: Duration, prompt: CredentialPrompt) -> Self {
        Self { address, limit, deadline: Instant::now() + limit, prompt }
    }

    /// Fetches all branches and tags and the remote's HEAD, and removes those that the remote no longer has.
    pub(super) fn all(&self, repository: &Path) -> Result<(), FetchError> {
        const BRANCHES: &str = "+refs/heads/*:refs/heads/*";
        const TAGS: &str = "+refs/tags/*:refs/tags/*";
        let head = format!("+HEAD:{REMOTE_HEAD}");
        match self
            .fetch(repository, &["--prune", "--", self.address.shown(), &head, BRANCHES, TAGS])
        {
            // The HEAD of a remote may be missing, or name a branch that does not exist.
            Err(FetchError::Other { why, .. }) if why.contains("remote ref HEAD") => {
                self.fetch(repository, &["--prune", "--", self.address.shown(), BRANCHES, TAGS])?;
                self.forget_head(repository)
            }
            result => result,
        }
    }

    /// Fetches one commit by its id. Fails when the server does not have it, or refuses to send it.
    pub(super) fn commit(&self, repository: &Path, id: &str) -> Result<(), FetchError> {
        let refspec = format!("+{id}:refs/claude-env/pinned/{id}");
        self.fetch(repository, &["--", self.address.shown(), &refspec])
    }

    fn fetch(&self, repository: &Path, arguments: &[&str]) -> Result<(), FetchError> {
        let mut pauses = PAUSES.iter();
        loop {
            let mut command = self.git(repository);
            command.arg("-c").arg(format!("http.lowSpeedTime={}", self.limit.as_secs().max(1)));
            command.args(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head"]);
            command.arg("--no-recurse-submodules").args(arguments);
            let error = match self.run(&mut command) {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            match pauses.next() {
                Some(pause) if error.may_pass() && *pause < self.left() => {
                    tracing::info!("{error}; trying again");
                    std::thread::sleep(*pause);
                }
                _ => return Err(error),
            }
        }
    }

    /// Removes the reference for the remote's HEAD.
    fn forget_head(&self, repository: &Path) -> Result<(), FetchError> {
        let mut command = self.git(repository);
        self.run(command.args(["update-ref", "-d", REMOTE_HEAD]))
    }

    fn git(&self, repository: &Path) -> Command {
        let mut command = git_for_remotes(repository, self.prompt);
        // Explicit, so that git does not search parent folders when the mirror is broken.
        command.arg("--git-dir=.").args(OPTIONS);
        self.address.pass_credentials(&mut command);
        command
    }

    fn run(&self, command: &mut Command) -> Result<(), FetchError> {
        let address = self.address.to_string();
        let timed_out = || FetchError::TimedOut { address: address.clone(), limit: self.limit };
        if self.left().is_zero() {
            return Err(timed_out());
        }
        match run_within(command, self.left(), self.prompt != CredentialPrompt::Terminal) {
            Ok(Ended::Success) => Ok(()),
            Ok(Ended::Failure(said)) => Err(FetchError::read(self.address, &said)),
            Ok(Ended::TimedOut) => Err(timed_out()),
            Err(error) => Err(FetchError::Git(error.to_string())),
        }
    }

    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}
