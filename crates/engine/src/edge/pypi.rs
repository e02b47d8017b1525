//! Downloads releases of Python packages with pip, and reads them without running any of their code.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zip::ZipArchive;
use zip::result::ZipError;

use super::process::{self, ProcessError};
use claude_env_core::source::RepoPath;

/// The largest archive that is opened, in bytes.
const MAX_ARCHIVE: u64 = 64 << 20;
/// How many entries an archive or folder may have.
const MAX_ENTRIES: usize = 50_000;
/// The largest single file that is read, in bytes.
const MAX_FILE: u64 = 1 << 20;
/// How many bytes are read in all.
const MAX_TOTAL: u64 = 32 << 20;

/// Why a release cannot be downloaded or read.
#[derive(Debug, thiserror::Error)]
pub enum PypiError {
    /// pip is not installed.
    #[error("neither `python3 -m pip` nor `pip` can be run")]
    NoPip {
        /// The package and its version, as pip takes it.
        requirement: String,
    },
    /// pip failed.
    #[error("pip could not download {requirement}: {stderr}")]
    Download {
        /// The package and its version, as pip takes it.
        requirement: String,
        /// The end of what pip printed.
        stderr: String,
    },
    /// The release has no wheel.
    #[error("pip downloaded no wheel of {requirement}")]
    NoWheel {
        /// The package and its version, as pip takes it.
        requirement: String,
    },
    /// The file system failed.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system reported.
        source: std::io::Error,
    },
    /// The file is not a readable zip archive.
    #[error("{} is not a wheel: not a readable zip archive: {source}", path.display())]
    Zip {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ZipError,
    },
    /// The content is unsafe or too large.
    #[error("{} is refused: {problem}", path.display())]
    Refused {
        /// The archive or folder.
        path: PathBuf,
        /// The reason.
        problem: String,
    },
}

/// The files of a release.
#[derive(Debug, Default)]
pub struct Release {
    /// The files that were wanted, by path.
    pub files: BTreeMap<String, Arc<[u8]>>,
    /// File name and bytes of the archive; `None` for a folder.
    pub archive: Option<(String, Vec<u8>)>,
}

/// Downloads a wheel into `folder`, from the package index that pip is configured for; the newest one without a version.
///
/// Accepts wheels only: building a source release would run its code. Fails when pip is not installed, fails, or finds no
/// wheel.
pub fn fetch(project: &str, version: Option<&str>, folder: &Path) -> Result<PathBuf, PypiError> {
    let requirement = match version {
        Some(version) => format!("{project}=={version}"),
        None => project.to_owned(),
    };
    let download = [
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "--no-input",
        "--disable-pip-version-check",
        "--dest",
        ".",
        "--",
        &requirement,
    ];
    // `python3 -m pip` first: `pip` may belong to another interpreter. Isolated (`-I`), so that no modules from `PYTHONPATH`
    // are imported; pip's configuration still applies.
    let ways: [(&str, &[&str]); 2] = [("python3", &["-I", "-m", "pip"]), ("pip", &[])];
    let mut failure = PypiError::NoPip { requirement: requirement.clone() };
    for (program, start) in ways {
        let arguments: Vec<&OsStr> = start.iter().chain(&download).map(OsStr::new).collect();
        match process::run(program, &arguments, folder) {
            Ok(_) => return find_wheel(folder, &requirement),
            Err(ProcessError::Start { .. }) => {}
            Err(ProcessError::Status { stderr, .. }) if stderr.contains("No module named pip") => {}
            Err(ProcessError::Status { stderr, .. }) => {
                let stderr = last_lines(&stderr);
                failure = PypiError::Download { requirement: requirement.clone(), stderr };
                break;
            }
        }
    }
    Err(failure)
}

/// Returns the last 5 lines: pip says the cause at the end.
fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(5)..].join("\n")
}

/// Returns the path of the wheel in a folder. Fails when there is none.
fn find_wheel(folder: &Path, requirement: &str) -> Result<PathBuf, PypiError> {
    let entries = std::fs::read_dir(folder)
        .map_err(|source| PypiError::Read { path: folder.to_owned(), source })?;
    let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .ok_or_else(|| PypiError::NoWheel { requirement: requirement.to_owned() })
}

/// Reads the wanted files of a wheel, an unpacked wheel, or a source checkout.
///
/// Fails when it cannot be read, or is unsafe or too large.
pub fn open(from: &Path, wanted: impl Fn(&str) -> bool) -> Result<Release, PypiError> {
    let metadata = std::fs::metadata(from)
        .map_err(|source| PypiError::Read { path: from.to_owned(), source })?;
    let mut reading = Reading { from, wanted, total: 0, entries: 0, files: BTreeMap::new() };
    if metadata.is_dir() {
        reading.folder(from, "")?;
        return Ok(Release { files: reading.files, archive: None });
    }
    if !metadata.is_file() {
        return Err(reading.refuse("it is neither a file nor a folder".to_owned()));
    }
    if metadata.len() > MAX_ARCHIVE {
        return Err(reading.refuse(format!("it has more than {} MiB", MAX_ARCHIVE >> 20)));
    }
    let bytes =
        std::fs::read(from).map_err(|source| PypiError::Read { path: from.to_owned(), source })?;
    reading.archive(&bytes)?;
    let name = from.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Release { files: reading.files, archive: Some((name, bytes)) })
}

struct Reading<'a, W> {
    from: &'a Path,
    wanted: W,
    total: u64,
    entries: usize,
    files: BTreeMap<String, Arc<[u8]>>,
}

impl<W: Fn(&str) -> bool> Reading<'_, W> {
    fn refuse(&self, problem: String) -> PypiError {
        PypiError::Refused { path: self.from.to_owned(), problem }
    }

    fn archive(&mut self, bytes: &[u8]) -> Result<(), PypiError> {
        let broken = |source| PypiError::Zip { path: self.from.to_owned(), source };
        let mut archive = ZipArchive::new(std::io::Cursor::new(bytes)).map_err(broken)?;
        if archive.has_duplicate_names() {
            return Err(self.refuse("two of its entries have one name".to_owned()));
        }
        for index in 0..archive.len() {
            self.count()?;
            let mut entry = archive
                .by_index(index)
                .map_err(|source| PypiError::Zip { path: self.from.to_owned(), source })?;
            let name = match entry.name() {
                Ok(name) => name.into_owned(),
                Err(error) => return Err(self.refuse(format!("an entry's name: {error}"))),
            };
            // Checks all entries, not only wanted ones: a build tool creates no such paths.
            let path = name.strip_suffix('/').unwrap_or(&name);
            if let Err(problem) = RepoPath::parse(path) {
                return Err(self.refuse(format!("entry {name:?}: {problem}")));
            }
            if entry.is_symlink() {
                return Err(self.refuse(format!("entry {name:?} is a symbolic link")));
            }
            if entry.is_file() && (self.wanted)(path) {
                self.read(path, &mut entry)?;
            }
        }
        Ok(())
    }

    fn folder(&mut self, folder: &Path, inside: &str) -> Result<(), PypiError> {
        let failed = |source| PypiError::Read { path: folder.to_owned(), source };
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            self.count()?;
            // A name that is not UTF-8 is never wanted.
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = if inside.is_empty() { name.clone() } else { format!("{inside}/{name}") };
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                if !name.starts_with('.') && name != "node_modules" {
                    self.folder(&entry.path(), &path)?;
                }
            } else if (self.wanted)(&path) {
                if !kind.is_file() {
                    return Err(self.refuse(format!("{path} is a symbolic link, or not a file")));
                }
                let mut file = File::open(entry.path()).map_err(failed)?;
                self.read(&path, &mut file)?;
            }
        }
        Ok(())
    }

    fn count(&mut self) -> Result<(), PypiError> {
        self.entries += 1;
        if self.entries > MAX_ENTRIES {
            return Err(self.refuse(format!("it has more than {MAX_ENTRIES} entries")));
        }
        Ok(())
    }

    /// Reads one file. The limits apply to the bytes that were read: the sizes in an archive may be wrong.
    fn read(&mut self, path: &str, file: &mut dyn Read) -> Result<(), PypiError> {
        let mut bytes = Vec::new();
        let limit = MAX_FILE.min(MAX_TOTAL - self.total);
        file.take(limit + 1).read_to_end(&mut bytes).map_err(|source| match source.kind() {
            // The checksum is wrong.
            ErrorKind::InvalidData | ErrorKind::Other => self.refuse(format!("{path}: {source}")),
            _ => PypiError::Read { path: self.from.to_owned(), source },
        })?;
        let length = bytes.len() as u64;
        if length > limit {
            return Err(self.refuse(format!("{path} makes it larger than what a pack may be")));
        }
        self.total += length;
        self.files.insert(path.to_owned(), Arc::from(bytes));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    fn archive(entries: &[(&str, &[u8])], link: Option<&str>) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            zip.start_file(*name, SimpleFileOptions::default()).expect("an entry");
            zip.write_all(bytes).expect("its bytes");
        }
        if let Some(link) = link {
            zip.add_symlink(link, "/etc/passwd", SimpleFileOptions::default()).expect("a link");
        }
        zip.finish().expect("an archive").into_inner()
    }

    fn check(bytes: &[u8], expect: Result<&[&str], &str>) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.whl");
        File::create_new(&path).and_then(|mut file| file.write_all(bytes)).expect("a file");
        let opened = open(&path, |path| path.ends_with(".md")).map_err(|error| error.to_string());
        let shown = path.display().to_string();
        let opened: Result<Vec<String>, String> = opened
            .map(|release| release.files.into_keys().collect())
            .map_err(|error| error.replace(&shown, "x.whl"));
        let opened = opened.as_ref().map(|paths| paths.iter().map(String::as_str).collect());
        let opened: Result<Vec<&str>, &String> = opened;
        match (opened, expect) {
            (Ok(paths), Ok(expect)) => assert_eq!(paths, expect),
            (Err(error), Err(expect)) => assert!(error.starts_with(expect), "{error}"),
            (found, expect) => panic!("{found:?}, not {expect:?}"),
        }
    }

    #[test]
    fn only_what_is_wanted_is_read() {
        check(&archive(&[("a/b.md", b"b"), ("a/c.py", b"c")], None), Ok(&["a/b.md"]));
        check(&archive(&[], None), Ok(&[]));
    }

    #[test]
    fn archives_that_would_leave_their_folder_are_refused() {
        let of = |name: &str| archive(&[("a.md", b"a"), (name, b"b")], None);
        check(&of("../b.py"), Err("x.whl is refused: entry \"../b.py\": the path has a `.`, `..`"));
        check(&of("a/../../b.py"), Err("x.whl is refused: entry \"a/../../b.py\""));
        check(&of("/etc/b.py"), Err("x.whl is refused: entry \"/etc/b.py\": the path is absolute"));
        check(&of("C:/b.py"), Err("x.whl is refused: entry \"C:/b.py\""));
        check(&of("a\\b.py"), Err("x.whl is refused: entry"));
        check(
            &archive(&[], Some("l.md")),
            Err("x.whl is refused: entry \"l.md\" is a symbolic link"),
        );
    }

    #[test]
    fn what_unpacks_to_too_much_is_refused() {
        let large = vec![b'x'; (MAX_FILE + 1) as usize];
        check(&archive(&[("a.md", &large)], None), Err("x.whl is refused: a.md makes it larger"));
        let (full, names): (&[u8], Vec<String>) =
            (&large[1..], (0..33).map(|n| format!("{n}.md")).collect());
        let entries: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), full)).collect();
        check(&archive(&entries, None), Err("x.whl is refused: 32.md makes it larger"));
    }

    #[test]
    fn what_is_no_archive_says_so() {
        check(b"not a zip", Err("x.whl is not a wheel: not a readable zip archive"));
        let mut damaged = archive(&[("a.md", &[b'a'; 100])], None);
        // The entry's bytes, deflated, lie behind its header of 30 bytes and its name.
        damaged[36] ^= 0xff;
        check(&damaged, Err("x.whl is refused: a.md"));
    }
}
