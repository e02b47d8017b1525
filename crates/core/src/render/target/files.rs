//! Whole files: the content folders.

use std::sync::Arc;

use crate::model::Model;
use crate::render::{Part, RenderedFile};

/// Renders the files of the content folders.
pub(in crate::render) fn render(model: &Model) -> impl Iterator<Item = RenderedFile> {
    model.files().iter().map(|file| RenderedFile {
        path: file.path.clone(),
        part: Part::Whole { bytes: Arc::clone(&file.bytes), executable: file.executable },
        origins: Arc::from([Arc::clone(&file.origin)]),
    })
}
