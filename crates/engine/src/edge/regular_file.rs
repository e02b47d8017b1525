//! Reads regular files that may be anything else: never a device, never longer than a limit, and without waiting for a pipe.
//!
//! A repository can hold symbolic links, also in folders that look like a git directory. What reads a path that comes with a
//! repository, or that a person named, reads it here or through an [`OpenFolder`](super::open_folder::OpenFolder).

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// The largest small file of git's, such as `HEAD` or `commondir`, in bytes.
pub const SMALL: u64 = 1024 * 1024;

/// The largest list of git's, such as `packed-refs` or an index, in bytes.
pub const LARGE: u64 = 256 * 1024 * 1024;

/// Opens a file of any kind for reading, and follows symbolic links. Does not wait for whoever writes to a pipe.
#[cfg(unix)]
pub fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{CWD, Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::openat(CWD, path, flags, Mode::empty())?))
}

/// Opens a file for reading, and follows symbolic links.
#[cfg(not(unix))]
pub fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Reads a regular file, and follows symbolic links to it.
///
/// Fails when it cannot be read, is something else than a regular file, or is longer than `limit` bytes.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let found = file.metadata()?;
    if found.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    if !found.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(found.len().min(limit)).unwrap_or(0));
    // One byte more than is allowed says that there is more.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > limit {
        true => Err(ErrorKind::FileTooLarge.into()),
        false => Ok(bytes),
    }
}

/// Reads a regular file as text. Fails as [`read`], and when the file is not UTF-8.
pub fn read_to_string(path: &Path, limit: u64) -> io::Result<String> {
    String::from_utf8(read(path, limit)?)
        .map_err(|_| io::Error::new(ErrorKind::InvalidData, "it is not UTF-8"))
}

/// Returns true when a path is a regular file of at most `limit` bytes, or nothing. Follows symbolic links.
pub fn is_readable(path: &Path, limit: u64) -> bool {
    match std::fs::metadata(path) {
        Ok(found) => found.is_file() && found.len() <= limit,
        Err(_) => true,
    }
}

#[cfg(all(test, unix))]
#[expect(clippy::disallowed_methods, reason = "tests set the stage")]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_regular_files_are_read_and_no_more_of_them_than_the_limit() {
        let stage = tempfile::tempdir().expect("a folder");
        let at = |name: &str| stage.path().join(name);
        std::fs::write(at("file"), "12345").expect("a file");
        symlink("file", at("link")).expect("a link");
        symlink("/dev/zero", at("zero")).expect("a link");
        symlink("/dev/full", at("full")).expect("a link");
        symlink("absent", at("dangling")).expect("a link");
        let made = std::process::Command::new("mkfifo").arg(at("pipe")).status().expect("mkfifo");
        assert!(made.success());
        for name in ["file", "link"] {
            assert_eq!(read(&at(name), 5).expect("its bytes"), b"12345");
            assert_eq!(read_to_string(&at(name), 100).expect("its text"), "12345");
            let error = read(&at(name), 4).expect_err("too long");
            assert_eq!(error.kind(), ErrorKind::FileTooLarge);
            assert!(is_readable(&at(name), 5) && !is_readable(&at(name), 4));
        }
        for name in ["zero", "full", "pipe", "."] {
            assert!(read(&at(name), u64::MAX).is_err(), "{name}");
            assert!(!is_readable(&at(name), u64::MAX), "{name}");
        }
        assert_eq!(read(&at("dangling"), 5).expect_err("nothing").kind(), ErrorKind::NotFound);
        std::fs::write(at("latin"), b"\xe4").expect("a file");
        assert!(read_to_string(&at("latin"), 5).is_err());
    }
}
