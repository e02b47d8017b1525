//! Config repositories on other machines: a bare mirror of each in the cache, fetched with the git program.
//!
//! ```text
//! mirrors/<name>/lock       held by the process that fetches
//!                fetched    when the last fetch that worked began, in milliseconds since 1970
//!                tried      the same of the last fetch that did not work
//!                repo.git   all branches and tags, and the remote's HEAD as its own
//! ```
//! A mirror holds nothing that the remote does not have: when git cannot go on with it, it is made anew beside the old one
//! and takes its place.

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

/// Names of the files with times.
const FETCHED: &str = "fetched";
const TRIED: &str = "tried";

/// A config repository on another machine, and its mirror here.
#[derive(Debug)]
pub struct Mirror {
    folder: PathBuf,
    /// The address that people know it by, then others to try in turn.
    addresses: Vec<Address>,
    /// How long fetching from one address may take, and waiting for another process that fetches.
    limit: Duration,
    prompt: CredentialPrompt,
}

/// How a mirror stands after an update.
#[derive(Debug)]
pub enum Update {
    /// As the remote is.
    Current,
    /// As another address has it; why those before it were of no use.
    CurrentFrom { address: String, errors: Vec<FetchError> },
    /// As it was before: nothing could be fetched.
    Stale { errors: Vec<FetchError> },
    /// There is no mirror, and nothing could be fetched.
    Missing { errors: Vec<FetchError> },
}

/// Held while a mirror is changed.
struct MirrorLock {
    _lock: File,
}

impl Mirror {
    /// The mirror of a repository below the folder of all mirrors. Touches nothing.
    pub fn new(
        mirrors: &Path,
        address: Address,
        alternatives: Vec<Address>,
        limit: Duration,
        prompt: CredentialPrompt,
    ) -> Self {
        let folder = mirrors.join(address.folder_name());
        let addresses = std::iter::once(address).chain(alternatives).collect();
        Self { folder, addresses, limit, prompt }
    }

    /// The bare repository.
    pub fn repository(&self) -> PathBuf {
        self.folder.join("repo.git")
    }

    /// Whether there is anything to read.
    pub fn exists(&self) -> bool {
        self.repository().is_dir()
    }

    /// The folder of the mirror.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How long ago the remote was looked at; `None` when that is not known.
    pub fn age(&self) -> Option<Duration> {
        clock::now().checked_sub(self.fetched()?)
    }

    /// Fetches all branches and tags.
    ///
    /// Where another process did so while this one waited for it, that will do.
    pub fn update(&self) -> Update {
        self.change(|this, address| {
            let fetch = this.fetch(address);
            if this.exists() {
                match fetch.all(&this.repository()) {
                    // What else there is may be a damage of the mirror.
                    Err(FetchError::Other { .. }) => {}
                    result => return result,
                }
            }
            this.make(&fetch)
        })
    }

    /// Makes the mirror anew, because it cannot be read.
    pub fn renew(&self) -> Update {
        self.change(|this, address| this.make(&this.fetch(address)))
    }

    /// Fetches one commit that no branch or tag has any more. Servers may refuse that.
    pub fn fetch_commit(&self, id: &str) -> Result<(), Vec<FetchError>> {
        let _alone = self.lock().map_err(|error| vec![error])?;
        let mut errors = Vec::new();
        for address in &self.addresses {
            match self.fetch(address).commit(&self.repository(), id) {
                Ok(()) => return Ok(()),
                Err(error) => errors.push(error),
            }
        }
        Err(errors)
    }

    fn fetch<'a>(&self, address: &'a Address) -> Fetch<'a> {
        Fetch::new(address, self.limit, self.prompt)
    }

    /// Changes the mirror by the first address that can, alone.
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
                        Err(error) => errors.push(error),
                    }
                }
                self.note(TRIED, asked);
            }
        }
        if self.exists() { Update::Stale { errors } } else { Update::Missing { errors } }
    }

    /// Makes the mirror in a folder of its own, and puts it in its place when it is whole.
    fn make(&self, fetch: &Fetch<'_>) -> Result<(), FetchError> {
        let new = self.folder.join("new");
        let cannot = |error: io::Error| self.failed("create", &error);
        remove(&new).map_err(cannot)?;
        make_bare(&new).map_err(cannot)?;
        let fetched = fetch.all(&new);
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
        // What cannot be removed now is removed the next time.
        let _ = remove(&old);
        Ok(())
    }

    /// Waits until no other process changes the mirror, but no longer than a fetch may take.
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

    /// When the last fetch that worked began.
    fn fetched(&self) -> Option<Duration> {
        noted(&self.folder, FETCHED)
    }

    /// Notes when a fetch that worked began. Without the note, the age is not known; nothing else.
    fn note(&self, what: &str, began: Duration) {
        // Rounded down: who asked in the same millisecond may have asked after the fetch began.
        let text = format!("{}\n", began.as_millis());
        let _ = write_atomic(&self.folder.join(what), text.as_bytes(), false);
    }
}

/// Whether the mirror in a folder was fetched within a time, or whether that was tried in vain: then it is as fresh as can be.
pub fn is_fresh(folder: &Path, within: Duration) -> bool {
    is_recent(folder, FETCHED, within) || was_tried(folder, within)
}

/// Whether fetching was tried in vain within a time.
pub fn was_tried(folder: &Path, within: Duration) -> bool {
    is_recent(folder, TRIED, within)
}

fn is_recent(folder: &Path, what: &str, within: Duration) -> bool {
    // A time in the future is a clock that was set, and says nothing.
    let age = noted(folder, what).and_then(|began| clock::now().checked_sub(began));
    age.is_some_and(|age| age < within)
}

/// A time that was noted beside a mirror.
fn noted(folder: &Path, what: &str) -> Option<Duration> {
    file_stamp::read_short(&folder.join(what))?.parse().ok().map(Duration::from_millis)
}

/// Makes an empty bare repository, in the oldest format and with nothing of the user's templates in it.
#[expect(clippy::disallowed_methods, reason = "a folder of the cache that nobody else knows yet")]
fn make_bare(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder.join("objects"))?;
    fs::create_dir_all(folder.join("refs").join("heads"))?;
    // A commit that a lock demands is kept, though a branch was rewritten.
    let config =
        "[core]\n\trepositoryformatversion = 0\n\tbare = true\n[gc]\n\tpruneExpire = never\n";
    fs::write(folder.join("config"), config)?;
    fs::write(folder.join("HEAD"), format!("ref: {}\n", fetch::REMOTE_HEAD))
}

/// Removes a folder with all that it holds, or whatever lies in its place.
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
