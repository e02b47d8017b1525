//! Why a config repository cannot be read.

use std::io;

use super::{Entry, EntryKind, MAX_FILE_BYTES};
use crate::edge::git::DiscoverError;

/// Why a config repository, or a file of it, cannot be read. Each message says what to do next, where that can be known.
///
/// `repository` is the path as the user gave it, `path` is one inside of the repository.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("there is no folder `{repository}`; check the path of the config repository")]
    NoFolder { repository: String },
    #[error("`{repository}` is not a folder; name the folder that holds the config repository")]
    NotAFolder { repository: String },
    #[error(
        "`{repository}` is not in a git repository; run `git init` there, or read the folder as it stands, without a revision"
    )]
    NotARepository { repository: String },
    #[error(transparent)]
    Discover(#[from] DiscoverError),
    #[error("cannot open the git repository of `{repository}`: {message}")]
    Open { repository: String, message: String },
    #[error(
        "the git repository of `{repository}` keeps its references in the reftable format, which cannot be read here; convert it with `git refs migrate --ref-format=files`"
    )]
    Reftable { repository: String },
    #[error(
        "`{repository}` has no commits yet; commit first, or read the folder as it stands, without a revision"
    )]
    NoCommits { repository: String },
    #[error("`{repository}` has no branch, tag or commit `{rev}`; {}", did_you_mean(near.as_deref()))]
    UnknownRevision { repository: String, rev: String, near: Option<String> },
    #[error(
        "`{rev}` is not in `{repository}`, which is a shallow clone; run `git fetch --unshallow` there (in GitHub Actions, check out with `fetch-depth: 0`)"
    )]
    Shallow { repository: String, rev: String },
    #[error(
        "several objects of `{repository}` begin with `{rev}`; give more digits of the commit id"
    )]
    Ambiguous { repository: String, rev: String },
    #[error("`{rev}` is {what}, not a commit; name a branch, a tag or a commit")]
    NotACommit { rev: String, what: &'static str },
    #[error("commit {commit} has no folder `{folder}`; name a revision that has it")]
    NoSubfolder { commit: String, folder: String },
    #[error("the path of `{repository}` in its git repository is not UTF-8; rename the folder")]
    SubfolderNotUtf8 { repository: String },
    #[error(
        "`{repository}` is a partial clone and git has not downloaded object {id} yet; run `git fetch --refetch --no-filter` there"
    )]
    NotDownloaded { repository: String, id: String },
    #[error("object {id} is missing from `{repository}`; run `git fsck` there, or clone it again")]
    MissingObject { repository: String, id: String },
    #[error(
        "object {id} of `{repository}` cannot be read: {message}; run `git fsck` there, or clone it again"
    )]
    Damaged { repository: String, id: String, message: String },
    #[error(
        "`{repository}` is a bare repository, where nothing can be staged; name a revision instead"
    )]
    Bare { repository: String },
    #[error("cannot read what is staged in `{repository}`: {message}")]
    Index { repository: String, message: String },
    #[error(
        "`{repository}` has merge conflicts ({}); resolve them and stage the result with `git add`",
        shorten(paths)
    )]
    Conflicted { repository: String, paths: Vec<String> },
    #[error("`{path}` is larger than {} MiB, too much for a configuration file; take it out of the config repository", MAX_FILE_BYTES >> 20)]
    TooLarge { path: String },
    #[error(
        "`{path}` is a symlink to `{target}`, and symlinks are not followed; put the file itself there"
    )]
    Symlink { path: String, target: String },
    #[error("`{path}` is a folder, not a file")]
    IsAFolder { path: String },
    #[error("`{path}` is neither a file nor a folder")]
    NotAFile { path: String },
    #[error("`{path}` is not a path inside of the config repository")]
    Escapes { path: String },
    #[error("cannot read `{path}`: {source}")]
    Io { path: String, source: io::Error },
}

impl SourceError {
    /// Whether another command line would do, rather than another state of the machine.
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

    /// Whether the repository itself is broken.
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

    /// The error for reading something that is no file.
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

fn did_you_mean(near: Option<&str>) -> String {
    match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "run `git fetch` there if it is new".to_owned(),
    }
}

/// The first few of many paths.
fn shorten(paths: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<String> = paths.iter().take(SHOWN).map(|path| format!("`{path}`")).collect();
    let shown = shown.join(", ");
    match paths.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
