//! Resolves a revision name, and records the files that decide the result.

use std::io;
use std::path::{Path, PathBuf};

use super::git_dirs::{GitDirs, discover};
use super::reference::{MAX_HOPS, is_of_one_work_tree, is_safe, object_id, packed};

/// A resolved revision name, with the files that it depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResolvedRef {
    /// The id of the object; for an annotated tag, that of the tag object.
    pub id: String,
    /// Short files that were read, or that do not exist.
    pub texts: Vec<PathBuf>,
    /// The git directory: another repository may replace it.
    pub repository_paths: Vec<PathBuf>,
    /// Files and folders whose change may change the result.
    pub paths: Vec<PathBuf>,
}

impl ResolvedRef {
    /// Resolves a name as git does: a branch, a tag, a remote branch, `HEAD`, or a full id.
    ///
    /// `None` for other names, and for repositories in the reftable format. Fails when a file cannot be read.
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

    /// Returns the id that a reference with this full name points at; `None` when there is none.
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

/// Returns the full names that a short name may mean, in git's order; none for an expression such as `HEAD~1`.
fn candidates(name: &str) -> Vec<String> {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b));
    if !plain || name.contains("..") || name.starts_with('-') {
        return Vec::new();
    }
    if name == "HEAD" || name.starts_with("refs/") {
        return vec![name.to_owned()];
    }
    // Names such as `FETCH_HEAD` and `worktrees/…` have their own rules in git.
    if name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') || name.contains("worktree") {
        return Vec::new();
    }
    ["refs/", "refs/tags/", "refs/heads/", "refs/remotes/"]
        .iter()
        .map(|start| format!("{start}{name}"))
        .collect()
}
