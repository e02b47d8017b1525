//! The fingerprint of a workspace on the disk: where it is stored, and whether it still holds.
//!
//! When it holds, checking it is all that a hook does: a few reads and one `lstat` for each path, in one thread, without a git
//! library. The format is that of [`claude_env_core::fingerprint`].

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::env::Env;
use super::file_stamp::{file_stamp, is_unchanged, read_short, read_text, stat};
use super::fs::OwnFolder;
use super::{git, mirror};
use claude_env_core::fingerprint::{Dependency, Fingerprint, Timestamp};

/// The file of the fingerprint.
const FILE: &str = "stamp";
/// A file that asks the running sync to start again, left by a run that found the workspace busy.
const RERUN: &str = "again";
/// The file with the revision of the configuration that a rollback undid.
const HELD: &str = "rolled-back";

/// The file with the revision that hooks reported last, without writing it.
const REPORTED: &str = "reported";

/// Returns the folder for claude-env's own files about a workspace: in the git directory of its work tree, or in the user's
/// state without git.
///
/// `None` when there is neither, or when a path is not UTF-8.
pub fn folder(root: &Path, env: &Env) -> Option<PathBuf> {
    // The usual case, without a search for the git directory.
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

/// Returns that folder for a workspace that is the root of an ordinary repository.
pub fn default_folder(root: &Path) -> PathBuf {
    root.join(".git").join("claude-env")
}

/// Returns a short name for a path: the first 10 bytes of its SHA-256, in hexadecimal.
pub fn short_hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(10).map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the text of the fingerprint in a folder; `None` when there is none.
pub fn read(folder: &Path) -> Option<String> {
    read_text(&folder.join(FILE), super::regular_file::LARGE)
}

/// Writes the fingerprint of a run that began at this time, unless the file has that text already.
///
/// Removes it again when the clock of the file system is behind ours: then no change can be told by its time. Without a
/// fingerprint the next hook takes longer; nothing else is lost.
pub fn write(folder: &Path, text: &str, began: Timestamp) -> io::Result<()> {
    if read(folder).as_deref() == Some(text) {
        return Ok(());
    }
    write_file(folder, FILE, text)?;
    let place = folder.join(FILE);
    match file_stamp(&place, false, false) {
        // Written just now, and yet older than the run.
        Some(seen) if seen.is_older_than(began) => OwnFolder::at(folder).remove(FILE).map(drop),
        _ => Ok(()),
    }
}

/// Writes a file of ours about a workspace. Not atomic: half a fingerprint is not valid.
fn write_file(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    OwnFolder::at(folder).write(name, text.as_bytes())
}

/// Stores the revision of the configuration that a person rolled back, so that hooks do not apply it again.
pub fn hold_revision(folder: &Path, revision: &str) -> io::Result<()> {
    write_file(folder, HELD, &format!("{revision}\n"))
}

/// Returns the revision that was rolled back; `None` when there is none.
pub fn held_revision(folder: &Path) -> Option<String> {
    read_short(&folder.join(HELD)).filter(|revision| !revision.is_empty())
}

/// Removes the note about a revision that was rolled back.
pub fn clear_held_revision(folder: &Path) {
    let _ = OwnFolder::at(folder).remove(HELD);
}

/// Stores the revision that a hook reported to be ahead of the workspace.
pub fn note_reported_revision(folder: &Path, revision: &str) -> io::Result<()> {
    write_file(folder, REPORTED, &format!("{revision}\n"))
}

/// Returns the revision that a hook reported last; `None` when there is none.
pub fn reported_revision(folder: &Path) -> Option<String> {
    read_short(&folder.join(REPORTED)).filter(|revision| !revision.is_empty())
}

/// Asks the sync that is running now to start again when it is done.
pub fn request_rerun(folder: &Path) {
    if let Err(error) = write_file(folder, RERUN, "") {
        tracing::info!("no request for another run in `{}`: {error}", folder.display());
    }
}

/// Removes such a request, and returns whether there was one.
pub fn take_rerun_request(folder: &Path) -> bool {
    OwnFolder::at(folder).remove(RERUN).unwrap_or(false)
}

/// Returns true when all dependencies of a fingerprint are unchanged. `freshness` is how old a mirror may be.
pub fn holds(fingerprint: &Fingerprint<'_>, root: &Path, env: &Env, freshness: Duration) -> bool {
    let inputs = CurrentInputs::new(root, env, freshness);
    let holds = fingerprint.dependencies().all(|dependency| inputs.holds(dependency));
    if holds {
        tracing::debug!("nothing has changed since the last sync");
    }
    holds
}

/// The current state of what a fingerprint depends on.
pub struct CurrentInputs<'a> {
    root: &'a Path,
    freshness: Duration,
    values: [(&'static str, Option<String>); 3],
}

impl<'a> CurrentInputs<'a> {
    /// Creates the inputs of a workspace. `freshness` is how old a mirror may be.
    pub fn new(root: &'a Path, env: &Env, freshness: Duration) -> Self {
        Self { root, freshness, values: values(env) }
    }

    /// Returns true when a dependency is unchanged; false for one that was not understood (`None`).
    pub fn holds(&self, dependency: Option<Dependency<'_>>) -> bool {
        let root = self.root;
        let has = match dependency {
            None => false,
            Some(Dependency::Value(key, value)) => {
                let mut known = self.values.iter();
                known.any(|known| (known.0, known.1.as_deref()) == (key, Some(value)))
            }
            Some(Dependency::Fresh(folder)) => mirror::is_fresh(Path::new(folder), self.freshness),
            Some(Dependency::Path { path, follow, seen }) => {
                is_unchanged(&root.join(path), follow, seen)
            }
            Some(Dependency::Text { path, text }) => {
                read_short(&root.join(path)).as_deref() == text
            }
        };
        if !has {
            tracing::debug!("changed since the last sync: {dependency:?}");
        }
        has
    }
}

/// Returns the dependencies that are not files: the program, and the paths of the user layer and of the mirrors.
///
/// A value is `None` when it cannot be determined, or is not UTF-8.
pub fn values(env: &Env) -> [(&'static str, Option<String>); 3] {
    let text = |path: Option<PathBuf>| {
        path.map_or(Some(String::new()), |path| path.to_str().map(str::to_owned))
    };
    [("program", program()), ("user", text(env.user_layer())), ("mirrors", text(env.mirrors()))]
}

/// Identifies this build of the program, since two builds of one version may differ; `None` when its file cannot be read.
fn program() -> Option<String> {
    let place = if cfg!(target_os = "linux") {
        PathBuf::from("/proc/self/exe")
    } else {
        std::env::current_exe().ok()?
    };
    let stat = stat(&fs::metadata(place).ok()?);
    Some(format!("{} {} {} {}", env!("CARGO_PKG_VERSION"), stat.size, stat.modified, stat.inode))
}
