//! A config repository at a commit.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use gix::ObjectId;
use gix::bstr::BStr;
use gix::objs::tree::EntryKind as Mode;
use gix::objs::{CommitRefIter, Kind, TagRefIter};
use gix::revision::Spec;
use gix::revision::spec::parse::{Error as SpecError, ObjectKindHint, Options};

use super::objects::{Objects, TreeItem, message_of};
use super::{Entry, EntryKind, Lookup, SourceError, join, split};
use crate::edge::git::GitDirs;
use claude_env_core::diagnostic::nearest;

/// The tree of one commit.
#[derive(Debug)]
pub struct RevisionSource {
    /// The path that was opened.
    path: PathBuf,
    objects: Objects,
    rev: String,
    commit: String,
    /// The tree of the config repository's root.
    root: ObjectId,
    /// A cache of trees, by folder.
    trees: Mutex<HashMap<String, Arc<Tree>>>,
}

/// A tree, sorted by name; at equal names, one that is not UTF-8 comes last.
#[derive(Debug)]
struct Tree(Vec<TreeEntry>);

#[derive(Debug)]
struct TreeEntry {
    name: String,
    kind: EntryKind,
    id: ObjectId,
}

impl RevisionSource {
    /// Opens a repository at a revision. Fails when there is no such revision.
    pub(super) fn open(path: &Path, rev: &str) -> Result<Self, SourceError> {
        Self::open_as(path, rev, path.display().to_string())
    }

    /// Opens a repository at a revision; `name` is its name in messages. Fails when there is no such revision.
    pub(super) fn open_as(path: &Path, rev: &str, name: String) -> Result<Self, SourceError> {
        let (objects, dirs) = Objects::open_as(path, name)?;
        let named = objects.with(|handle, _| {
            resolve(handle, rev)
                .map_err(|error| explain(handle, error.as_ref(), rev, &objects, &dirs))
        })?;
        let commit = peel(&objects, named, rev)?;
        let mut root = objects.object(commit, |_, data| {
            let tree = CommitRefIter::from_bytes(data, commit.kind()).tree_id();
            tree.map_err(|error| objects.damaged(commit, &error))
        })?;
        let prefix = prefix_of(&dirs, objects.repository())?;
        for name in prefix.split('/').filter(|name| !name.is_empty()) {
            let items = objects.tree(root)?;
            let found = items.iter().find(|item| item.name.as_deref() == Some(name));
            match found.filter(|item| item.mode == Mode::Tree) {
                Some(item) => root = item.id,
                None => {
                    let commit = commit.to_hex_with_len(12).to_string();
                    return Err(SourceError::NoSubfolder { commit, folder: prefix });
                }
            }
        }
        Ok(Self {
            path: path.to_owned(),
            objects,
            rev: rev.to_owned(),
            commit: commit.to_string(),
            root,
            trees: Mutex::default(),
        })
    }

    /// Opens the same repository at another revision. Fails when there is no such revision.
    pub(super) fn at(&self, rev: &str) -> Result<Self, SourceError> {
        Self::open_as(&self.path, rev, self.objects.repository().to_owned())
    }

    /// Returns the id of the commit.
    pub(super) fn commit(&self) -> &str {
        &self.commit
    }

    /// Returns the directory with the branches, and the one with `HEAD` if it is another.
    pub(super) fn git_dirs(&self) -> Vec<PathBuf> {
        self.objects.with(|handle, _| {
            let mut folders =
                vec![handle.common_dir().to_path_buf(), handle.git_dir().to_path_buf()];
            folders.dedup();
            folders
        })
    }

    /// Returns how many commits this one is ahead of an older one; `None` when a commit is missing.
    pub(super) fn ahead_of(&self, older: &str) -> Option<usize> {
        let id = |hex: &str| ObjectId::from_hex(hex.as_bytes()).ok();
        let (newer, older) = (id(&self.commit)?, id(older)?);
        self.objects.with(|handle, _| {
            let walk = handle.rev_walk([newer]).with_hidden([older]).all().ok()?;
            walk.map(|step| step.ok().map(|_| 1)).sum()
        })
    }

    /// Returns the name of the source for messages.
    pub(super) fn display(&self) -> String {
        format!("{} at {}", self.objects.repository(), self.rev)
    }

    /// Returns the objects of the repository.
    pub(super) fn objects(&self) -> &Objects {
        &self.objects
    }

    /// Returns what is at a path. Follows no symbolic links.
    pub(super) fn find(&self, path: &str) -> Result<Lookup, SourceError> {
        if path.is_empty() {
            return Ok(Lookup::Folder);
        }
        let (folder, name) = split(path);
        let tree = match self.known(folder) {
            Some(tree) => tree,
            None => match self.find(folder)? {
                Lookup::Folder => self.tree(folder)?,
                Lookup::Missing => return Ok(Lookup::Missing),
                Lookup::Leaf(entry, _) => return Ok(ancestor_lookup(entry)),
            },
        };
        Ok(match tree.child(name) {
            None => Lookup::Missing,
            Some(child) if child.kind == EntryKind::Folder => Lookup::Folder,
            Some(child) => {
                let entry = Entry { path: path.to_owned(), kind: child.kind.clone() };
                Lookup::Leaf(entry, Some(child.id))
            }
        })
    }

    /// Returns the entries of a folder, unsorted.
    pub(super) fn children(&self, folder: &str) -> Result<Vec<Entry>, SourceError> {
        let entry =
            |child: &TreeEntry| Entry { path: join(folder, &child.name), kind: child.kind.clone() };
        Ok(self.tree(folder)?.0.iter().map(entry).collect())
    }

    /// Returns the tree of an existing folder.
    fn tree(&self, folder: &str) -> Result<Arc<Tree>, SourceError> {
        if let Some(tree) = self.known(folder) {
            return Ok(tree);
        }
        let id = if folder.is_empty() {
            self.root
        } else {
            let (parent, name) = split(folder);
            match self.tree(parent)?.child(name) {
                Some(child) if child.kind == EntryKind::Folder => child.id,
                _ => return Ok(Arc::new(Tree(Vec::new()))),
            }
        };
        let tree = Arc::new(Tree::new(self.objects.tree(id)?, &self.objects)?);
        let mut trees = self.trees.lock().unwrap_or_else(PoisonError::into_inner);
        trees.insert(folder.to_owned(), Arc::clone(&tree));
        Ok(tree)
    }

    fn known(&self, folder: &str) -> Option<Arc<Tree>> {
        self.trees.lock().unwrap_or_else(PoisonError::into_inner).get(folder).map(Arc::clone)
    }
}

impl Tree {
    fn new(items: Vec<TreeItem>, objects: &Objects) -> Result<Self, SourceError> {
        let mut children = items
            .into_iter()
            .map(|item| {
                let kind = match &item.name {
                    Some(_) => kind_of(item.mode, item.id, objects)?,
                    None => EntryKind::NotUtf8Name,
                };
                Ok(TreeEntry { name: item.shown, kind, id: item.id })
            })
            .collect::<Result<Vec<_>, SourceError>>()?;
        children.sort_by(|a, b| {
            let not_utf8 = |child: &TreeEntry| child.kind == EntryKind::NotUtf8Name;
            a.name.cmp(&b.name).then_with(|| not_utf8(a).cmp(&not_utf8(b)))
        });
        Ok(Self(children))
    }

    fn child(&self, name: &str) -> Option<&TreeEntry> {
        let at = self.0.partition_point(|child| child.name.as_str() < name);
        self.0.get(at).filter(|child| child.name == name && child.kind != EntryKind::NotUtf8Name)
    }
}

/// Returns what an entry of a tree or an index is. Fails when the target of a symbolic link cannot be read.
pub(super) fn kind_of(
    mode: Mode,
    id: ObjectId,
    objects: &Objects,
) -> Result<EntryKind, SourceError> {
    Ok(match mode {
        Mode::Tree => EntryKind::Folder,
        Mode::Blob => EntryKind::File { executable: false },
        Mode::BlobExecutable => EntryKind::File { executable: true },
        Mode::Link => EntryKind::Symlink { target: objects.symlink(id)? },
        Mode::Commit => EntryKind::Other,
    })
}

/// Returns the lookup of a path below something that is not a folder.
pub(super) fn ancestor_lookup(entry: Entry) -> Lookup {
    match entry.kind {
        EntryKind::Symlink { .. } | EntryKind::Other => Lookup::Leaf(entry, None),
        EntryKind::File { .. } | EntryKind::Folder | EntryKind::NotUtf8Name => Lookup::Missing,
    }
}

/// Returns the folder of the config repository in its work tree, with forward slashes; empty for the root.
///
/// Fails when it is not UTF-8.
pub(super) fn prefix_of(dirs: &GitDirs, repository: &str) -> Result<String, SourceError> {
    let parts = dirs.prefix.iter().map(|part| part.to_str());
    let parts = parts.collect::<Option<Vec<_>>>();
    let parts =
        parts.ok_or_else(|| SourceError::SubfolderNotUtf8 { repository: repository.to_owned() })?;
    Ok(parts.join("/"))
}

/// Returns the id of the object that a revision names. Fails with `None` for a range.
fn resolve(handle: &gix::Repository, rev: &str) -> Result<ObjectId, Option<gix::Error>> {
    // As in git commands that take a commit: when several objects match a short id, take the commit.
    let options =
        Options { object_kind_hint: Some(ObjectKindHint::Committish), ..Options::default() };
    let spec = Spec::from_bstr(BStr::new(rev), handle, options).map_err(Some)?;
    spec.single().map(gix::Id::detach).ok_or(None)
}

/// Converts an error of gix about a revision to one that says what to do.
fn explain(
    handle: &gix::Repository,
    error: Option<&gix::Error>,
    rev: &str,
    objects: &Objects,
    dirs: &GitDirs,
) -> SourceError {
    let repository = objects.repository().to_owned();
    let owned_rev = rev.to_owned();
    let Some(error) = error else {
        return SourceError::NotACommit { rev: owned_rev, what: "a range" };
    };
    let ambiguous = |error: &SpecError| {
        matches!(error, SpecError::AmbiguousPrefix { .. } | SpecError::AmbiguousRefAndObject { .. })
    };
    if error.downcast_any_ref::<SpecError>().is_some_and(ambiguous) {
        return SourceError::Ambiguous { repository, rev: owned_rev };
    }
    if dirs.common_dir.join("reftable").is_dir() {
        return SourceError::Reftable { repository };
    }
    if error.is_permission_denied() || error.is_corrupted() {
        return SourceError::Open { repository, message: message_of(error) };
    }
    let names = reference_names(handle);
    let of_head = rev.starts_with("HEAD") || rev.starts_with('@');
    if handle.head().is_ok_and(|head| head.is_unborn()) && (of_head || names.is_empty()) {
        return SourceError::NoCommits { repository };
    }
    let near = nearest(rev, names.iter().map(String::as_str)).filter(|near| *near != rev);
    if near.is_none() && handle.is_shallow().unwrap_or(false) {
        return SourceError::Shallow { repository, rev: owned_rev };
    }
    SourceError::UnknownRevision { repository, rev: owned_rev, near: near.map(str::to_owned) }
}

/// Returns the short names of all branches and tags. Fails when the repository cannot be opened.
pub(super) fn names(path: &Path) -> Result<Vec<String>, SourceError> {
    let (objects, _) = Objects::open(path)?;
    Ok(objects.with(|handle, _| reference_names(handle)))
}

fn reference_names(handle: &gix::Repository) -> Vec<String> {
    let Ok(references) = handle.references() else { return Vec::new() };
    let Ok(all) = references.all() else { return Vec::new() };
    let own = |name: &gix::refs::FullNameRef| name.as_bstr().starts_with(b"refs/claude-env/");
    (all.flatten())
        .filter(|reference| !own(reference.name()))
        .map(|reference| reference.name().shorten().to_string())
        .collect()
}

/// Follows annotated tags to a commit. Fails when the object is something else.
fn peel(objects: &Objects, mut id: ObjectId, rev: &str) -> Result<ObjectId, SourceError> {
    loop {
        let next = objects.object(id, |kind, data| {
            let what = match kind {
                Kind::Commit => return Ok(None),
                Kind::Tag => {
                    let target = TagRefIter::from_bytes(data, id.kind()).target_id();
                    return target.map(Some).map_err(|error| objects.damaged(id, &error));
                }
                Kind::Tree => "a tree",
                Kind::Blob => "a file",
            };
            Err(SourceError::NotACommit { rev: rev.to_owned(), what })
        })?;
        match next {
            None => return Ok(id),
            Some(target) => id = target,
        }
    }
}
