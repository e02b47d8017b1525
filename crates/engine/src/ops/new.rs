//! `new`: scaffolds a config repository.

use std::path::Path;

use super::Failure;
use super::embedded::{EXAMPLE, Embedded, SCAFFOLD, is_executable};
use crate::edge::fs;
use crate::edge::git;

/// A config repository that was written.
#[derive(Debug)]
pub struct Scaffolded {
    /// How many files were written.
    pub files: usize,
    /// Whether `git init` was run; not in a folder inside of a repository.
    pub initialized: bool,
}

/// Writes the scaffold, or the example, into a folder that is empty or does not exist.
///
/// Fails when the folder is not empty, or cannot be written.
pub fn new(root: &Path, example: bool) -> Result<Scaffolded, Failure> {
    let occupied = match std::fs::read_dir(root) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => {
            return Err(Failure::usage(format!("`{}` cannot be used: {error}", root.display())));
        }
    };
    if occupied {
        return Err(Failure::usage(format!("`{}` is not empty", root.display()))
            .hint("name a folder that does not exist yet"));
    }
    let files = if example { EXAMPLE } else { SCAFFOLD };
    write(root, files)?;
    let inside = matches!(git::discover(root), Ok(Some(_)));
    if !inside {
        git::run(root, &["init", "--quiet", "--initial-branch=main"])?;
    }
    Ok(Scaffolded { files: files.len(), initialized: !inside })
}

/// Writes embedded files into a folder. Fails when a file exists, or cannot be written.
pub fn write(root: &Path, files: &[Embedded]) -> Result<(), Failure> {
    for (path, bytes) in files {
        fs::write_new(&root.join(path), bytes, is_executable(path, bytes))?;
    }
    Ok(())
}
