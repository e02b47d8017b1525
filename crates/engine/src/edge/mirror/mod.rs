//! Mirrors of remote config repositories: bare repositories in the cache, fetched with the git program.
//!
//! ```text
//! mirrors/<name>/lock       held by the process that fetches
//!                fetched    when the last fetch that worked began, in milliseconds since 1970
//!                tried      the same of the last fetch that did not work
//!                repo.git   all branches and tags, and the remote's HEAD as its own
//! ```
//! The name stands for the address and the `mirrors` of a binding together: what one of those delivers is read only by bindings
//! that name all of them. A mirror holds nothing but copies: when git cannot use it any more, a new one is created and replaces it.

mod address;
mod error;
mod fetch;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub use address::Address;
pub use error::FetchError;
use fetch::Fetch;

use crate::edge::env::CredentialPrompt;
use crate::edge::fs::write_atomic;
use crate::edge::{clock, file_stamp};

/// The file with the time of the last successful fetch.
const FETCHED: &str = "fetched";
/// The file with the time of the last failed fetch.
const TRIED: &str = "tried";

/// A remote config repository and its mirror on this machine.
#[derive(Debug)]
pub struct Mirror {
    folder: PathBuf,
    /// The address in the binding, then others to try in order.
    addresses: Vec<Address>,
    /// How long a fetch from one address may take, and waiting for another process that fetches.
    limit: Duration,
    prompt: CredentialPrompt,
}

/// The state of a mirror after an update.
#[derive(Debug)]
pub enum Update {
    /// The mirror is up to date.
    Current,
    /// The mirror was updated from another address than the first.
    CurrentFrom {
        /// The address, without credentials.
        address: String,
        /// The errors of the addresses before it.
        errors: Vec<FetchError>,
    },
    /// The mirror is unchanged: nothing could be fetched.
    Stale {
        /// The errors of all addresses.
        errors: Vec<FetchError>,
    },
    /// There is no mirror, and nothing could be fetched.
    Missing {
        /// The errors of all addresses.
        errors: Vec<FetchError>,
    },
}

/// The lock of a mirror, held until it is dropped.
struct MirrorLock {
    _lock: File,
}

impl Mirror {
    /// Returns the mirror of a repository in the folder of all mirrors. Reads and writes nothing.
    pub fn new(
        mirrors: &Path,
        address: Address,
        alternatives: Vec<Address>,
        limit: Duration,
        prompt: CredentialPrompt,
    ) -> Self {
        let addresses: Vec<_> = std::iter::once(address).chain(alternatives).collect();
        let folder = mirrors.join(Address::folder_name(&addresses));
        Self { folder, addresses, limit, prompt }
    }

    /// Returns the path of the bare repository.
    pub fn repository(&self) -> PathBuf {
        self.folder.join("repo.git")
    }

    /// Returns true when there is a mirror to read.
    pub fn exists(&self) -> bool {
        self.repository().is_dir()
    }

    /// Returns the folder of the mirror.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the time since the last successful fetch; `None` when that is not known.
    pub fn age(&self) -> Option<Duration> {
        clock::now().checked_sub(self.fetched()?)
    }

    /// Fetches all branches and tags; does nothing when another process did so while this one waited for the lock.
    pub fn update(&self) -> Update {
        self.change(|this, address| {
            let fetch = this.fetch(address);
            if this.exists() {
                match fetch.all(&this.repository()) {
                    // The mirror may be damaged: create a new one.
                    Err(FetchError::Other { .. }) => {}
                    result => return result,
                }
            }
            this.make(&fetch)
        })
    }

    /// Replaces a mirror that cannot be read.
    pub fn renew(&self) -> Update {
        self.change(|this, address| this.make(&this.fetch(address)))
    }

    /// Fetches one commit that no branch or tag contains any more. Fails with the errors of all addresses; servers may refuse it.
    pub fn fetch_commit(&self, id: &str) -> Result<(), Vec<FetchError>> {
        let _alone = self.lock().map_err(|error| vec![error])?;
        let mut errors = Vec::new();
        remove_partial_packs(&self.repository());
        for address in &self.addresses {
            match self.fetch(address).commit(&self.repository(), id) {
                Ok(()) => return Ok(()),
                Err(error) => {
                    remove_partial_packs(&self.repository());
                    errors.push(error);
                }
            }
        }
        Err(errors)
    }

    fn fetch<'a>(&self, address: &'a Address) -> Fetch<'a> {
        Fetch::new(address, self.limit, self.prompt)
    }

    /// Changes the mirror with the first address that works, under the lock.
    fn change(&self, run: impl Fn(&Self, &Address) -> Result<(), FetchError>) -> Update {
        let asked = clock::now();
        let mut errors = Vec::new();
        match self.lock() {
            Err(error) => errors.push(error),
            Ok(_alone) => {
                let since =
                    self.fetched().filter(|began| asked <= *began && *began <= clock::now());
                if since.is_some() && self.exists() {
                    return Update::Current;
                }
                // Of a run that was killed.
                remove_partial_packs(&self.repository());
                let _ = remove(&self.folder.join("new"));
                for address in &self.addresses {
                    let began = clock::now();
                    match run(self, address) {
                        Ok(()) => {
                            self.note(FETCHED, began);
                            return match errors.is_empty() {
                                true => Update::Current,
                                false => {
                                    Update::CurrentFrom { address: address.to_string(), errors }
                                }
                            };
                        }
                        Err(error) => {
                            remove_partial_packs(&self.repository());
                            errors.push(error);
                        }
                    }
                }
                self.note(TRIED, asked);
            }
        }
        if self.exists() { Update::Stale { errors } } else { Update::Missing { errors } }
    }

    /// Creates a new mirror beside the old one, and replaces that when the fetch is complete.
    fn make(&self, fetch: &Fetch<'_>) -> Result<(), FetchError> {
        let new = self.folder.join("new");
        let cannot = |error: io::Error| self.failed("create", &error);
        let fetch_into_new = |format| {
            remove(&new).and_then(|()| make_bare(&new, format)).map_err(cannot)?;
            fetch.all(&new)
        };
        // A repository does not say its object format before git talks to it.
        let fetched = match fetch_into_new(ObjectFormat::Sha1) {
            Err(error) if error.is_of_other_object_format() => fetch_into_new(ObjectFormat::Sha256),
            fetched => fetched,
        };
        if fetched.is_err() {
            let _ = remove(&new);
            return fetched;
        }
        let old = self.folder.join("old");
        remove(&old).map_err(cannot)?;
        match fs::rename(self.repository(), &old) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(cannot(error)),
            _ => {}
        }
        fs::rename(&new, self.repository()).map_err(cannot)?;
        // On failure it is removed the next time.
        let _ = remove(&old);
        Ok(())
    }

    /// Waits for the lock of the mirror, no longer than a fetch may take.
    #[expect(clippy::disallowed_methods, reason = "the cache is outside of any workspace")]
    fn lock(&self) -> Result<MirrorLock, FetchError> {
        let cannot = |error: io::Error| self.failed("write", &error);
        fs::create_dir_all(&self.folder).map_err(cannot)?;
        let path = self.folder.join("lock");
        let file = File::options().create(true).truncate(false).write(true).open(path);
        let file = file.map_err(cannot)?;
        let deadline = Instant::now() + self.limit;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(MirrorLock { _lock: file }),
                Err(fs::TryLockError::Error(error)) => return Err(cannot(error)),
                Err(fs::TryLockError::WouldBlock) if Instant::now() >= deadline => {
                    let address = self.addresses.first().map(Address::to_string);
                    let address = address.unwrap_or_default();
                    return Err(FetchError::Busy { address, waited: self.limit });
                }
                Err(fs::TryLockError::WouldBlock) => {
                    std::thread::sleep(Duration::from_millis(10));
                }
            }
        }
    }

    /// Returns the error of the file system for this mirror. `action` is what failed, as a verb.
    fn failed(&self, action: &'static str, error: &io::Error) -> FetchError {
        let path = self.folder.display().to_string();
        FetchError::Mirror { action, path, why: error.to_string() }
    }

    /// Returns when the last successful fetch began, since 1970; `None` when that is not known.
    fn fetched(&self) -> Option<Duration> {
        noted(&self.folder, FETCHED)
    }

    /// Writes the time of a fetch to a file. On failure only the age is unknown.
    fn note(&self, what: &str, began: Duration) {
        // Rounded down: a request in the same millisecond may be later than the fetch.
        let text = format!("{}\n", began.as_millis());
        let _ = write_atomic(&self.folder.join(what), text.as_bytes(), false);
    }
}

/// Returns true when the mirror in a folder was fetched within this time, or a fetch failed within it.
pub fn is_fresh(folder: &Path, within: Duration) -> bool {
    is_recent(folder, FETCHED, within) || was_tried(folder, within)
}

/// Returns true when a fetch failed within this time.
pub fn was_tried(folder: &Path, within: Duration) -> bool {
    is_recent(folder, TRIED, within)
}

fn is_recent(folder: &Path, what: &str, within: Duration) -> bool {
    // A time in the future means that the clock was changed.
    let age = noted(folder, what).and_then(|began| clock::now().checked_sub(began));
    age.is_some_and(|age| age < within)
}

/// Reads the time in a file of a mirror; `None` when there is none.
fn noted(folder: &Path, what: &str) -> Option<Duration> {
    file_stamp::read_short(&folder.join(what))?.parse().ok().map(Duration::from_millis)
}

/// The hash function that names the objects of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ObjectFormat {
    /// SHA-1, in nearly all repositories.
    Sha1,
    /// SHA-256, after `git init --object-format=sha256`.
    Sha256,
}

/// Creates an empty bare repository in the oldest format that can hold its objects, without the user's templates.
#[expect(clippy::disallowed_methods, reason = "a folder of the cache that nobody else knows yet")]
fn make_bare(folder: &Path, format: ObjectFormat) -> io::Result<()> {
    fs::create_dir_all(folder.join("objects"))?;
    fs::create_dir_all(folder.join("refs").join("heads"))?;
    // Keep commits that a workspace's lock names, also when a branch was rewritten.
    let (version, extensions) = match format {
        ObjectFormat::Sha1 => (0, ""),
        ObjectFormat::Sha256 => (1, "[extensions]\n\tobjectFormat = sha256\n"),
    };
    let config = format!(
        "[core]\n\trepositoryformatversion = {version}\n\tbare = true\n{extensions}[gc]\n\tpruneExpire = never\n"
    );
    fs::write(folder.join("config"), config)?;
    fs::write(folder.join("HEAD"), format!("ref: {}\n", fetch::REMOTE_HEAD))
}

/// Removes what a fetch that was ended left of its pack. For the holder of the lock, when no git runs in the repository.
fn remove_partial_packs(repository: &Path) {
    let packs = repository.join("objects").join("pack");
    for entry in fs::read_dir(packs).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(b"tmp_") {
            // What cannot be removed is tried again by the next fetch.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Removes a folder with its content, or whatever is at its path. Succeeds when there is nothing.
fn remove(folder: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(folder) {
        Ok(found) if !found.is_dir() => fs::remove_file(folder),
        _ => fs::remove_dir_all(folder),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
