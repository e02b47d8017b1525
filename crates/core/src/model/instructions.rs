//! The instructions block: the fragments of all layers, in order.

use std::sync::Arc;

use crate::layer::{ContentFile, ContentKind};

/// One fragment of the instructions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// The text, with `\n` line endings and without leading and trailing blank lines.
    pub text: String,
    /// The path of its file, for messages.
    pub origin: Arc<str>,
}

/// Returns the fragments that have text, in the order of the merged files.
pub(super) fn fragments(files: &[&ContentFile]) -> Vec<Fragment> {
    let memory = files.iter().filter(|file| file.kind == ContentKind::Memory);
    memory
        .filter_map(|file| {
            // A fragment that is not UTF-8 has been reported.
            let text = std::str::from_utf8(&file.bytes).ok()?;
            let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
            let text = text.trim_matches('\n').trim_end().to_owned();
            (!text.is_empty()).then(|| Fragment { text, origin: Arc::clone(&file.origin) })
        })
        .collect()
}
