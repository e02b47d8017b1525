//! Reads the metadata and the text of single files, for fingerprints, mirrors and the registry.

use std::fs::{self, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use super::regular_file;
use claude_env_core::fingerprint::{FileStamp, Stat, Timestamp};

/// How many bytes of a short file are read at most, after the first 16 KiB.
const MAX_SHORT: u64 = 4096;

/// Returns the stamp of a path; `None` when the system does not tell, for example without permission.
///
/// `follow` looks at the target of a symbolic link. With `identity`, the stamp of a folder holds only its inode, so that
/// changes inside the folder do not matter.
pub fn file_stamp(path: &Path, follow: bool, identity: bool) -> Option<FileStamp> {
    Some(match metadata_of(path, follow)? {
        None => FileStamp::Missing,
        Some(found) if identity && found.is_dir() => FileStamp::Folder(stat(&found).inode),
        Some(found) => FileStamp::Full(stat(&found)),
    })
}

/// Returns true when a path still has this stamp.
pub(super) fn is_unchanged(path: &Path, follow: bool, earlier: FileStamp) -> bool {
    let identity = matches!(earlier, FileStamp::Folder(_));
    file_stamp(path, follow, identity) == Some(earlier)
}

/// Returns the metadata of a path: `Some(None)` when nothing is there, `None` when the system does not tell.
fn metadata_of(path: &Path, follow: bool) -> Option<Option<Metadata>> {
    let found = if follow { fs::metadata(path) } else { fs::symlink_metadata(path) };
    match found {
        Ok(found) => Some(Some(found)),
        Err(error) if is_absent(&error) => Some(None),
        Err(_) => None,
    }
}

/// Returns the text of a short file without white space around it; `None` when it cannot be read, or is not UTF-8.
pub fn read_short(path: &Path) -> Option<String> {
    let mut text = read_text(path, MAX_SHORT)?;
    let trimmed = text.trim();
    if trimmed.len() != text.len() {
        text = trimmed.to_owned();
    }
    Some(text)
}

/// Returns the text of a file; `None` when it cannot be read, or is not UTF-8. Reads at most 16 KiB and `limit` bytes.
pub(super) fn read_text(path: &Path, limit: u64) -> Option<String> {
    // Does not ask for the size: most files that are read here fit into the first read.
    let mut file = regular_file::open(path).ok()?;
    let mut bytes = vec![0; 16 * 1024];
    let count = file.read(&mut bytes).ok()?;
    let full = count == bytes.len();
    bytes.truncate(count);
    if full {
        file.take(limit).read_to_end(&mut bytes).ok()?;
    }
    String::from_utf8(bytes).ok()
}

/// Returns true for the errors of a path at which nothing is, or below something that is not a folder.
pub(super) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Converts metadata to the values that a fingerprint holds.
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

/// Converts metadata. The system does not say when a file was changed, so the time lies in the future: no fingerprint holds.
#[cfg(not(unix))]
pub(super) fn stat(found: &Metadata) -> Stat {
    let never = Timestamp { seconds: i64::MAX, nanos: 1 };
    Stat { mode: 0, size: found.len(), modified: never, changed: never, inode: 0 }
}
