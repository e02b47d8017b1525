//! The edits that an adoption is going to make, as data.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::layer_path::LayerPath;
use super::layer_text::LayerText;
use super::{Refusal, layer_context::EditTarget, layer_context::LayerContext};

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileContent {
    pub bytes: Arc<[u8]>,
    /// `None` where the file's mode is not what it is about.
    pub executable: Option<bool>,
}

/// The files that are going to change, with what they will hold; `None` for one that goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    pub files: BTreeMap<LayerPath, Option<FileContent>>,
}

impl Draft {
    /// Edits the text of a document.
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

    /// Puts a file in a place.
    pub fn put(&mut self, place: LayerPath, bytes: impl Into<Arc<[u8]>>, executable: Option<bool>) {
        self.files.insert(place, Some(FileContent { bytes: bytes.into(), executable }));
    }

    /// Takes a file away.
    pub fn remove(&mut self, place: LayerPath) {
        self.files.insert(place, None);
    }
}
