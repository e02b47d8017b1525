//! A config repository with an address: fetched into its mirror, and read there.

use std::time::Duration;

use crate::edge::config_source::{ConfigSource, SourceError, branches_and_tags};
use crate::edge::env::Env;
use crate::edge::mirror::{self, Address, FetchError, Mirror, Update};
use crate::ops::notice::{Listener, Notice};
use crate::ops::{Failure, FailureKind};
use claude_env_core::git::AddressKey;
use claude_env_core::layer::Binding;

/// When a mirror is fetched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fetching {
    #[default]
    /// On each run.
    Always,
    /// When the last fetch is longer ago than this.
    OlderThan(Duration),
    /// Not at all: `--offline`.
    Never,
}

/// The requested revision of a remote.
#[derive(Clone, Copy, Debug)]
pub(in crate::ops) enum RequestedRevision<'a> {
    /// The commit of its HEAD.
    Head,
    /// A branch, a tag or a commit.
    Revision(&'a str),
    /// A commit by its id; fetched only when it is missing.
    Pinned(&'a str),
}

/// A config repository with an address.
#[derive(Clone, Debug)]
pub(in crate::ops) struct Remote {
    address: Address,
    alternatives: Vec<Address>,
}

impl Remote {
    /// Creates a remote with one address.
    pub(in crate::ops) fn new(address: Address) -> Self {
        Self { address, alternatives: Vec::new() }
    }

    /// Adds the other addresses of a binding. Fails when one is not valid.
    pub(in crate::ops) fn with_mirrors_of(mut self, binding: &Binding) -> Result<Self, Failure> {
        for (index, text) in binding.mirrors.iter().enumerate() {
            // Without the text, which may have credentials.
            self.alternatives.push(Address::parse(text).ok_or_else(|| {
                Failure::usage(format!("`source.mirrors[{index}]` of the binding is no address"))
                    .hint("write a URL, or `user@host:path`")
            })?);
        }
        Ok(self)
    }

    /// Returns the address without credentials.
    pub(in crate::ops) fn name(&self) -> &str {
        self.address.shown()
    }

    /// Returns the key by which its address is compared.
    pub(in crate::ops) fn key(&self) -> AddressKey {
        self.address.key()
    }

    /// Returns its mirror on this machine, without IO. Fails when there is no place for mirrors.
    pub(in crate::ops) fn mirror(&self, env: &Env) -> Result<Mirror, Failure> {
        let limit = env.fetch_timeout()?;
        let Some(mirrors) = env.mirrors() else {
            return Err(Failure::io("there is no place for the mirror of a config repository")
                .hint("set `HOME`, or `XDG_CACHE_HOME` to an absolute path"));
        };
        let (address, others) = (self.address.clone(), self.alternatives.clone());
        Ok(Mirror::new(&mirrors, address, others, limit, env.credential_prompt()))
    }

    /// Fetches into the mirror as requested, and opens a revision. Fails when it cannot be fetched or read.
    pub(in crate::ops) fn open(
        &self,
        wanted: RequestedRevision<'_>,
        fetching: Fetching,
        listener: &Listener,
        env: &Env,
    ) -> Result<ConfigSource, Failure> {
        let mirror = self.mirror(env)?;
        let reader = Reader { remote: self, mirror: &mirror, listener };
        match wanted {
            RequestedRevision::Pinned(commit) => reader.pinned(commit, fetching == Fetching::Never),
            RequestedRevision::Head => reader.current("HEAD", fetching),
            RequestedRevision::Revision(revision) => reader.current(revision, fetching),
        }
    }
}

/// Opens revisions of a mirror.
struct Reader<'a> {
    remote: &'a Remote,
    mirror: &'a Mirror,
    listener: &'a Listener,
}

impl Reader<'_> {
    fn current(&self, revision: &str, fetching: Fetching) -> Result<ConfigSource, Failure> {
        if fetching == Fetching::Never {
            self.needs_mirror()?;
            self.warn(format!("offline: {}", self.as_of()));
            return self.read(revision).map_err(|error| self.failure(error));
        }
        let is_fresh = |window| mirror::is_fresh(self.mirror.folder(), window);
        let was_tried = |window| mirror::was_tried(self.mirror.folder(), window);
        match fetching {
            Fetching::OlderThan(window) if self.mirror.exists() && is_fresh(window) => {}
            Fetching::OlderThan(window) if !self.mirror.exists() && was_tried(window) => {
                let name = self.remote.name();
                let message = format!("{name} could not be fetched lately");
                return Err(Failure::new(FailureKind::Network, message)
                    .hint("`claude-env sync` tries again, and says why not"));
            }
            _ => {
                self.progress();
                self.settle(self.mirror.update())?;
            }
        }
        match self.read(revision) {
            Err(error) if error.is_damage() => {
                self.renew(&error)?;
                self.read(revision).map_err(|error| self.failure(error))
            }
            result => result.map_err(|error| self.failure(error)),
        }
    }

    fn pinned(&self, commit: &str, offline: bool) -> Result<ConfigSource, Failure> {
        let absent = |error: &SourceError| {
            matches!(error, SourceError::UnknownRevision { .. } | SourceError::NoCommits { .. })
        };
        let missing = || {
            Failure::io(format!(
                "commit {commit}, which the lock demands, is not in {}",
                self.remote.name()
            ))
        };
        let here = if self.mirror.exists() { Some(self.read(commit)) } else { None };
        match here {
            Some(Ok(source)) => return Ok(source),
            _ if offline => {
                self.needs_mirror()?;
                return Err(match here {
                    Some(Err(error)) if !absent(&error) => self.failure(error),
                    _ => missing().hint("run again without `--offline`"),
                });
            }
            Some(Err(error)) if !absent(&error) => {
                self.progress();
                self.renew(&error)?;
            }
            _ => {
                self.progress();
                self.settle(self.mirror.update())?;
            }
        }
        if let Ok(source) = self.read(commit) {
            return Ok(source);
        }
        // After a force push no branch has the commit, but the server may still have it.
        let fetched = self.mirror.fetch_commit(commit);
        self.read(commit).map_err(|_| {
            let failure = missing().hint(
                "its branch was rewritten, or the lock is of another repository: \
                 sync without `--frozen` to follow `ref` again",
            );
            match fetched {
                Err(errors) => {
                    errors.iter().fold(failure, |failure, error| failure.hint(error.to_string()))
                }
                Ok(()) => failure,
            }
        })
    }

    /// Reports the result of an update. Fails when there is no mirror to continue with.
    fn settle(&self, update: Update) -> Result<(), Failure> {
        match update {
            Update::Current => Ok(()),
            Update::CurrentFrom { address, errors } => {
                self.warn(format!("fetched from {address}: {}", all(&errors)));
                Ok(())
            }
            Update::Stale { errors } => {
                self.warn(format!("{}: {}", self.as_of(), all(&errors)));
                Ok(())
            }
            Update::Missing { errors } => Err(errors.into()),
        }
    }

    /// Replaces a damaged mirror by a new one. Fails when it cannot be fetched; then the damaged one is kept.
    fn renew(&self, error: &SourceError) -> Result<(), Failure> {
        tracing::info!("the mirror is made anew: {error}");
        match self.mirror.renew() {
            Update::Stale { errors } => self.settle(Update::Missing { errors }),
            update => self.settle(update),
        }
    }

    /// Opens a revision of the mirror. Fails when it is missing or damaged.
    fn read(&self, revision: &str) -> Result<ConfigSource, SourceError> {
        let path = self.mirror.repository();
        let source = ConfigSource::mirror(&path, revision, self.remote.name())?;
        match source.damage() {
            Some(error) => Err(error),
            None => Ok(source),
        }
    }

    fn needs_mirror(&self) -> Result<(), Failure> {
        if self.mirror.exists() {
            return Ok(());
        }
        let name = self.remote.name();
        Err(Failure::io(format!("{name} was never fetched on this machine"))
            .hint("run once without `--offline`"))
    }

    fn failure(&self, error: SourceError) -> Failure {
        let name = self.remote.name();
        let known = || branches_and_tags(&self.mirror.repository());
        let listed = |names: &[String]| {
            const SHOWN: usize = 10;
            let shown = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = if names.len() > SHOWN { ", …" } else { "" };
            format!("its branches and tags: {shown}{more}")
        };
        match error {
            SourceError::UnknownRevision { rev, near, .. } => {
                let failure =
                    Failure::usage(format!("{name} has no branch, tag or commit `{rev}`"));
                let failure = match near {
                    Some(near) => failure.hint(format!("did you mean `{near}`?")),
                    None => failure,
                };
                failure.hint(listed(&known()))
            }
            SourceError::NoCommits { .. } => match known().as_slice() {
                [] => Failure::usage(format!("{name} has no commits yet"))
                    .hint("push a config repository there; `claude-env new DIR` scaffolds one"),
                names => Failure::usage(format!("{name} does not say which branch is its default"))
                    .hint("name one: `ref` in the binding, `--ref` of `init`, or `--rev`")
                    .hint(listed(names)),
            },
            error if error.is_damage() => {
                let folder = self.mirror.repository();
                Failure::io(format!("the mirror of {name} is damaged: {error}"))
                    .hint("run again without `--offline`: it is then made anew")
                    .hint(format!("it lies in `{}`", folder.display()))
            }
            error => error.into(),
        }
    }

    fn as_of(&self) -> String {
        match self.mirror.age() {
            Some(age) => format!("using the revision of {} ago", in_words(age)),
            None => "using the revision that was fetched last".to_owned(),
        }
    }

    fn progress(&self) {
        self.listener.notify(Notice::Progress(format!("fetching {}", self.remote.name())));
    }

    fn warn(&self, text: String) {
        self.listener.notify(Notice::Warning(text));
    }
}

fn all(errors: &[FetchError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Returns a duration in words, in its largest unit of which there are at least two.
pub fn in_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (number, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::{Duration, in_words};

    #[test]
    fn durations_are_in_their_largest_unit() {
        let cases = [
            (0, "0 seconds"),
            (1, "1 second"),
            (119, "119 seconds"),
            (120, "2 minutes"),
            (7_199, "119 minutes"),
            (7_200, "2 hours"),
            (200_000, "2 days"),
        ];
        for (seconds, expect) in cases {
            assert_eq!(in_words(Duration::from_secs(seconds)), expect);
        }
    }
}
