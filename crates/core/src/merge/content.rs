//! Merging content files: a file of a higher layer replaces the file with the same folder and path.

use std::collections::HashSet;

use indexmap::IndexMap;

use super::unset::FILES;
use crate::diagnostic::{Diagnostic, Sink, code, nearest};
use crate::layer::{ContentFile, ContentKind, Layer, Stack};
use crate::source::{KeyPath, RepoPath, Span};

/// Returns the files that apply to a scope, by kind, then in layer order, then in name order.
///
/// A fragment or file of the same name keeps the position of the lower one.
pub fn merge_content<'a>(stack: &'a Stack, sink: &mut Sink) -> Vec<&'a ContentFile> {
    let mut merged: IndexMap<(ContentKind, &RepoPath), &ContentFile> = IndexMap::new();
    for layer in &stack.layers {
        unset_files(layer, &mut merged, sink);
        for file in &layer.content {
            merged.insert(file.key(), file);
        }
    }
    let mut files: Vec<&ContentFile> = merged.into_values().collect();
    files.sort_by_key(|file| file.kind);
    files
}

/// Applies the `files."<folder>/<path>"` entries of a layer's `unset`.
fn unset_files<'a>(
    layer: &Layer,
    merged: &mut IndexMap<(ContentKind, &'a RepoPath), &'a ContentFile>,
    sink: &mut Sink,
) {
    let documents = layer.documents.iter().filter_map(|document| document.root.get("unset"));
    let mut gone: HashSet<(ContentKind, RepoPath)> = HashSet::new();
    for entry in documents.flat_map(|unset| unset.as_array().unwrap_or_default()) {
        let Some(path) = entry.as_str().and_then(|text| KeyPath::parse(text).ok()) else {
            continue;
        };
        let [first, named @ ..] = path.segments() else { continue };
        if first.as_ref() != FILES {
            continue;
        }
        let name = named.join("/");
        // A path that leaves its folder is CE008.
        if RepoPath::parse(&name).is_err() {
            continue;
        }
        let known = file_key(&name).filter(|(kind, path)| merged.contains_key(&(*kind, path)));
        if !known.is_some_and(|key| gone.insert(key)) {
            sink.push_with(code::UNSET_NOTHING, entry.span, || {
                nothing_there(&name, entry.span, merged)
            });
        }
    }
    if !gone.is_empty() {
        merged.retain(|(kind, path), _| !gone.contains(&(*kind, (*path).clone())));
    }
}

fn file_key(name: &str) -> Option<(ContentKind, RepoPath)> {
    let (folder, path) = name.split_once('/')?;
    let mut kinds = ContentKind::ALL.into_iter().chain([ContentKind::Documents]);
    let kind = kinds.find(|kind| kind.folder() == folder)?;
    Some((kind, RepoPath::parse(path).ok()?))
}

fn nothing_there(
    name: &str,
    at: Span,
    merged: &IndexMap<(ContentKind, &RepoPath), &ContentFile>,
) -> Diagnostic {
    let message = format!("no lower layer brings the file `{name}`, so there is nothing to unset");
    let diagnostic = Diagnostic::new(code::UNSET_NOTHING, at, message);
    let names: Vec<String> =
        merged.keys().map(|(kind, path)| format!("{}/{path}", kind.folder())).collect();
    match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => diagnostic.help(format!("did you mean `files.\"{near}\"`?")),
        None => diagnostic.help("write it like `files.\"agents/old.md\"`"),
    }
}
