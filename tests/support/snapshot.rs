//! Folders as values, for comparing them whole.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::SystemTime;

/// One file of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) bytes: Vec<u8>,
    pub(crate) executable: bool,
    /// When it was written, and its inode: the same only if nobody touched the file.
    pub(crate) touched: (SystemTime, u64),
}

/// Every file below a folder, by path; `.git` is left out.
pub(crate) fn tree(root: &Path) -> BTreeMap<String, Entry> {
    let mut files = BTreeMap::new();
    collect(root, "", &mut files);
    files
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Entry>) {
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == ".git" {
            continue;
        }
        let path = format!("{prefix}{name}");
        let kind = entry.file_type().expect("a type");
        if kind.is_dir() {
            collect(&entry.path(), &format!("{path}/"), files);
        } else if kind.is_file() {
            let metadata = entry.metadata().expect("metadata");
            files.insert(
                path,
                Entry {
                    bytes: std::fs::read(entry.path()).expect("the file"),
                    executable: metadata.permissions().mode() & 0o100 != 0,
                    touched: (metadata.modified().expect("a time"), metadata.ino()),
                },
            );
        }
    }
}
