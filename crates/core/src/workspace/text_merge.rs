//! Merging a text that both the workspace and the configuration changed.

use super::actual::ActualFile;
use super::digest::Digest;
use super::entry_state::{EntryState, MergedText};
use super::text::{block, three_way};
use crate::render::{Part, RenderedFile};

/// Merges the changes of both sides since `base`; `None` when they overlap, or `base` is not what was last written.
pub(super) fn merged(
    state: &EntryState<'_>,
    base: &RenderedFile,
    found: &ActualFile,
) -> Option<MergedText> {
    let ActualFile::Bytes { bytes: found, executable } = found else { return None };
    match (&base.part, &state.file?.part) {
        (
            Part::Whole { bytes: base, executable: base_runs },
            Part::Whole { bytes: wanted, executable: wanted_runs },
        ) => {
            if Some(Digest::of_file(base, *base_runs)) != state.base {
                return None;
            }
            let bytes = three_way::merge(base, found, wanted)?;
            // Either one side left the bit unchanged, or both changed it.
            let runs = if executable == base_runs { *wanted_runs } else { *executable };
            let there = bytes == *found && runs == *executable;
            Some(MergedText { bytes: bytes.into(), executable: runs, there })
        }
        (Part::Block { text: base }, Part::Block { text: wanted }) => {
            if Some(Digest::of_text(base)) != state.base {
                return None;
            }
            let found = block::read(str::from_utf8(found).ok()?).ok().flatten()?;
            let bytes = three_way::merge(base.as_bytes(), found.as_bytes(), wanted.as_bytes())?;
            let text = str::from_utf8(&bytes).ok().filter(|text| block::can_hold(text))?;
            let there = Digest::of_text(text) == Digest::of_text(found);
            Some(MergedText { bytes: bytes.into(), executable: false, there })
        }
        _ => None,
    }
}
