//! The registry of workspaces that were synced on this machine: a small file for each, in the user's state.
//!
//! ```text
//! claude-env workspace 1
//! config IDENTITY OF THE CONFIG REPOSITORY
//! path FOLDER
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use super::file_stamp::{is_absent, read_text};
use super::fingerprint::short_hash;
use super::fs::{FsError, write_atomic};

const FIRST: &str = "claude-env workspace 1";
const FOLDER: &str = "registry";

/// A workspace that was synced on this machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Registered {
    /// The folder of the workspace.
    pub path: PathBuf,
    /// The identity of the config repository, independent of how the binding names it.
    pub config: String,
}

/// Registers a workspace in the user's state, unless it is registered already. Skips paths with line breaks.
///
/// Fails when the file cannot be written.
#[expect(clippy::disallowed_methods, reason = "a folder of ours, outside of any workspace")]
pub fn register(state: &Path, root: &Path, config: &str) -> Result<(), FsError> {
    let failed = |source| FsError::new("register", root, source);
    let root = fs::canonicalize(root).map_err(failed)?;
    let Some(path) = root.to_str().filter(|path| !path.contains('\n') && !config.contains('\n'))
    else {
        return Ok(());
    };
    let text = format!("{FIRST}\nconfig {config}\npath {path}\n");
    let folder = state.join(FOLDER);
    let file = folder.join(short_hash(path));
    if read_text(&file, u64::MAX).as_ref() == Some(&text) {
        return Ok(());
    }
    fs::create_dir_all(&folder)
        .map_err(|source| FsError::new("make the folder", &folder, source))?;
    write_atomic(&file, text.as_bytes(), false)
}

/// Returns all registered workspaces, sorted by path. Removes those that no longer have the file `binding`.
pub fn registered(state: &Path, binding: &str) -> Vec<Registered> {
    let Ok(entries) = fs::read_dir(state.join(FOLDER)) else { return Vec::new() };
    let mut all = Vec::new();
    for entry in entries.flatten() {
        // Incomplete, or written by a later version.
        let found = read_text(&entry.path(), u64::MAX).as_deref().and_then(parse);
        let Some(found) = found else { continue };
        match fs::symlink_metadata(found.path.join(binding)) {
            Err(error) if is_absent(&error) => forget(state, &entry.path()),
            _ => all.push(found),
        }
    }
    all.sort();
    all.dedup_by(|again, first| again.path == first.path);
    all
}

fn parse(text: &str) -> Option<Registered> {
    let rest = text.strip_prefix(FIRST)?.strip_prefix("\nconfig ")?;
    let (config, path) = rest.strip_suffix('\n')?.split_once("\npath ")?;
    Some(Registered { path: PathBuf::from(path), config: config.to_owned() })
}

/// Removes a workspace from the registry, and the state of one without git.
fn forget(state: &Path, file: &Path) {
    let _ = fs::remove_file(file);
    if let Some(name) = file.file_name() {
        let _ = fs::remove_dir_all(state.join("workspaces").join(name));
    }
}
