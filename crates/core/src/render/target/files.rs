//! `.claude/{agents,commands,skills,rules,output-styles,hooks}/**`: whole files, as they stand in a layer.

use std::sync::Arc;

use crate::model::Model;
use crate::render::{Part, RenderedFile};

/// The files that are rendered whole.
pub(in crate::render) fn render(model: &Model) -> impl Iterator<Item = RenderedFile> {
    model.files().iter().map(|file| RenderedFile {
        path: file.path.clone(),
        part: Part::Whole { bytes: Arc::clone(&file.bytes), executable: file.executable },
        origins: Arc::from([Arc::clone(&file.origin)]),
    })
}
