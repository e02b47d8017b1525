//! The JSON Schemas of the answers, made from their types. Nothing here is run unless a schema is asked for.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::{Value as Json, json};

use super::drift::Drift;
use super::fleet::Fleet;
use super::status::Status;
use super::sync::Sync;
use super::{
    Answer, adopt, doctor, explain, failure, findings, hooks, init, pack, render, rollback, watch,
};

/// An answer that has a schema.
#[derive(Clone, Copy, Debug)]
pub struct AnswerSchema {
    /// The name of the schema.
    pub name: &'static str,
    /// The command that gives the answer; empty for one that every command can give.
    pub command: &'static str,
    /// When the command gives it.
    pub when: &'static str,
    make: fn() -> Schema,
}

/// Every answer, by name.
pub const ALL: &[AnswerSchema] = &[
    of::<Answer<adopt::Adopt>>("adopt", "adopt", "adopt"),
    of::<Answer<findings::Check>>("check", "check", "check"),
    of::<Answer<doctor::Doctor>>("doctor", "doctor", "doctor"),
    of::<Answer<Drift>>("drift", "drift", "drift"),
    of::<Answer<Fleet<Drift>>>("drift-all", "drift", "drift --all"),
    of::<Answer<explain::Explain>>("explain", "explain", "explain KEY"),
    of::<Answer<explain::Code>>("explain-code", "explain", "explain CODE"),
    of::<Answer<failure::Failed>>("failure", "", "any command that fails"),
    of::<Answer<hooks::Changed>>("hooks", "hooks", "hooks install, hooks uninstall"),
    of::<Answer<hooks::Status>>("hooks-status", "hooks", "hooks status"),
    of::<Answer<init::Init>>("init", "init", "init"),
    of::<Answer<pack::Change>>("pack", "pack", "pack add, pack update"),
    of::<Answer<pack::Packs>>("pack-list", "pack", "pack list"),
    of::<Answer<render::Render>>("render", "render", "render"),
    of::<Answer<rollback::Rollback>>("rollback", "rollback", "rollback"),
    of::<Answer<rollback::Generations>>("rollback-list", "rollback", "rollback --list"),
    of::<Answer<Status>>("status", "status", "status"),
    of::<Answer<Fleet<Status>>>("status-all", "status", "status --all"),
    of::<Answer<Sync>>("sync", "sync", "sync"),
    of::<Answer<Fleet<Sync>>>("sync-all", "sync", "sync --all"),
    of::<watch::Round>("sync-watch", "sync", "sync --watch, one object a line"),
];

const fn of<T: JsonSchema>(
    name: &'static str,
    command: &'static str,
    when: &'static str,
) -> AnswerSchema {
    AnswerSchema { name, command, when, make: make::<T> }
}

fn make<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<T>()
}

/// Returns the answer of this name; `None` if there is none.
pub fn find(name: &str) -> Option<&'static AnswerSchema> {
    ALL.iter().find(|answer| answer.name == name)
}

impl AnswerSchema {
    /// Returns the JSON Schema, draft 2020-12.
    pub fn schema(&self) -> Json {
        let mut schema = (self.make)();
        RecursiveTransform(closed).transform(&mut schema);
        if !self.command.is_empty() {
            one_command(&mut schema, self.command);
        }
        let title = format!("claude-env {} --format json", self.when);
        let title =
            if self.command.is_empty() { "claude-env: a failure".to_owned() } else { title };
        schema.insert("title".to_owned(), json!(title));
        schema.to_value()
    }
}

/// Has an object take no other members than those that are documented.
fn closed(schema: &mut Schema) {
    if schema.get("properties").is_some() && schema.get("additionalProperties").is_none() {
        schema.insert("additionalProperties".to_owned(), json!(false));
    }
}

/// Says which command it is.
fn one_command(schema: &mut Schema, command: &str) {
    if let Some(property) = schema.pointer_mut("/properties/command") {
        property["const"] = json!(command);
    }
    transform_subschemas(&mut |schema: &mut Schema| one_command(schema, command), schema);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_is_closed_and_every_member_is_documented() {
        fn look(name: &str, schema: &Json) {
            if let Some(properties) = schema.get("properties").and_then(Json::as_object) {
                assert_eq!(schema["additionalProperties"], json!(false), "{name}: {schema:#}");
                for (key, property) in properties {
                    assert!(property.get("description").is_some(), "{name}: {key}: {property:#}");
                }
            }
            match schema {
                Json::Object(map) => map.values().for_each(|schema| look(name, schema)),
                Json::Array(items) => items.iter().for_each(|schema| look(name, schema)),
                _ => {}
            }
        }
        for answer in ALL {
            look(answer.name, &answer.schema());
        }
        assert!(ALL.windows(2).all(|pair| pair[0].name < pair[1].name));
    }

    #[test]
    fn a_schema_names_its_command() {
        for answer in ALL.iter().filter(|answer| !answer.command.is_empty()) {
            let text = answer.schema().to_string();
            assert!(text.contains(&format!("\"const\":\"{}\"", answer.command)), "{text}");
        }
    }
}
