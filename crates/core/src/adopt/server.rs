//! Adopting MCP servers: one entry in the workspace, many keys in the layers.

use serde_json::{Map, Value as Json};

use super::Refusal;
use super::draft::Draft;
use super::layer_context::{EditTarget, LayerContext, LayerDocument};
use super::secrets::{self, Variables};
use super::values;
use crate::source::{KeyPath, Node};

/// Adopts a change of a server. Fails when the change cannot be expressed in a layer, or the policy forbids it.
pub(super) fn adopt(
    context: &LayerContext<'_>,
    key: &KeyPath,
    (expected, actual): (Option<&Json>, Option<&Json>),
    draft: &mut Draft,
) -> Result<Vec<EditTarget>, Refusal> {
    let Some(actual) = actual else { return values::remove(context, key, draft) };
    let Json::Object(actual) = actual else {
        return Err(Refusal::new("it is not an object, so not a server"));
    };
    let node = context.merged.root.at(key);
    match (node, expected.and_then(Json::as_object)) {
        (Some(node), Some(expected)) => {
            ServerChange { context, key, node, expected, actual, targets: Vec::new() }.run(draft)
        }
        (Some(_), None) => {
            Err(Refusal::new("a layer defines a server of this name that is not rendered"))
        }
        (None, _) => add(context, key, actual, draft),
    }
}

/// Adds a server that no layer defines.
fn add(
    context: &LayerContext<'_>,
    key: &KeyPath,
    actual: &Map<String, Json>,
    draft: &mut Draft,
) -> Result<Vec<EditTarget>, Refusal> {
    context.permits(key, false)?;
    for name in actual.keys() {
        context.permits(&key.join(name), false)?;
    }
    let mut table = actual.clone();
    // A server with a command is a stdio server.
    if table.get("type").and_then(Json::as_str) == Some("stdio") {
        table.shift_remove("type");
    }
    let variables = Variables::of(&context.merged.root);
    for field in ["env", "headers"] {
        if let Some(value) = table.get_mut(field) {
            *value = variables.referred(value);
        }
    }
    let table = Json::Object(table);
    secrets::none_in(key, &table)?;
    let target = context.target(None)?;
    let path: Vec<&str> = key.segments().iter().map(AsRef::as_ref).collect();
    draft.edit(context, &target, |text| text.set(&path, &table))?;
    Ok(vec![target])
}

/// A change of a server that layers define.
struct ServerChange<'c, 'a> {
    context: &'c LayerContext<'a>,
    key: &'c KeyPath,
    /// The merged server, as layers define it.
    node: &'a Node,
    expected: &'c Map<String, Json>,
    actual: &'c Map<String, Json>,
    targets: Vec<EditTarget>,
}

impl ServerChange<'_, '_> {
    fn run(mut self, draft: &mut Draft) -> Result<Vec<EditTarget>, Refusal> {
        let gone = self.expected.keys().filter(|name| !self.actual.contains_key(*name));
        let fields: Vec<&String> = self.actual.keys().chain(gone).collect();
        for field in fields {
            let (before, after) = (self.expected.get(field), self.actual.get(field));
            if before == after {
                continue;
            }
            match (field.as_str(), before, after) {
                ("type", _, Some(after)) if self.is_implied(after) => {}
                ("type", _, None) if self.node.get("type").is_none() => {}
                ("args", Some(Json::Array(before)), after) if self.node.get("kind").is_some() => {
                    let none = Vec::new();
                    let after = after.and_then(Json::as_array).unwrap_or(&none);
                    self.arguments(before, after, draft)?;
                }
                ("env" | "headers", ..) => self.pairs(field, before, after, draft)?,
                _ => self.field(&self.key.join(field), before, after, draft)?,
            }
        }
        Ok(self.targets)
    }

    /// Returns true if no layer defines the type, and none has to.
    fn is_implied(&self, word: &Json) -> bool {
        let word = word.as_str();
        self.node.get("type").is_none()
            && (word == Some("stdio") && self.actual.contains_key("command")
                || word == Some("http") && self.actual.contains_key("url"))
    }

    fn pairs(
        &mut self,
        field: &str,
        before: Option<&Json>,
        after: Option<&Json>,
        draft: &mut Draft,
    ) -> Result<(), Refusal> {
        let none = Map::new();
        let map = |json: Option<&'_ Json>| json.and_then(Json::as_object).cloned();
        let (before, after) = (map(before).unwrap_or(none.clone()), map(after).unwrap_or(none));
        let gone = before.keys().filter(|name| !after.contains_key(*name));
        for name in after.keys().chain(gone) {
            let (old, new) = (before.get(name), after.get(name));
            if old != new {
                let new = new.map(|new| Variables::of(&self.context.merged.root).referred(new));
                self.field(&self.key.join(field).join(name), old, new.as_ref(), draft)?;
            }
        }
        Ok(())
    }

    fn field(
        &mut self,
        key: &KeyPath,
        before: Option<&Json>,
        after: Option<&Json>,
        draft: &mut Draft,
    ) -> Result<(), Refusal> {
        let said = self.context.merged.root.at(key).is_some();
        let around = self.own_document();
        match after {
            Some(after) => {
                let values = (before, after);
                self.targets.extend(values::set(
                    self.context,
                    key,
                    values,
                    around.as_ref(),
                    draft,
                )?);
            }
            None if said => {
                self.context.no_reference(key)?;
                self.targets.extend(values::remove(self.context, key, draft)?);
            }
            None => {
                let kind = self.kind();
                return Err(Refusal::new(format!("`{key}` comes from `kind = \"{kind}\"`"))
                    .help("define the server in the layer with a `command` or a `url` instead of its `kind`"));
            }
        }
        Ok(())
    }

    /// Adopts the arguments of a server of the catalogue: those of its kind, then those of the layers.
    fn arguments(
        &mut self,
        before: &[Json],
        after: &[Json],
        draft: &mut Draft,
    ) -> Result<(), Refusal> {
        let own = self.node.get("args").and_then(|args| args.as_array()).map_or(0, <[_]>::len);
        let preset = before.get(..before.len().saturating_sub(own)).unwrap_or_default();
        let Some((version, rest)) = after_preset(preset, after) else {
            let kind = self.kind();
            return Err(Refusal::new(format!(
                "the first arguments come from `kind = \"{kind}\"`, and were changed"
            ))
            .help("define the server in the layer with a `command` instead of its `kind`"));
        };
        let key = self.key;
        if let Some(version) = version {
            let before = self.node.get("version").map(|node| node.to_json());
            let version = Json::from(version);
            self.field(&key.join("version"), before.as_ref(), Some(&version), draft)?;
        }
        let own: Vec<Json> = before.get(preset.len()..).unwrap_or_default().to_vec();
        if own != rest {
            let rest = (!rest.is_empty()).then(|| Json::Array(rest.to_vec()));
            self.field(&key.join("args"), Some(&Json::Array(own)), rest.as_ref(), draft)?;
        }
        Ok(())
    }

    fn kind(&self) -> String {
        let kind = self.node.get("kind").and_then(|kind| kind.as_str());
        kind.unwrap_or_default().to_owned()
    }

    /// Returns the document of highest precedence that defines the server; `None` if none does.
    fn own_document(&self) -> Option<LayerDocument<'_>> {
        self.context.chain(self.key).first().map(|(doc, _)| *doc)
    }
}

/// Returns the arguments after those of a preset, and the version of its package if that differs; `None` if others differ.
fn after_preset<'a>(preset: &[Json], after: &'a [Json]) -> Option<(Option<String>, &'a [Json])> {
    let mut version = None;
    for (ours, theirs) in preset.iter().zip(after) {
        if ours == theirs {
            continue;
        }
        let package = |text: &'_ Json| {
            let (package, version) = text.as_str()?.rsplit_once('@')?;
            Some((package.to_owned(), version.to_owned()))
        };
        let ((ours, _), (theirs, new)) = (package(ours)?, package(theirs)?);
        if ours != theirs || version.is_some() {
            return None;
        }
        version = Some(new);
    }
    Some((version, after.get(preset.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_preset_may_have_another_version_and_more_arguments() {
        let preset = [json!("-y"), json!("@x/y@1.0.0")];
        let check = |after: Json, expect: Option<(Option<&str>, usize)>| {
            let after = after.as_array().expect("an array").clone();
            let found = after_preset(&preset, &after);
            let found = found.map(|(version, rest)| (version, rest.len()));
            let expect = expect.map(|(version, rest)| (version.map(str::to_owned), rest));
            assert_eq!(found, expect, "{after:?}");
        };
        check(json!(["-y", "@x/y@1.0.0", "-v"]), Some((None, 1)));
        check(json!(["-y", "@x/y@1.1.0"]), Some((Some("1.1.0"), 0)));
        check(json!(["-y", "@x/z@1.0.0"]), None);
        check(json!(["@x/y@1.0.0"]), None);
        check(json!(["-n", "@x/y@1.0.0"]), None);
    }
}
