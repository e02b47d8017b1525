//! *Behind*, in words: the configuration has changed, and the workspace was not updated. That is no drift.

use super::text::count;
use crate::layer::Mode;

/// Returns the line of a hook that leaves these entries to a commit.
pub fn hook_line(entries: usize, revision: &str) -> String {
    let entries = count(entries, "entry");
    let at = revision.get(..10).map(|short| format!(" (now {short})")).unwrap_or_default();
    format!(
        "the configuration has changed{at}: {entries} here to update; run `claude-env sync`, or pull the commit that has them"
    )
}

/// Returns the row of `status`, and what to do.
pub(super) fn row(entries: usize, mode: Mode) -> String {
    let commit = match mode {
        Mode::Committed => " and commit the result",
        Mode::Local => "",
    };
    format!("{}; to update, run `claude-env sync`{commit}", changed(entries))
}

/// Returns the remark of `drift`.
pub(super) fn remark(entries: usize) -> String {
    format!("behind: {}; this is not drift: `claude-env sync` updates it", changed(entries))
}

fn changed(entries: usize) -> String {
    format!("{} changed in the configuration since the last sync", count(entries, "entry"))
}
