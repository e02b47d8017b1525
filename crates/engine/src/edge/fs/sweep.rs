//! Removes what killed processes left: temporary files and folders.

use std::collections::BTreeSet;
use std::path::Path;

use super::write::TEMPORARY;
use super::{FsError, Root};
use claude_env_core::workspace::Plan;

impl Root {
    /// Removes temporary files of killed processes from the folders that the plan writes to, and from their parents.
    ///
    /// Fails when one cannot be removed.
    pub(super) fn sweep(&mut self, plan: &Plan) -> Result<(), FsError> {
        if plan.is_noop() {
            return Ok(());
        }
        let changed = plan.changes.iter().map(|change| change.path.parent().unwrap_or(""));
        let left = plan.lock.sweep.iter().map(String::as_str);
        let mut folders = BTreeSet::from([""]);
        for folder in changed.chain(left) {
            let mut next = Some(folder);
            while let Some(folder) = next.filter(|folder| folders.insert(folder)) {
                next = folder.rsplit_once('/').map(|(above, _)| above);
            }
        }
        for relative in folders {
            let Ok(folder) = self.near(relative) else { continue };
            let Ok(entries) = folder.entries() else { continue };
            for (name, is_folder) in entries {
                let Some(name) = name.to_str().filter(|name| is_left_over(name)) else { continue };
                let path = self.path.join(relative).join(name);
                self.step("remove", &path)?;
                let removed = match is_folder {
                    true => folder.remove_all(name),
                    false => folder.remove(name),
                };
                removed.map_err(|source| FsError::new("remove", &path, source))?;
            }
        }
        Ok(())
    }
}

/// Returns true for the name of a temporary file whose process is not running any more.
fn is_left_over(name: &str) -> bool {
    let id = name.strip_prefix(TEMPORARY).and_then(|rest| rest.split('-').next());
    id.and_then(|id| id.parse::<u32>().ok()).is_some_and(|id| !is_running(id))
}

/// Returns true when another process with this id is running; false when the system does not tell.
fn is_running(id: u32) -> bool {
    id != std::process::id() && Path::new("/proc").join(id.to_string()).exists()
}
