//! What decides which commit a name stands for: the files to look at for whether it still does.

use std::io;
use std::path::{Path, PathBuf};

use super::git_dirs::{GitDirs, discover};
use super::reference::{MAX_HOPS, is_of_one_work_tree, is_safe, object_id, packed};

/// A name in a repository, and what it depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResolvedRef {
    /// The object that it stands for. An annotated tag is not peeled.
    pub id: String,
    /// Short files that were read, or that are not there.
    pub texts: Vec<PathBuf>,
    /// The repository itself: another one may take its dirs.
    pub repository_paths: Vec<PathBuf>,
    /// Files and folders in which something may appear that counts.
    pub paths: Vec<PathBuf>,
}

impl ResolvedRef {
    /// Follows a name as git does: a branch, a tag, a remote branch, `HEAD`, or a whole id. `None` for what cannot be followed so
    /// simply.
    pub fn new(start: &Path, name: &str) -> io::Result<Option<Self>> {
        let Ok(Some(dirs)) = discover(start) else { return Ok(None) };
        let bare = dirs.work_tree.is_none();
        if !dirs.prefix.as_os_str().is_empty() || (bare && dirs.git_dir != start) {
            return Ok(None);
        }
        let mut resolved = Self::default();
        if !bare {
            resolved.repository_paths.push(start.join(".git"));
        }
        if dirs.git_dir != dirs.common_dir {
            resolved.texts.push(dirs.git_dir.join("commondir"));
        }
        if object_id(name).is_some() {
            name.clone_into(&mut resolved.id);
            return Ok(Some(resolved));
        }
        resolved.paths.push(dirs.common_dir.join("packed-refs"));
        if dirs.common_dir.join("reftable").is_dir() {
            return Ok(None);
        }
        for candidate in candidates(name) {
            if let Some(id) = resolved.resolve(&dirs, candidate)? {
                resolved.id = id;
                return Ok(Some(resolved));
            }
        }
        Ok(None)
    }

    /// The object that a reference of this full name stands for; `None` if there is none.
    fn resolve(&mut self, dirs: &GitDirs, mut name: String) -> io::Result<Option<String>> {
        for _ in 0..=MAX_HOPS {
            if !is_safe(&name) {
                return Ok(None);
            }
            let own = is_of_one_work_tree(&name);
            let file = if own { &dirs.git_dir } else { &dirs.common_dir }.join(&name);
            let text = crate::edge::file_stamp::read_short(&file);
            self.texts.push(file);
            let Some(text) = text else { return packed(dirs, &name) };
            match text.strip_prefix("ref:") {
                Some(next) => next.trim().clone_into(&mut name),
                None => return Ok(object_id(&text).map(str::to_owned)),
            }
        }
        Ok(None)
    }
}

/// The full names that a short one may stand for, in git's order; none for a name that is more than that.
fn candidates(name: &str) -> Vec<String> {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b));
    if !plain || name.contains("..") || name.starts_with('-') {
        return Vec::new();
    }
    if name == "HEAD" || name.starts_with("refs/") {
        return vec![name.to_owned()];
    }
    // What git keeps beside its references has names like these, and rules of its own.
    if name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') || name.contains("worktree") {
        return Vec::new();
    }
    ["refs/", "refs/tags/", "refs/heads/", "refs/remotes/"]
        .iter()
        .map(|start| format!("{start}{name}"))
        .collect()
}
