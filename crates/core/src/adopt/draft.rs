//! The edits of an adoption, as data.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::layer_path::LayerPath;
use super::layer_text::LayerText;
use super::{Refusal, layer_context::EditTarget, layer_context::LayerContext};

/// The new content of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileContent {
    /// The bytes.
    pub bytes: Arc<[u8]>,
    /// Whether the owner may execute it; `None` keeps the mode.
    pub executable: Option<bool>,
}

/// The files of layers that an adoption changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// The new content of each file; `None` for a file that is deleted.
    pub files: BTreeMap<LayerPath, Option<FileContent>>,
}

impl Draft {
    /// Edits the text of a document. Fails when the text is not valid TOML or the edit fails.
    pub fn edit(
        &mut self,
        context: &LayerContext<'_>,
        target: &EditTarget,
        edit: impl FnOnce(&mut LayerText) -> Result<(), String>,
    ) -> Result<(), Refusal> {
        let before = match self.files.get(&target.place) {
            Some(Some(content)) => String::from_utf8_lossy(&content.bytes).into_owned(),
            Some(None) => String::new(),
            None => context.text_at(target),
        };
        let failed = |why: String| {
            Refusal::new(format!("`{}` cannot be edited: {why}", target.place.path))
                .help("edit it by hand")
        };
        let mut text = LayerText::parse(&before).map_err(failed)?;
        edit(&mut text).map_err(failed)?;
        let after = text.to_text();
        if after != before {
            let content = FileContent { bytes: Arc::from(after.into_bytes()), executable: None };
            self.files.insert(target.place.clone(), Some(content));
        }
        Ok(())
    }

    /// Writes a file.
    pub fn put(&mut self, place: LayerPath, bytes: impl Into<Arc<[u8]>>, executable: Option<bool>) {
        self.files.insert(place, Some(FileContent { bytes: bytes.into(), executable }));
    }

    /// Deletes a file.
    pub fn remove(&mut self, place: LayerPath) {
        self.files.insert(place, None);
    }
}
