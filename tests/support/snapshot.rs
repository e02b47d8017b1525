//! Folders as values, for comparing them whole.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// One file of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) bytes: Vec<u8>,
    pub(crate) executable: bool,
    /// When it was written, and its inode: the same only if nobody touched the file.
    pub(crate) touched: (SystemTime, u64),
}

/// Returns every regular file below a folder, by path from the folder; leaves out `.git`.
pub(crate) fn tree(root: &Path) -> BTreeMap<String, Entry> {
    let mut files = BTreeMap::new();
    for full in files_below(root) {
        let path = full.strip_prefix(root).expect("below the folder").to_string_lossy();
        let metadata = std::fs::symlink_metadata(&full).expect("metadata");
        if !metadata.is_file() || path.split('/').any(|part| part == ".git") {
            continue;
        }
        let entry = Entry {
            bytes: std::fs::read(&full).expect("the file"),
            executable: metadata.permissions().mode() & 0o100 != 0,
            touched: (metadata.modified().expect("a time"), metadata.ino()),
        };
        files.insert(path.into_owned(), entry);
    }
    files
}

/// Returns everything below a folder that is not a folder, sorted. Follows no symbolic links.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder") {
            let entry = entry.expect("an entry");
            let is_folder = entry.file_type().expect("a type").is_dir();
            if is_folder { folders.push(entry.path()) } else { found.push(entry.path()) }
        }
    }
    found.sort();
    found
}
