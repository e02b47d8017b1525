//! Errors of reading a config repository.

use std::io;

use super::{Entry, EntryKind, MAX_FILE_BYTES};
use crate::edge::git::DiscoverError;

/// Why a config repository, or a file of it, cannot be read. Messages say what to do next, when that is known.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The folder does not exist.
    #[error("there is no folder `{repository}`; check the path of the config repository")]
    NoFolder {
        /// The path as the user gave it.
        repository: String,
    },
    /// The path is not a folder.
    #[error("`{repository}` is not a folder; name the folder that holds the config repository")]
    NotAFolder {
        /// The path as the user gave it.
        repository: String,
    },
    /// The folder is not in a git repository.
    #[error(
        "`{repository}` is not in a git repository; run `git init` there, or read the folder without a revision"
    )]
    NotARepository {
        /// The path as the user gave it.
        repository: String,
    },
    /// The git repository cannot be found.
    #[error(transparent)]
    Discover(#[from] DiscoverError),
    /// The git repository cannot be opened.
    #[error("cannot open the git repository of `{repository}`: {message}")]
    Open {
        /// The path as the user gave it.
        repository: String,
        /// What went wrong.
        message: String,
    },
    /// The repository has the reftable format, which is not supported.
    #[error(
        "the git repository of `{repository}` keeps its references in the reftable format, which cannot be read here; convert it with `git refs migrate --ref-format=files`"
    )]
    Reftable {
        /// The path as the user gave it.
        repository: String,
    },
    /// The repository has no commits.
    #[error(
        "`{repository}` has no commits yet; commit first, or read the folder without a revision"
    )]
    NoCommits {
        /// The path as the user gave it.
        repository: String,
    },
    /// There is no such revision.
    #[error("`{repository}` has no branch, tag or commit `{rev}`; {}", did_you_mean(near.as_deref()))]
    UnknownRevision {
        /// The path as the user gave it.
        repository: String,
        /// The revision as the user gave it.
        rev: String,
        /// A name that is spelled alike, if there is one.
        near: Option<String>,
    },
    /// The revision may be missing because the clone is shallow.
    #[error(
        "`{rev}` is not in `{repository}`, which is a shallow clone; run `git fetch --unshallow` there (in GitHub Actions, check out with `fetch-depth: 0`)"
    )]
    Shallow {
        /// The path as the user gave it.
        repository: String,
        /// The revision as the user gave it.
        rev: String,
    },
    /// Several objects begin with the short id.
    #[error(
        "several objects of `{repository}` begin with `{rev}`; give more digits of the commit id"
    )]
    Ambiguous {
        /// The path as the user gave it.
        repository: String,
        /// The revision as the user gave it.
        rev: String,
    },
    /// The revision names something else than a commit.
    #[error("`{rev}` is {what}, not a commit; name a branch, a tag or a commit")]
    NotACommit {
        /// The revision as the user gave it.
        rev: String,
        /// What it is.
        what: &'static str,
    },
    /// The commit has no such folder.
    #[error("commit {commit} has no folder `{folder}`; name a revision that has it")]
    NoSubfolder {
        /// The start of the id.
        commit: String,
        /// The folder in the repository.
        folder: String,
    },
    /// The path of the folder in the repository is not UTF-8.
    #[error("the path of `{repository}` in its git repository is not UTF-8; rename the folder")]
    SubfolderNotUtf8 {
        /// The path as the user gave it.
        repository: String,
    },
    /// An object is missing in a partial clone.
    #[error(
        "`{repository}` is a partial clone and git has not downloaded object {id} yet; run `git fetch --refetch --no-filter` there"
    )]
    NotDownloaded {
        /// The path as the user gave it.
        repository: String,
        /// The id of the object.
        id: String,
    },
    /// An object is missing.
    #[error("object {id} is missing from `{repository}`; run `git fsck` there, or clone it again")]
    MissingObject {
        /// The path as the user gave it.
        repository: String,
        /// The id of the object.
        id: String,
    },
    /// An object cannot be read.
    #[error(
        "object {id} of `{repository}` cannot be read: {message}; run `git fsck` there, or clone it again"
    )]
    Damaged {
        /// The path as the user gave it.
        repository: String,
        /// The id of the object.
        id: String,
        /// What went wrong.
        message: String,
    },
    /// A bare repository has no index.
    #[error(
        "`{repository}` is a bare repository, where nothing can be staged; name a revision instead"
    )]
    Bare {
        /// The path as the user gave it.
        repository: String,
    },
    /// The index cannot be read.
    #[error("cannot read what is staged in `{repository}`: {message}")]
    Index {
        /// The path as the user gave it.
        repository: String,
        /// What went wrong.
        message: String,
    },
    /// The index has merge conflicts.
    #[error(
        "`{repository}` has merge conflicts ({}); resolve them and stage the result with `git add`",
        shorten(paths)
    )]
    Conflicted {
        /// The path as the user gave it.
        repository: String,
        /// Paths inside the repository.
        paths: Vec<String>,
    },
    /// The file is larger than [`MAX_FILE_BYTES`].
    #[error("`{path}` is larger than {} MiB, too large for a configuration file; remove it from the config repository", MAX_FILE_BYTES >> 20)]
    TooLarge {
        /// A path inside the repository.
        path: String,
    },
    /// The path is a symbolic link.
    #[error(
        "`{path}` is a symlink to `{target}`, and symlinks are not followed; put the file itself there"
    )]
    Symlink {
        /// A path inside the repository.
        path: String,
        /// Where the link leads to.
        target: String,
    },
    /// The path is a folder.
    #[error("`{path}` is a folder, not a file")]
    IsAFolder {
        /// A path inside the repository.
        path: String,
    },
    /// The path is a submodule, a socket, a pipe, or has a name that is not UTF-8.
    #[error("`{path}` is neither a file nor a folder")]
    NotAFile {
        /// A path inside the repository.
        path: String,
    },
    /// The path leads out of the repository.
    #[error("`{path}` is not a path inside the config repository")]
    Escapes {
        /// A path inside the repository.
        path: String,
    },
    /// The file system failed.
    #[error("cannot read `{path}`: {source}")]
    Io {
        /// A path inside the repository.
        path: String,
        /// What the system reported.
        source: io::Error,
    },
}

impl SourceError {
    /// Returns true when the request is wrong, for example a path or a revision, and not the machine.
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::NoFolder { .. }
                | Self::NotAFolder { .. }
                | Self::NotARepository { .. }
                | Self::NoCommits { .. }
                | Self::UnknownRevision { .. }
                | Self::Ambiguous { .. }
                | Self::NotACommit { .. }
                | Self::NoSubfolder { .. }
                | Self::Bare { .. }
                | Self::Conflicted { .. }
        )
    }

    /// Returns true when the repository itself is damaged.
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::NoFolder { .. }
                | Self::NotARepository { .. }
                | Self::Discover(_)
                | Self::Open { .. }
                | Self::NotDownloaded { .. }
                | Self::MissingObject { .. }
                | Self::Damaged { .. }
        )
    }

    /// Returns the error for reading an entry that is not a file.
    pub(super) fn not_a_file(entry: Entry) -> Self {
        let path = entry.path;
        match entry.kind {
            EntryKind::Symlink { target } => Self::Symlink { path, target },
            EntryKind::Folder => Self::IsAFolder { path },
            EntryKind::File { .. } | EntryKind::Other | EntryKind::NotUtf8Name => {
                Self::NotAFile { path }
            }
        }
    }
}

/// Returns what to do about an unknown revision.
fn did_you_mean(near: Option<&str>) -> String {
    match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "run `git fetch` there if it is new".to_owned(),
    }
}

/// Joins the first few paths.
fn shorten(paths: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<String> = paths.iter().take(SHOWN).map(|path| format!("`{path}`")).collect();
    let shown = shown.join(", ");
    match paths.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
