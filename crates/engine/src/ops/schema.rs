//! `schema`: JSON Schemas of our files, generated from the shapes that `check` uses.

use serde_json::{Map, Value as Json, json};

use claude_env_core::agent::claude_code::hooks::EVENTS;
use claude_env_core::agent::claude_code::settings::{self, HOOK_MATCHER, PERMISSIONS, Reach};
use claude_env_core::model::catalogue::presets;
use claude_env_core::schema::{BINDING, LAYER, MANIFEST, Shape, TableShape};

/// The files that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaOf {
    /// `layer.toml`.
    Layer,
    /// `claude-env.toml`.
    Manifest,
    /// `.claude-env.toml`.
    Binding,
}

/// Returns the schema of a file, in JSON Schema draft-07, which TOML editors support.
pub fn schema(of: SchemaOf) -> Json {
    let (table, title) = match of {
        SchemaOf::Layer => (&LAYER, "claude-env layer: layer.toml and layer.<environment>.toml"),
        SchemaOf::Manifest => (&MANIFEST, "claude-env config repository: claude-env.toml"),
        SchemaOf::Binding => (&BINDING, "claude-env workspace binding: .claude-env.toml"),
    };
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
    schema.insert("title".to_owned(), json!(title));
    if let Json::Object(body) = table_schema(table) {
        schema.extend(body);
    }
    let mut schema = Json::Object(schema);
    if of == SchemaOf::Layer {
        passthrough(&mut schema["properties"]);
        schema["definitions"] = json!({ "hookMatcher": table_schema(&HOOK_MATCHER) });
    }
    schema
}

/// Adds the keys of Claude Code to the tables that are passed through. They stay open, since an unknown key is only a warning.
fn passthrough(properties: &mut Json) {
    let settings: Map<String, Json> = settings::all()
        .filter(|setting| !matches!(setting.reach, Reach::Table(_)))
        .map(|setting| {
            let mut schema = shape_schema(&setting.shape);
            if !setting.doc.is_empty() {
                schema["description"] = json!(setting.doc);
            }
            if setting.deprecated.is_some() {
                schema["deprecated"] = json!(true);
            }
            (setting.name.to_owned(), schema)
        })
        .collect();
    properties["settings"]["properties"] = Json::Object(settings);
    let mut permissions = table_schema(&PERMISSIONS);
    permissions["additionalProperties"] = json!(true);
    permissions["description"] = properties["permissions"]["description"].clone();
    properties["permissions"] = permissions;
    let events: Map<String, Json> = EVENTS
        .iter()
        .map(|event| {
            (
                event.name.to_owned(),
                json!({ "type": "array", "items": { "$ref": "#/definitions/hookMatcher" } }),
            )
        })
        .collect();
    properties["hooks"]["properties"] = Json::Object(events);
    let kinds: Vec<Json> = presets()
        .iter()
        .map(|preset| {
            let variables = preset.variables.iter().map(|(name, what)| format!(" {name}: {what}"));
            let about = variables.fold(preset.doc.to_string(), |text, more| text + &more);
            json!({ "const": *preset.kind, "description": about })
        })
        .collect();
    properties["mcp_servers"]["additionalProperties"]["properties"]["kind"]["oneOf"] = json!(kinds);
}

fn table_schema(table: &TableShape) -> Json {
    let properties: Map<String, Json> = (table.fields.iter())
        .map(|field| {
            let mut schema = shape_schema(&field.shape);
            if let Json::Object(map) = &mut schema
                && !field.doc.is_empty()
            {
                map.insert("description".to_owned(), json!(field.doc));
            }
            (field.name.to_owned(), schema)
        })
        .collect();
    let required: Vec<&str> =
        table.fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": table.open,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn shape_schema(shape: &Shape) -> Json {
    match shape {
        Shape::Any => json!({}),
        Shape::Bool => json!({ "type": "boolean" }),
        Shape::Int { min, max } => {
            let mut schema = json!({ "type": "integer" });
            if *min != i64::MIN {
                schema["minimum"] = json!(min);
            }
            if *max != i64::MAX {
                schema["maximum"] = json!(max);
            }
            schema
        }
        Shape::Number { min, max } => {
            let mut schema = json!({ "type": "number" });
            if min.is_finite() {
                schema["minimum"] = json!(min);
            }
            if max.is_finite() {
                schema["maximum"] = json!(max);
            }
            schema
        }
        Shape::Above { bound, max } => {
            let mut schema = json!({ "type": "number", "exclusiveMinimum": bound });
            if max.is_finite() {
                schema["maximum"] = json!(max);
            }
            schema
        }
        Shape::OneOfStrOr { words, prefix } => json!({
            "type": "string",
            "anyOf": [{ "enum": words }, { "pattern": format!("^{prefix}") }],
        }),
        Shape::Str => json!({ "type": "string" }),
        Shape::NonEmptyStr => json!({ "type": "string", "pattern": "\\S" }),
        Shape::OneOfStr(words) => json!({ "type": "string", "enum": words }),
        // Editors pass TOML dates to the validator as text.
        Shape::Date => json!({ "type": "string", "format": "date" }),
        Shape::Array(item) => json!({ "type": "array", "items": shape_schema(item) }),
        Shape::Map(value) => {
            json!({ "type": "object", "additionalProperties": shape_schema(value) })
        }
        Shape::Table(table) => table_schema(table),
        Shape::Either(shapes) => {
            json!({ "anyOf": shapes.iter().map(shape_schema).collect::<Vec<_>>() })
        }
    }
}
