//! What decides which commit a name stands for: the files to look at for whether it still does.

use std::io;
use std::path::{Path, PathBuf};

use super::git_dirs::{Place, discover};
use super::reference::{MAX_HOPS, is_of_one_work_tree, is_safe, object_id, packed};

/// A name in a repository, and what it depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// The object that it stands for. An annotated tag is not peeled.
    pub id: String,
    /// Short files that were read, or that are not there.
    pub texts: Vec<PathBuf>,
    /// The repository itself: another one may take its place.
    pub repository: Vec<PathBuf>,
    /// Files and folders in which something may appear that counts.
    pub things: Vec<PathBuf>,
}

impl Followed {
    /// Follows a name as git does: a branch, a tag, a remote branch, `HEAD`, or a whole id. `None` for what cannot be followed so
    /// simply.
    pub fn new(start: &Path, name: &str) -> io::Result<Option<Self>> {
        let Ok(Some(place)) = discover(start) else { return Ok(None) };
        let bare = place.work_tree.is_none();
        if !place.prefix.as_os_str().is_empty() || (bare && place.git_dir != start) {
            return Ok(None);
        }
        let mut followed = Self::default();
        if !bare {
            followed.repository.push(start.join(".git"));
        }
        if place.git_dir != place.common_dir {
            followed.texts.push(place.git_dir.join("commondir"));
        }
        if object_id(name).is_some() {
            name.clone_into(&mut followed.id);
            return Ok(Some(followed));
        }
        followed.things.push(place.common_dir.join("packed-refs"));
        if place.common_dir.join("reftable").is_dir() {
            return Ok(None);
        }
        for candidate in candidates(name) {
            if let Some(id) = followed.resolve(&place, candidate)? {
                followed.id = id;
                return Ok(Some(followed));
            }
        }
        Ok(None)
    }

    /// The object that a reference of this full name stands for; `None` if there is none.
    fn resolve(&mut self, place: &Place, mut name: String) -> io::Result<Option<String>> {
        for _ in 0..=MAX_HOPS {
            if !is_safe(&name) {
                return Ok(None);
            }
            let own = is_of_one_work_tree(&name);
            let file = if own { &place.git_dir } else { &place.common_dir }.join(&name);
            let text = crate::edge::fingerprint::short_text(&file);
            self.texts.push(file);
            let Some(text) = text else { return packed(place, &name) };
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
