//! Adopting values and items of lists.

use serde_json::Value as Json;

use super::Refusal;
use super::draft::Draft;
use super::layer_context::{Audience, EditTarget, LayerContext, LayerDocument};
use super::layer_text::LayerText;
use super::secrets;
use crate::merge::Strategy;
use crate::source::{KeyPath, Node};

/// Returns the segments of a key as text.
fn keys(key: &KeyPath) -> Vec<&str> {
    key.segments().iter().map(AsRef::as_ref).collect()
}

/// Sets the value of a key. `around` is the document for a value that no document defines yet; `expected` is the rendered
/// value.
pub(super) fn set(
    context: &LayerContext<'_>,
    key: &KeyPath,
    (expected, actual): (Option<&Json>, &Json),
    around: Option<&LayerDocument<'_>>,
    draft: &mut Draft,
) -> Result<Vec<EditTarget>, Refusal> {
    context.permits(key, false)?;
    context.no_reference(key)?;
    secrets::none_in(key, actual)?;
    let chain = context.chain(key);
    let winner = chain.first().map(|(doc, _)| doc).or(around);
    if let (Some((_, node)), Some(new)) = (chain.first(), actual.as_array())
        && let Some(old) = node.as_array().filter(|_| accumulates(context, key))
        && context.audience == Audience::Shared
    {
        return exchange(context, key, &jsons(old), new, draft);
    }
    let target = context.target(winner)?;
    draft.edit(context, &target, |text| {
        let own = text.get(&keys(key));
        match (context.audience, own.as_ref().and_then(Json::as_array), expected, actual) {
            // A personal list contains only the items that the shared one lacks.
            (Audience::Personal, Some(own), Some(Json::Array(before)), Json::Array(after)) => {
                let kept = own.iter().filter(|item| after.contains(item) || !before.contains(item));
                let added = after.iter().filter(|item| !before.contains(item));
                text.set(&keys(key), &kept.chain(added).cloned().collect())
            }
            _ => text.set(&keys(key), actual),
        }
    })?;
    Ok(vec![target])
}

/// Removes a value from the document that defines it, and adds an `unset` if a lower layer defines it too.
pub(super) fn remove(
    context: &LayerContext<'_>,
    key: &KeyPath,
    draft: &mut Draft,
) -> Result<Vec<EditTarget>, Refusal> {
    let mut below = Vec::new();
    if let Some(node) = context.merged.root.at(key) {
        node.walk(&mut key.clone(), &mut |path, _| below.push(path.clone()));
    }
    context.permits(key, true)?;
    below.iter().try_for_each(|path| context.permits(path, true))?;
    let chain = context.chain(key);
    let Some((winner, _)) = chain.first() else {
        return Err(Refusal::new(format!("no layer defines `{key}`")));
    };
    let target = context.target_of_removal(winner)?;
    let lower = context.audience == Audience::Shared
        && chain.iter().any(|(doc, _)| doc.rank() < target.rank);
    let mut there = false;
    draft.edit(context, &target, |text| {
        there = text.remove(&keys(key));
        if lower { text.unset(&key.to_string()) } else { Ok(()) }
    })?;
    if !there && !lower {
        return Err(not_said_there(key, &target));
    }
    Ok(vec![target])
}

/// Adds an item to a list.
pub(super) fn add_item(
    context: &LayerContext<'_>,
    key: &KeyPath,
    item: &Json,
    draft: &mut Draft,
) -> Result<Vec<EditTarget>, Refusal> {
    context.permits(key, false)?;
    secrets::none_in(key, item)?;
    let chain = context.chain(key);
    let winner = chain.first().filter(|_| !accumulates(context, key)).map(|(doc, _)| doc);
    let target = context.target(winner)?;
    if let Some(winner) = winner
        && context.audience == Audience::Shared
        && winner.rank() < target.rank
    {
        let said = context.sources.get(winner.document.source).path.clone();
        return Err(Refusal::new(format!(
            "a layer's `{key}` replaces that of the layers below, so a list in the layer {} would hide the one in `{said}`",
            target.layer
        ))
        .help(format!(
            "adopt it into the layer {}, or let lists accumulate: `\"{key}\" = \"union\"` in `[merge]` of the manifest",
            winner.layer.name
        )));
    }
    draft.edit(context, &target, |text| text.add_item(&keys(key), item))?;
    Ok(vec![target])
}

/// Removes an item from a list.
pub(super) fn remove_item(
    context: &LayerContext<'_>,
    key: &KeyPath,
    item: &Json,
    draft: &mut Draft,
) -> Result<Vec<EditTarget>, Refusal> {
    context.permits(key, true)?;
    let holders = holders(context, key, item);
    let Some(winner) = holders.last() else {
        return Err(Refusal::new(format!("no layer has it in `{key}`")));
    };
    let target = context.target_of_removal(winner)?;
    let lower =
        context.audience == Audience::Shared && holders.iter().any(|doc| doc.rank() < target.rank);
    let unset = match (lower, item.as_str()) {
        (false, _) => None,
        (true, Some(text)) => Some(key.join(text).to_string()),
        (true, None) => {
            return Err(Refusal::new(format!(
                "a lower layer has it in `{key}` too, and `unset` cannot name an item that is not a string"
            ))
            .help("remove it from the lower layer by hand"));
        }
    };
    let mut there = false;
    let is_list_of_rules =
        key.segments().first().is_some_and(|table| matches!(&**table, "hooks" | "permissions"));
    let is_alone = is_list_of_rules && context.chain(key).len() == 1;
    draft.edit(context, &target, |text| {
        there = text.remove_item(&keys(key), item);
        if is_alone {
            text.remove_empty_array(&keys(key));
        }
        unset.as_ref().map_or(Ok(()), |entry| text.unset(entry))
    })?;
    if !there && unset.is_none() {
        return Err(not_said_there(key, &target));
    }
    Ok(vec![target])
}

/// Replaces an item of a list, in place if only one document has it.
pub(super) fn replace_item(
    context: &LayerContext<'_>,
    key: &KeyPath,
    (old, new): (&Json, &Json),
    draft: &mut Draft,
) -> Result<Vec<EditTarget>, Refusal> {
    context.permits(key, true)?;
    secrets::none_in(key, new)?;
    let holders = holders(context, key, old);
    if let [only] = holders.as_slice()
        && only.layer.pack.is_none()
    {
        let target = context.target(Some(only))?;
        let mut there = false;
        draft.edit(context, &target, |text: &mut LayerText| {
            there = text.replace_item(&keys(key), old, new)?;
            Ok(())
        })?;
        if there {
            return Ok(vec![target]);
        }
    }
    let mut targets = remove_item(context, key, old, draft)?;
    targets.extend(add_item(context, key, new, draft)?);
    Ok(targets)
}

/// Changes a list that accumulates over the layers.
fn exchange(
    context: &LayerContext<'_>,
    key: &KeyPath,
    old: &[Json],
    new: &[Json],
    draft: &mut Draft,
) -> Result<Vec<EditTarget>, Refusal> {
    let mut targets = Vec::new();
    for item in old.iter().filter(|item| !new.contains(item)) {
        targets.extend(remove_item(context, key, item, draft)?);
    }
    for item in new.iter().filter(|item| !old.contains(item)) {
        targets.extend(add_item(context, key, item, draft)?);
    }
    Ok(targets)
}

/// Returns the documents that add an item to the merged list, lowest precedence first.
fn holders<'a>(context: &LayerContext<'a>, key: &KeyPath, item: &Json) -> Vec<LayerDocument<'a>> {
    let has = |doc: &LayerDocument<'a>| {
        let list = doc.document.root.at(key).and_then(Node::as_array).unwrap_or_default();
        list.iter().any(|node| node.to_json() == *item)
    };
    if accumulates(context, key) {
        return context.docs().filter(has).collect();
    }
    let chain = context.chain(key);
    chain.first().map(|(doc, _)| *doc).into_iter().filter(has).collect()
}

fn accumulates(context: &LayerContext<'_>, key: &KeyPath) -> bool {
    matches!(context.strategies.of(key).0, Strategy::Union | Strategy::Append)
}

fn jsons(nodes: &[std::sync::Arc<Node>]) -> Vec<Json> {
    nodes.iter().map(|node| node.to_json()).collect()
}

fn not_said_there(key: &KeyPath, target: &EditTarget) -> Refusal {
    Refusal::new(format!("the layer {} does not define `{key}` itself", target.layer))
}

impl<'a> LayerContext<'a> {
    /// Returns the document in which to remove a value that `winner` defines: for a pack, the document of the layer that
    /// names it.
    pub(super) fn target_of_removal(
        &self,
        winner: &LayerDocument<'a>,
    ) -> Result<EditTarget, Refusal> {
        let vendored = self.audience == Audience::Shared && winner.layer.pack.is_some();
        if !vendored || self.chosen.is_some() {
            return self.target(Some(winner));
        }
        let target = self.target_of(winner.layer.name.kind, None);
        self.reaches(&target)?;
        Ok(target)
    }
}
