//! Reads and replaces the vendored folder of a pack as a whole.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The files of a folder by their path in it, with forward slashes.
pub type VendoredFiles = BTreeMap<String, Arc<[u8]>>;

/// Why a vendored folder cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum VendorError {
    /// The file system failed.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What failed, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system reported.
        source: std::io::Error,
    },
    /// A folder is expected, and something else is there.
    #[error("{} is a symbolic link, or not a folder", path.display())]
    NoFolder {
        /// The path.
        path: PathBuf,
    },
    /// A file is expected, and something else is there.
    #[error("{} is a symbolic link, or not a file", path.display())]
    NoFile {
        /// The path.
        path: PathBuf,
    },
    /// A file name is not UTF-8.
    #[error("{} has a name that is not UTF-8", path.display())]
    Name {
        /// The path.
        path: PathBuf,
    },
}

impl VendorError {
    fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }
}

/// Reads all files of a folder; `None` when it does not exist. Fails on symbolic links, and when a file cannot be read.
pub fn read(folder: &Path) -> Result<Option<VendoredFiles>, VendorError> {
    if !is_folder(folder)? {
        return Ok(None);
    }
    let mut files = VendoredFiles::new();
    read_into(folder, "", &mut files)?;
    Ok(Some(files))
}

/// Returns the names of the folders in a folder, sorted; none when it does not exist. Fails when it cannot be read.
pub fn folders(folder: &Path) -> Result<Vec<String>, VendorError> {
    if !is_folder(folder)? {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(VendorError::io("read", folder))? {
        let entry = entry.map_err(VendorError::io("read", folder))?;
        let kind = entry.file_type().map_err(VendorError::io("read", folder))?;
        if let (true, Ok(name)) = (kind.is_dir(), entry.file_name().into_string()) {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Returns whether there is a folder at a path. Fails when a symbolic link or a file is there.
fn is_folder(path: &Path) -> Result<bool, VendorError> {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(true),
        Ok(_) => Err(VendorError::NoFolder { path: path.to_owned() }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(VendorError::io("look at", path)(error)),
    }
}

fn read_into(folder: &Path, inside: &str, files: &mut VendoredFiles) -> Result<(), VendorError> {
    for entry in std::fs::read_dir(folder).map_err(VendorError::io("read", folder))? {
        let entry = entry.map_err(VendorError::io("read", folder))?;
        let path = entry.path();
        let Ok(name) = entry.file_name().into_string() else {
            return Err(VendorError::Name { path });
        };
        let inside = if inside.is_empty() { name } else { format!("{inside}/{name}") };
        let kind = entry.file_type().map_err(VendorError::io("look at", &path))?;
        if kind.is_dir() {
            read_into(&path, &inside, files)?;
        } else if kind.is_file() {
            let bytes = super::regular_file::read(&path, super::regular_file::LARGE)
                .map_err(VendorError::io("read", &path))?;
            files.insert(inside, Arc::from(bytes));
        } else {
            return Err(VendorError::NoFile { path });
        }
    }
    Ok(())
}

/// Replaces the folder `parent/name` with one that holds exactly these files; creates it when it does not exist.
///
/// Writes the new folder beside the old one and renames it, so that the old one stays unchanged after a failure. Paths must be
/// relative and stay inside the folder. Fails when a file cannot be written.
pub fn replace(parent: &Path, name: &str, files: &VendoredFiles) -> Result<(), VendorError> {
    if !is_folder(parent)? {
        std::fs::create_dir(parent).map_err(VendorError::io("create", parent))?;
    }
    let place = parent.join(name);
    let there = is_folder(&place)?;
    // Removed with its content when this function ends.
    let beside = tempfile::Builder::new()
        .prefix(&format!(".{name}-new-"))
        .tempdir_in(parent)
        .map_err(VendorError::io("create a folder in", parent))?;
    // A folder inside the temporary one, which is private to the user: this one gets the usual permissions.
    let new = beside.path().join("new");
    std::fs::create_dir(&new).map_err(VendorError::io("create", &new))?;
    for (path, bytes) in files {
        write(&new, path, bytes)?;
    }
    let old = beside.path().join("old");
    if there {
        std::fs::rename(&place, &old).map_err(VendorError::io("move", &place))?;
    }
    if let Err(error) = std::fs::rename(&new, &place) {
        if there && let Err(error) = std::fs::rename(&old, &place) {
            // Do not remove the old files with the temporary folder.
            let kept = beside.keep();
            return Err(VendorError::io("restore", &kept)(error));
        }
        return Err(VendorError::io("create", &place)(error));
    }
    Ok(())
}

fn write(folder: &Path, inside: &str, bytes: &[u8]) -> Result<(), VendorError> {
    let mut path = folder.to_owned();
    if let Some((parents, _)) = inside.rsplit_once('/') {
        for segment in parents.split('/') {
            path.push(segment);
            match std::fs::create_dir(&path) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                    return Err(VendorError::io("create", &path)(error));
                }
                _ => {}
            }
        }
    }
    let path = folder.join(inside);
    File::create_new(&path)
        .and_then(|mut file| file.write_all(bytes))
        .map_err(VendorError::io("write", &path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> VendoredFiles {
        let file = |(path, text): &(&str, &str)| ((*path).to_owned(), Arc::from(text.as_bytes()));
        files.iter().map(file).collect()
    }

    #[test]
    fn a_folder_is_replaced_whole_and_leaves_nothing_beside() {
        let root = tempfile::tempdir().expect("a folder");
        let packs = root.path().join("packs");
        assert_eq!(read(&packs.join("x")).expect("nothing yet"), None);
        let check = |files: &[(&str, &str)]| {
            replace(&packs, "x", &folder(files)).expect("replaced");
            assert_eq!(read(&packs.join("x")).expect("readable"), Some(folder(files)));
            assert_eq!(folders(&packs).expect("readable"), ["x"]);
        };
        check(&[("a.md", "1"), ("b/c/d.md", "2"), ("b/e.md", "3")]);
        check(&[("b", "a file now")]);
        check(&[]);
    }

    #[test]
    fn a_failure_leaves_the_old_folder_as_it_was() {
        let root = tempfile::tempdir().expect("a folder");
        let old = folder(&[("a.md", "1")]);
        replace(root.path(), "x", &old).expect("written");
        // A file cannot be a folder too, so the second of these cannot be written.
        let broken = folder(&[("b", "1"), ("b/c", "2")]);
        replace(root.path(), "x", &broken).expect_err("cannot be written");
        assert_eq!(read(&root.path().join("x")).expect("readable"), Some(old));
        assert_eq!(folders(root.path()).expect("readable"), ["x"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_refused() {
        let root = tempfile::tempdir().expect("a folder");
        let (real, link) = (root.path().join("real"), root.path().join("link"));
        std::fs::create_dir(&real).expect("a folder");
        std::os::unix::fs::symlink(&real, &link).expect("a link");
        assert!(matches!(read(&link), Err(VendorError::NoFolder { .. })));
        assert!(matches!(
            replace(&link, "x", &VendoredFiles::new()),
            Err(VendorError::NoFolder { .. })
        ));
        assert!(matches!(
            replace(root.path(), "link", &VendoredFiles::new()),
            Err(VendorError::NoFolder { .. })
        ));
        std::os::unix::fs::symlink("/etc/passwd", real.join("f")).expect("a link");
        assert!(matches!(read(&real), Err(VendorError::NoFile { .. })));
    }
}
