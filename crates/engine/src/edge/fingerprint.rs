//! The stamp of a workspace on the disk: where it lies, and whether what it says still holds.
//!
//! Where everything holds, this is all that a hook does: a few reads and a look at each path, in one thread, without a git
//! library.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::env::Env;
use super::{git, mirror};
use claude_env_core::fingerprint::{Dependency, FileStamp, Fingerprint, Stat, Timestamp};

const FILE: &str = "stamp";
/// A request for another run, left by one that found the workspace busy.
const RERUN: &str = "again";
/// The revision of the configuration that a rollback took back.
const HELD: &str = "rolled-back";
/// What is read at most of a short file.
const MAX_SHORT: u64 = 4096;

/// The folder for what is kept beside a workspace: in the git directory of its work tree, else in the user's own state.
/// `None` where there is no place for it.
pub fn folder(root: &Path, env: &Env) -> Option<PathBuf> {
    // The quick way for the usual case; git's own rules decide wherever there is any doubt.
    if fs::symlink_metadata(root.join(".git")).is_ok_and(|found| found.is_dir()) {
        return Some(default_folder(root));
    }
    match git::discover(root).ok()? {
        Some(place) if place.prefix.as_os_str().is_empty() => {
            Some(place.git_dir.join("claude-env"))
        }
        Some(place) => {
            let prefix = place.prefix.to_str()?;
            Some(place.git_dir.join("claude-env").join(short_hash(prefix)))
        }
        None => {
            let root = fs::canonicalize(root).ok()?;
            Some(env.state_folder()?.join("workspaces").join(short_hash(root.to_str()?)))
        }
    }
}

/// The folder of a workspace that is the root of an ordinary repository.
pub fn default_folder(root: &Path) -> PathBuf {
    root.join(".git").join("claude-env")
}

/// A name for a path that is short and never twice the same.
pub fn short_hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(10).map(|byte| format!("{byte:02x}")).collect()
}

/// The text of the stamp in a folder.
pub fn read(folder: &Path) -> Option<String> {
    read_text(&folder.join(FILE), u64::MAX)
}

/// Writes a stamp of a run that began at a moment, unless it is there. Without one, the next hook takes longer; nothing else.
pub fn write(folder: &Path, text: &str, began: Timestamp) -> io::Result<()> {
    if read(folder).as_deref() == Some(text) {
        return Ok(());
    }
    write_file(folder, FILE, text)?;
    let place = folder.join(FILE);
    match file_stamp(&place, false, false) {
        // Written now, and old by the file system's clock: a clock of another machine, by which nothing can be told.
        Some(seen) if seen.is_older_than(began) => fs::remove_file(&place),
        _ => Ok(()),
    }
}

/// Writes a file of a folder that is made if need be. Half a stamp is none, so nothing is renamed for it.
#[expect(clippy::disallowed_methods, reason = "a folder of ours, outside of any workspace")]
fn write_file(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    let place = folder.join(name);
    let mut file = match File::create(&place) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            fs::create_dir_all(folder)?;
            File::create(&place)?
        }
        made => made?,
    };
    file.write_all(text.as_bytes())
}

/// Notes which revision of the configuration a person took back.
pub fn hold_revision(folder: &Path, revision: &str) -> io::Result<()> {
    write_file(folder, HELD, &format!("{revision}\n"))
}

/// The revision that was taken back.
pub fn held_revision(folder: &Path) -> Option<String> {
    read_short(&folder.join(HELD)).filter(|revision| !revision.is_empty())
}

/// Forgets that a revision was taken back.
pub fn clear_held_revision(folder: &Path) {
    let _ = fs::remove_file(folder.join(HELD));
}

/// Leaves a request for another run, for whoever runs now.
pub fn request_rerun(folder: &Path) {
    if let Err(error) = write_file(folder, RERUN, "") {
        tracing::info!("no request for another run in `{}`: {error}", folder.display());
    }
}

/// Takes such a request away; whether there was one.
pub fn take_rerun_request(folder: &Path) -> bool {
    fs::remove_file(folder.join(RERUN)).is_ok()
}

/// Whether all that a stamp says of a workspace holds. `freshness` is how old a mirror may be.
pub fn holds(stamp: &Fingerprint<'_>, root: &Path, env: &Env, freshness: Duration) -> bool {
    let inputs = CurrentInputs::new(root, env, freshness);
    let holds = stamp.dependencies().all(|claim| inputs.holds(claim));
    if holds {
        tracing::debug!("nothing has changed since the last sync");
    }
    holds
}

/// What a stamp is about, as it is now.
pub struct CurrentInputs<'a> {
    root: &'a Path,
    freshness: Duration,
    values: [(&'static str, Option<String>); 3],
}

impl<'a> CurrentInputs<'a> {
    /// A workspace, and what it depends on. `freshness` is how old a mirror may be.
    pub fn new(root: &'a Path, env: &Env, freshness: Duration) -> Self {
        Self { root, freshness, values: values(env) }
    }

    /// Whether a claim holds. One that was not understood does not.
    pub fn holds(&self, claim: Option<Dependency<'_>>) -> bool {
        let root = self.root;
        let has = match claim {
            None => false,
            Some(Dependency::Value(key, value)) => {
                let mut known = self.values.iter();
                known.any(|known| (known.0, known.1.as_deref()) == (key, Some(value)))
            }
            Some(Dependency::Fresh(folder)) => mirror::is_fresh(Path::new(folder), self.freshness),
            Some(Dependency::Path { path, follow, seen }) => metadata_of(&root.join(path), follow)
                .is_some_and(|found| {
                    found.map_or(FileStamp::Missing, |found| in_kind_of(seen, &found)) == seen
                }),
            Some(Dependency::Text { path, text }) => {
                read_short(&root.join(path)).as_deref() == text
            }
        };
        if !has {
            tracing::debug!("not as it was stamped: {claim:?}");
        }
        has
    }
}

/// What beside files has to be the same: the program, and where it looks for the user's layer and for mirrors.
pub fn values(env: &Env) -> [(&'static str, Option<String>); 3] {
    let text = |path: Option<PathBuf>| {
        path.map_or(Some(String::new()), |path| path.to_str().map(str::to_owned))
    };
    [("program", program()), ("user", text(env.user_layer())), ("mirrors", text(env.mirrors()))]
}

/// This very program: two builds of one version may differ.
fn program() -> Option<String> {
    let place = if cfg!(target_os = "linux") {
        PathBuf::from("/proc/self/exe")
    } else {
        std::env::current_exe().ok()?
    };
    let stat = stat(&fs::metadata(place).ok()?);
    Some(format!("{} {} {} {}", env!("CARGO_PKG_VERSION"), stat.size, stat.modified, stat.inode))
}

/// What is at a path now; with `identity`, of a folder only which one it is. `None` if that cannot be told.
pub fn file_stamp(path: &Path, follow: bool, identity: bool) -> Option<FileStamp> {
    Some(match metadata_of(path, follow)? {
        None => FileStamp::Missing,
        Some(found) if identity && found.is_dir() => FileStamp::Folder(stat(&found).inode),
        Some(found) => FileStamp::Full(stat(&found)),
    })
}

/// What was found, said in the way of what was seen earlier.
fn in_kind_of(earlier: FileStamp, found: &Metadata) -> FileStamp {
    match earlier {
        FileStamp::Folder(_) if found.is_dir() => FileStamp::Folder(stat(found).inode),
        _ => FileStamp::Full(stat(found)),
    }
}

/// What the system says of a path; `Some(None)` if nothing is there, `None` if that cannot be told.
fn metadata_of(path: &Path, follow: bool) -> Option<Option<Metadata>> {
    let found = if follow { fs::metadata(path) } else { fs::symlink_metadata(path) };
    match found {
        Ok(found) => Some(Some(found)),
        Err(error) if is_absent(&error) => Some(None),
        Err(_) => None,
    }
}

/// The text of a short file without white space around it; `None` if there is no such file.
pub fn read_short(path: &Path) -> Option<String> {
    let mut text = read_text(path, MAX_SHORT)?;
    let trimmed = text.trim();
    if trimmed.len() != text.len() {
        text = trimmed.to_owned();
    }
    Some(text)
}

/// The text of a file; `None` if there is none, or none that is text.
pub(super) fn read_text(path: &Path, limit: u64) -> Option<String> {
    // No question for the size: most files that are read here fit into the first read.
    let mut file = File::open(path).ok()?;
    let mut bytes = vec![0; 16 * 1024];
    let count = file.read(&mut bytes).ok()?;
    let full = count == bytes.len();
    bytes.truncate(count);
    if full {
        file.take(limit).read_to_end(&mut bytes).ok()?;
    }
    String::from_utf8(bytes).ok()
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

#[cfg(unix)]
pub(super) fn stat(found: &Metadata) -> Stat {
    use std::os::unix::fs::MetadataExt;
    Stat {
        mode: found.mode(),
        size: found.size(),
        modified: Timestamp { seconds: found.mtime(), nanos: found.mtime_nsec() },
        changed: Timestamp { seconds: found.ctime(), nanos: found.ctime_nsec() },
        inode: found.ino(),
    }
}

/// Where the system does not say when a file was changed, no stamp is ever relied on: the time lies in the future.
#[cfg(not(unix))]
pub(super) fn stat(found: &Metadata) -> Stat {
    let never = Timestamp { seconds: i64::MAX, nanos: 1 };
    Stat { mode: 0, size: found.len(), modified: never, changed: never, inode: 0 }
}
