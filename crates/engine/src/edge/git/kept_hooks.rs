//! Lets the hooks from before the installation run under their own names.
//!
//! Many hooks ask by which name they were called: one script for all events, or the entry point of a hook manager. A hook that
//! is kept under another name is therefore called through a link of its own name. The links are in a folder beside the folder
//! of hooks, so that `$0/../..` is what it was, and with a link to each other file there, so that hooks find those too.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::edge::fs::FsError;
use claude_env_core::git::hooks::{Event, KEPT_HOOKS};

/// Makes the links for the hooks that are kept now, and removes all others. Fails when the file system fails.
pub(super) fn link_kept_hooks(common_dir: &Path) -> Result<(), FsError> {
    let folder = common_dir.join(KEPT_HOOKS);
    let failed = |source: io::Error| FsError::new("link the hooks in", &folder, source);
    let wanted = links(&common_dir.join("hooks")).map_err(failed)?;
    match fs::read_dir(&folder) {
        Ok(entries) => {
            for entry in entries {
                let entry = entry.map_err(failed)?;
                let is_link = entry.file_type().map_err(failed)?.is_symlink();
                if is_link && !wanted.contains_key(&PathBuf::from(entry.file_name())) {
                    fs::remove_file(entry.path()).map_err(failed)?;
                }
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    if wanted.is_empty() {
        // Fails when somebody put a file there, and then it stays.
        let _ = fs::remove_dir(&folder);
        return Ok(());
    }
    match fs::create_dir(&folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(failed(error)),
        _ => {}
    }
    for (name, target) in wanted {
        let link = folder.join(name);
        if fs::read_link(&link).is_ok_and(|there| there == target) {
            continue;
        }
        match fs::remove_file(&link) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        symlink(&target, &link).map_err(failed)?;
    }
    Ok(())
}

/// Returns the links, by name; none when no hook is kept.
fn links(hooks: &Path) -> io::Result<BTreeMap<PathBuf, PathBuf>> {
    let mut links = BTreeMap::new();
    let target = |name: &str| Path::new("..").join("hooks").join(name);
    let kept = |event: &Event| fs::symlink_metadata(hooks.join(event.before())).is_ok();
    let events: Vec<Event> = Event::ALL.into_iter().filter(kept).collect();
    if events.is_empty() {
        return Ok(links);
    }
    for entry in fs::read_dir(hooks)? {
        if let Some(name) = entry?.file_name().to_str()
            && !name.ends_with(".sample")
        {
            links.insert(PathBuf::from(name), target(name));
        }
    }
    for event in events {
        links.remove(Path::new(&event.before()));
        links.insert(PathBuf::from(event.name()), target(&event.before()));
    }
    Ok(links)
}

#[cfg(unix)]
fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(target, link)
}
