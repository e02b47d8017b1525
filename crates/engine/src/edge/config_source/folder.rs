//! A config repository in a folder.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Entry, EntryKind, Lookup, MAX_FILE_BYTES, SourceError, join, split};
use crate::edge::file_stamp::is_absent;
use crate::edge::open_folder::{EntryType, FolderEntry, OpenFolder};
use crate::edge::regular_file;

/// A folder, with a cache of what was read.
#[derive(Debug)]
pub struct FolderSource {
    root: PathBuf,
    /// The folders and files that are known. Holds no symbolic links: everything in it may be entered or read.
    seen: Mutex<HashMap<String, Cached>>,
    /// Paths at which nothing is, or something that may not be entered or read.
    other: Mutex<BTreeSet<String>>,
    /// Folders whose entries were listed.
    listed: Mutex<BTreeSet<String>>,
    /// Open folders that were listed lately: their files are read next.
    open: Mutex<HashMap<String, Arc<OpenFolder>>>,
}

/// How many folders are kept open: enough for several layers, and fewer than any system allows.
const MOST_OPEN: usize = 64;

/// A path whose state decides what was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessedPath {
    /// The path.
    pub path: PathBuf,
    /// Whether it is a folder that was only traversed: its identity matters, its entries do not.
    pub traversed: bool,
}

/// What a path is known to be.
#[derive(Clone, Copy, Debug)]
enum Cached {
    /// A folder.
    Folder,
    /// A regular file of this size in bytes.
    File { len: u64 },
}

impl FolderSource {
    /// Opens a folder. Fails when it does not exist.
    pub(super) fn open(path: &Path) -> Result<Self, SourceError> {
        let repository = || path.display().to_string();
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Err(SourceError::NotAFolder { repository: repository() }),
            Err(error) if is_absent(&error) => {
                return Err(SourceError::NoFolder { repository: repository() });
            }
            Err(source) => return Err(SourceError::Io { path: repository(), source }),
        }
        let (seen, other, listed, open) = Default::default();
        Ok(Self { root: path.to_path_buf(), seen, other, listed, open })
    }

    /// Returns the name of the source for messages.
    pub(super) fn display(&self) -> String {
        self.root.display().to_string()
    }

    /// Returns the path of the folder.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Returns every path that was accessed so far: the result depends on nothing else.
    pub(super) fn accessed_paths(&self) -> Vec<AccessedPath> {
        let listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        let other = self.other.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<AccessedPath> = (seen.iter())
            .filter(|(path, _)| !listed.contains(*path))
            .map(|(path, seen)| (path, matches!(seen, Cached::Folder)))
            .chain(other.iter().chain(listed.iter()).map(|path| (path, false)))
            .map(|(path, traversed)| AccessedPath { path: self.full(path), traversed })
            .collect();
        all.push(AccessedPath { path: self.root.clone(), traversed: true });
        all.sort_by(|a, b| a.path.cmp(&b.path));
        all
    }

    /// Implements [`ConfigSource::read`](super::ConfigSource::read).
    pub(super) fn read(&self, path: &str) -> Result<Option<Vec<u8>>, SourceError> {
        let len = match self.seen(path) {
            Some(Cached::File { len }) => len,
            Some(Cached::Folder) => {
                return Err(SourceError::IsAFolder { path: path.to_owned() });
            }
            None => match self.look(path)? {
                FolderLookup::Missing => return Ok(None),
                FolderLookup::Folder => {
                    return Err(SourceError::IsAFolder { path: path.to_owned() });
                }
                FolderLookup::File(metadata) => metadata.len(),
                FolderLookup::Other(entry) => return Err(SourceError::not_a_file(entry)),
            },
        };
        if len > MAX_FILE_BYTES {
            return Err(SourceError::TooLarge { path: path.to_owned() });
        }
        match self.open_file(path).and_then(|file| read_whole(file, len)) {
            Ok(bytes) if bytes.len() as u64 > MAX_FILE_BYTES => {
                Err(SourceError::TooLarge { path: path.to_owned() })
            }
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(source) => Err(self.io(path, source)),
        }
    }

    /// Implements [`ConfigSource::size`](super::ConfigSource::size).
    pub(super) fn size(&self, path: &str) -> Option<u64> {
        match self.look(path).ok()? {
            FolderLookup::File(metadata) => Some(metadata.len()),
            _ => None,
        }
    }

    /// Returns what is at a path. Follows no symbolic links.
    pub(super) fn find(&self, path: &str) -> Result<Lookup, SourceError> {
        Ok(match self.look(path)? {
            FolderLookup::Missing => Lookup::Missing,
            FolderLookup::Folder => Lookup::Folder,
            FolderLookup::File(metadata) => {
                Lookup::Leaf(Entry { path: path.to_owned(), kind: file_kind(&metadata) }, None)
            }
            FolderLookup::Other(entry) => Lookup::Leaf(entry, None),
        })
    }

    /// Returns the entries of a folder, unsorted.
    pub(super) fn children(&self, folder: &str) -> Result<Option<Vec<Entry>>, SourceError> {
        note(&self.listed, folder);
        let (open, listed) = match OpenFolder::list(&self.full(folder)) {
            Ok(listed) => listed,
            Err(error) if is_absent(&error) => return Ok(Some(Vec::new())),
            Err(source) => return Err(self.io(folder, source)),
        };
        self.hold(folder, open);
        let mut entries = Vec::with_capacity(listed.len());
        let mut seen = Vec::with_capacity(listed.len());
        for FolderEntry { name, kind: what } in listed {
            if name == ".git" {
                if folder.is_empty() {
                    continue;
                }
                // For git, a repository inside another one is a single entry.
                return Ok(None);
            }
            let Some(name) = name.to_str() else {
                let path = join(folder, &name.to_string_lossy());
                entries.push(Entry { path, kind: EntryKind::NotUtf8Name });
                continue;
            };
            let path = join(folder, name);
            let kind = match what {
                EntryType::Folder => {
                    seen.push((path.clone(), Cached::Folder));
                    EntryKind::Folder
                }
                EntryType::File { len, executable } => {
                    seen.push((path.clone(), Cached::File { len }));
                    EntryKind::File { executable }
                }
                EntryType::Symlink => self.symlink(&path)?,
                EntryType::Other => EntryKind::Other,
            };
            entries.push(Entry { path, kind });
        }
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).extend(seen);
        Ok(Some(entries))
    }

    /// Returns what is at a path, after checking that no parent is a symbolic link.
    fn look(&self, path: &str) -> Result<FolderLookup, SourceError> {
        if path.is_empty() || matches!(self.seen(path), Some(Cached::Folder)) {
            return Ok(FolderLookup::Folder);
        }
        match self.look(split(path).0)? {
            FolderLookup::Folder => {}
            FolderLookup::Missing | FolderLookup::File(_) => return Ok(FolderLookup::Missing),
            FolderLookup::Other(entry) => return Ok(FolderLookup::Other(entry)),
        }
        let metadata = match fs::symlink_metadata(self.full(path)) {
            Ok(metadata) => metadata,
            Err(error) if is_absent(&error) => {
                note(&self.other, path);
                return Ok(FolderLookup::Missing);
            }
            Err(source) => return Err(self.io(path, source)),
        };
        let kind = metadata.file_type();
        let remember = |seen| {
            self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), seen);
        };
        Ok(if kind.is_dir() {
            remember(Cached::Folder);
            FolderLookup::Folder
        } else if kind.is_file() {
            remember(Cached::File { len: metadata.len() });
            FolderLookup::File(metadata)
        } else if kind.is_symlink() {
            note(&self.other, path);
            FolderLookup::Other(Entry { path: path.to_owned(), kind: self.symlink(path)? })
        } else {
            note(&self.other, path);
            FolderLookup::Other(Entry { path: path.to_owned(), kind: EntryKind::Other })
        })
    }

    fn hold(&self, folder: &str, open: OpenFolder) {
        let mut held = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= MOST_OPEN {
            held.clear();
        }
        held.insert(folder.to_owned(), Arc::new(open));
    }

    fn open_file(&self, path: &str) -> io::Result<fs::File> {
        let (folder, name) = split(path);
        let held = self.open.lock().unwrap_or_else(PoisonError::into_inner).get(folder).cloned();
        match held {
            // It was a regular file; a link that replaced it is not followed.
            Some(folder) => folder.file(name),
            None => regular_file::open(&self.root.join(path)),
        }
    }

    fn seen(&self, path: &str) -> Option<Cached> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(path).copied()
    }

    fn symlink(&self, path: &str) -> Result<EntryKind, SourceError> {
        let target = fs::read_link(self.full(path)).map_err(|source| self.io(path, source))?;
        Ok(EntryKind::Symlink { target: target.to_string_lossy().into_owned() })
    }

    fn full(&self, path: &str) -> PathBuf {
        if path.is_empty() { self.root.clone() } else { self.root.join(path) }
    }

    fn io(&self, path: &str, source: io::Error) -> SourceError {
        SourceError::Io { path: self.full(path).display().to_string(), source }
    }
}

fn note(paths: &Mutex<BTreeSet<String>>, path: &str) {
    paths.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
}

/// Like [`Lookup`], with the metadata of a file.
enum FolderLookup {
    /// Nothing.
    Missing,
    /// A folder.
    Folder,
    /// A regular file.
    File(Metadata),
    /// Anything else, at the path or above it.
    Other(Entry),
}

/// Reads a file of known size, which may change meanwhile.
fn read_whole(mut file: fs::File, len: u64) -> io::Result<Vec<u8>> {
    let expected = usize::try_from(len).unwrap_or(usize::MAX);
    // One byte more than expected: when a read leaves it free, it reached the end, and no second read is needed.
    let mut bytes = vec![0; expected.saturating_add(1)];
    let mut filled = 0;
    while filled < bytes.len() {
        match file.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        if filled == expected {
            break;
        }
    }
    let grew = filled > expected;
    bytes.truncate(filled);
    if grew {
        file.take(MAX_FILE_BYTES).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

#[cfg(unix)]
fn file_kind(metadata: &Metadata) -> EntryKind {
    use std::os::unix::fs::PermissionsExt;
    // Git looks at the owner's bit only.
    EntryKind::File { executable: metadata.permissions().mode() & 0o100 != 0 }
}

#[cfg(not(unix))]
fn file_kind(_: &Metadata) -> EntryKind {
    EntryKind::File { executable: false }
}
