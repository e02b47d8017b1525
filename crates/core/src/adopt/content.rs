//! Adopting whole files, and the fragments of the instructions block.

use super::Refusal;
use super::draft::Draft;
use super::fragment::{FragmentEdit, attribute};
use super::layer_context::{Audience, EditTarget, LayerContext};
use crate::agent::{content_of, workspace_folders};
use crate::layer::{ContentFile, ContentKind, Layer};
use crate::source::{KeyPath, RepoPath};
use crate::workspace::EntryContent;

/// Brings a file of a content folder to what the workspace has.
pub(super) fn file(
    context: &LayerContext<'_>,
    path: &RepoPath,
    actual: &EntryContent,
    draft: &mut Draft,
) -> Result<Vec<EditTarget>, Refusal> {
    let unknown = || {
        let folders: Vec<String> = workspace_folders().map(|folder| format!("{folder}/")).collect();
        Refusal::new("no layer has a place for this file")
            .help(format!("layers have files for {}", folders.join(", ")))
    };
    let (folder, name) = content_of(path).ok_or_else(unknown)?;
    let kind = folder.kind;
    let name = RepoPath::parse(name).map_err(|_| unknown())?;
    let current = context.files.iter().find(|file| file.key() == (kind, &name)).copied();
    match actual {
        EntryContent::File { bytes, executable } => {
            let bytes = current.map_or_else(|| bytes.to_vec(), |file| like(&file.bytes, bytes));
            put(context, (kind, &name), current, bytes, Some(*executable), draft)
        }
        EntryContent::Missing => remove(context, (kind, &name), draft),
        EntryContent::Value(_) | EntryContent::Text(_) => Err(unknown()),
    }
}

/// Adopts a change of the block into its fragments.
pub(super) fn block(
    context: &LayerContext<'_>,
    expected: Option<&str>,
    actual: &EntryContent,
    draft: &mut Draft,
) -> Result<Vec<EditTarget>, Refusal> {
    context.permits(&["instructions"].into_iter().collect(), false)?;
    let by_hand = "edit the files in the memory folders of the layers, or write your own text outside of the markers";
    let (Some(expected), EntryContent::Text(actual)) = (expected, actual) else {
        return Err(Refusal::new("the block as a whole belongs to no layer").help(by_hand));
    };
    let texts: Vec<&str> = context.fragments.iter().map(|one| one.text.as_str()).collect();
    let names: Vec<&str> = context.fragments.iter().map(|one| &*one.origin).collect();
    let edits = attribute(expected, &texts, &names, actual)
        .map_err(|why| Refusal::new(why).help(by_hand))?;
    let mut targets = Vec::new();
    for edit in edits {
        let index = match edit {
            FragmentEdit::Text(index, _) | FragmentEdit::Removed(index) => index,
        };
        let origin = names.get(index).copied().unwrap_or_default();
        let file = context.files.iter().find(|file| &*file.origin == origin).copied();
        let Some(file) = file else {
            return Err(Refusal::new(format!("`{origin}` is not among the layers' files")));
        };
        targets.extend(match edit {
            FragmentEdit::Text(_, text) => {
                let bytes = with_inner(&file.bytes, &text);
                put(context, file.key(), Some(file), bytes, None, draft)?
            }
            FragmentEdit::Removed(_) => remove(context, file.key(), draft)?,
        });
    }
    Ok(targets)
}

type ContentName<'n> = (ContentKind, &'n RepoPath);

fn put(
    context: &LayerContext<'_>,
    (kind, name): ContentName<'_>,
    current: Option<&ContentFile>,
    bytes: Vec<u8>,
    executable: Option<bool>,
    draft: &mut Draft,
) -> Result<Vec<EditTarget>, Refusal> {
    let inside = format!("{}/{name}", kind.folder());
    context.permits(&["files", &inside].into_iter().collect(), false)?;
    if let Ok(text) = str::from_utf8(&bytes) {
        super::secrets::none_in_text(&inside, text)?;
    }
    if kind == ContentKind::Documents {
        return Err(Refusal::new("it is a document of a pack, which only packs have")
            .help("exclude it from the pack, and write a memory fragment that replaces it"));
    }
    let target = match current {
        None => context.target(None)?,
        Some(file) => {
            let winner = (context.stack.layers.iter())
                .rev()
                .find(|layer| brings(layer, (kind, name)))
                .ok_or_else(|| Refusal::new(format!("no layer has `{inside}`")))?;
            target_over(context, winner, file)?
        }
    };
    draft.put(target.folder.join(&inside), bytes, executable);
    Ok(vec![target])
}

fn target_over(
    context: &LayerContext<'_>,
    winner: &Layer,
    file: &ContentFile,
) -> Result<EditTarget, Refusal> {
    let target = match context.chosen {
        _ if context.audience == Audience::Personal => context.target(None)?,
        Some(kind) => context.target_of(kind, None),
        None if winner.pack.is_some() => return Err(context.vendored(&file.origin)),
        None => context.target_of(winner.name.kind, None),
    };
    context.reaches_everyone(&target)?;
    if winner.name.kind > target.rank.0 {
        return Err(Refusal::new(format!(
            "`{}` replaces it and takes precedence over the layer {}",
            file.origin, target.layer
        ))
        .help(format!("adopt it into the layer {}", winner.name)));
    }
    Ok(target)
}

fn remove(
    context: &LayerContext<'_>,
    (kind, name): ContentName<'_>,
    draft: &mut Draft,
) -> Result<Vec<EditTarget>, Refusal> {
    let inside = format!("{}/{name}", kind.folder());
    let key: KeyPath = ["files", &inside].into_iter().collect();
    context.permits(&key, true)?;
    let bringing: Vec<&Layer> = (context.stack.layers.iter())
        .filter(|layer| brings(layer, (kind, name)))
        .map(AsRef::as_ref)
        .collect();
    let Some(winner) = bringing.last() else {
        return Err(Refusal::new(format!("no layer has `{inside}`")));
    };
    let target = match context.chosen {
        _ if context.audience == Audience::Personal => context.target(None)?,
        Some(chosen) => context.target_of(chosen, None),
        None => context.target_of(winner.name.kind, None),
    };
    context.reaches_everyone(&target)?;
    if winner.name.kind > target.rank.0 {
        return Err(Refusal::new(format!("the layer {} has it and takes precedence", winner.name))
            .help(format!("adopt it into the layer {}", winner.name)));
    }
    let own = |layer: &&&Layer| layer.pack.is_none() && layer.name.kind == target.rank.0;
    let own = bringing.iter().filter(own).count();
    if own > 0 {
        draft.remove(target.folder.join(&inside));
    }
    if bringing.len() > own && context.audience == Audience::Shared {
        draft.edit(context, &target, |text| text.unset(&key.to_string()))?;
    }
    Ok(vec![target])
}

fn brings(layer: &Layer, key: ContentName<'_>) -> bool {
    layer.content.iter().any(|file| file.key() == key)
}

impl LayerContext<'_> {
    fn reaches_everyone(&self, target: &EditTarget) -> Result<(), Refusal> {
        if self.audience == Audience::Personal { Ok(()) } else { self.reaches(target) }
    }
}

/// Returns the new bytes with LF line endings, if the old bytes have only these.
fn like(old: &[u8], new: &[u8]) -> Vec<u8> {
    match (str::from_utf8(old), str::from_utf8(new)) {
        (Ok(old), Ok(new)) if !old.contains("\r\n") && old.contains('\n') => {
            new.replace("\r\n", "\n").into_bytes()
        }
        _ => new.to_vec(),
    }
}

/// Returns the bytes of a fragment's file with another text; surrounding blank lines, line endings and byte order mark stay.
fn with_inner(bytes: &[u8], inner: &str) -> Vec<u8> {
    let Ok(text) = str::from_utf8(bytes) else { return inner.as_bytes().to_vec() };
    let (mark, text) = match text.strip_prefix('\u{feff}') {
        Some(rest) => ("\u{feff}", rest),
        None => ("", text),
    };
    let crlf = text.contains("\r\n");
    let text = text.replace("\r\n", "\n");
    let start = text.len() - text.trim_start_matches('\n').len();
    let end = text.trim_matches('\n').trim_end().len() + start;
    let before = text.get(..start).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    let after = if after.is_empty() { "\n" } else { after };
    let whole = format!("{before}{inner}{after}");
    format!("{mark}{}", if crlf { whole.replace('\n', "\r\n") } else { whole }).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_around_a_fragment_stays() {
        let check = |old: &str, inner: &str, expect: &str| {
            let new = with_inner(old.as_bytes(), inner);
            assert_eq!(String::from_utf8(new).as_deref(), Ok(expect), "{old:?}");
        };
        check("a\nb\n", "a\nc", "a\nc\n");
        check("\n\na\n\n", "b", "\n\nb\n\n");
        check("a", "b", "b\n");
        check("\u{feff}a\r\nb\r\n", "a\nc", "\u{feff}a\r\nc\r\n");
        assert_eq!(like(b"a\nb\n", b"a\r\nc\r\n"), b"a\nc\n");
        assert_eq!(like(b"a\r\n", b"b\r\n"), b"b\r\n");
    }
}
