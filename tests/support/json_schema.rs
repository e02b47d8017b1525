//! The part of JSON Schema that the schemas of answers use. `tests/answers.rs` compares it with another validator.

use serde_json::Value as Json;

/// Returns what in a value does not match a schema, one line each. Panics at a keyword that it does not know.
pub(crate) fn errors(schema: &Json, value: &Json) -> Vec<String> {
    let mut errors = Vec::new();
    Validator { root: schema }.validate(schema, value, "", &mut errors);
    errors
}

struct Validator<'a> {
    root: &'a Json,
}

impl Validator<'_> {
    /// Adds what does not match. `at` is the JSON pointer of the value.
    fn validate(&self, schema: &Json, value: &Json, at: &str, errors: &mut Vec<String>) {
        let keywords = match schema {
            Json::Bool(true) => return,
            Json::Bool(false) => return errors.push(format!("{at}: nothing is allowed here")),
            schema => schema.as_object().expect("a schema"),
        };
        for (keyword, argument) in keywords {
            match keyword.as_str() {
                "$schema" | "$defs" | "title" | "description" => {}
                // What it says of numbers is said by `minimum` too.
                "format" => {
                    assert!(["uint", "uint64", "double"].map(Json::from).contains(argument));
                }
                "$ref" => {
                    let path = argument.as_str().and_then(|path| path.strip_prefix('#'));
                    let target = path.and_then(|path| self.root.pointer(path)).expect("a target");
                    self.validate(target, value, at, errors);
                }
                "type" => {
                    let names = argument.as_array().map_or(std::slice::from_ref(argument), |a| a);
                    if !names.iter().any(|name| is_a(value, name.as_str().expect("a type"))) {
                        errors.push(format!("{at}: {value} is no {argument}"));
                    }
                }
                "const" if argument != value => {
                    errors.push(format!("{at}: {value} is not {argument}"));
                }
                "enum" if !argument.as_array().expect("values").contains(value) => {
                    errors.push(format!("{at}: {value} is none of {argument}"));
                }
                "const" | "enum" => {}
                "minimum" => {
                    let number = value.as_f64();
                    if number.is_some_and(|number| number < argument.as_f64().expect("a number")) {
                        errors.push(format!("{at}: {value} is below {argument}"));
                    }
                }
                "anyOf" | "oneOf" => {
                    let schemas = argument.as_array().expect("schemas").iter();
                    let found: Vec<_> = schemas.map(|one| self.of(one, value, at)).collect();
                    let matched = found.iter().filter(|errors| errors.is_empty()).count();
                    if matched == 0 || (keyword == "oneOf" && matched > 1) {
                        errors.push(format!("{at}: {matched} of {keyword}: {found:?}"));
                    }
                }
                "required" => {
                    for name in argument.as_array().expect("names") {
                        let name = name.as_str().expect("a name");
                        if value.as_object().is_some_and(|object| !object.contains_key(name)) {
                            errors.push(format!("{at}: {name} is missing"));
                        }
                    }
                }
                "properties" | "additionalProperties" => {}
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.validate(argument, item, &format!("{at}/{index}"), errors);
                    }
                }
                _ => panic!("`{keyword}` is not known here: {schema:#}"),
            }
        }
        for (name, member) in value.as_object().into_iter().flatten() {
            let known = keywords.get("properties").and_then(|properties| properties.get(name));
            if let Some(schema) = known.or_else(|| keywords.get("additionalProperties")) {
                self.validate(schema, member, &format!("{at}/{name}"), errors);
            }
        }
    }

    fn of(&self, schema: &Json, value: &Json, at: &str) -> Vec<String> {
        let mut errors = Vec::new();
        self.validate(schema, value, at, &mut errors);
        errors
    }
}

fn is_a(value: &Json, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => panic!("there is no type {name}"),
    }
}

#[test]
fn each_keyword_is_enforced() {
    let schema = serde_json::json!({
        "type": "object",
        "required": ["a"],
        "properties": {
            "a": { "type": ["string", "null"] },
            "b": { "const": 1 },
            "c": { "enum": ["x", "y"] },
            "d": { "type": "integer", "format": "uint", "minimum": 0 },
            "e": { "type": "array", "items": { "$ref": "#/$defs/e" } },
            "f": { "anyOf": [{ "type": "number" }, { "type": "null" }] },
            "g": { "oneOf": [{ "type": "number" }, { "type": "integer" }] },
        },
        "additionalProperties": false,
        "$defs": { "e": { "type": "boolean" } },
    });
    let cases = [
        (r#"{"a": "", "b": 1, "c": "x", "d": 0, "e": [true], "f": null, "g": 1.5}"#, 0),
        (r#"{"a": null}"#, 0),
        (r#"{}"#, 1),
        (r#"[]"#, 1),
        (r#"{"a": 1}"#, 1),
        (r#"{"a": "", "b": 2}"#, 1),
        (r#"{"a": "", "c": "z"}"#, 1),
        (r#"{"a": "", "d": -1}"#, 1),
        (r#"{"a": "", "d": 0.5}"#, 1),
        (r#"{"a": "", "e": [true, 1, null]}"#, 2),
        (r#"{"a": "", "f": "1"}"#, 1),
        (r#"{"a": "", "g": 1}"#, 1),
        (r#"{"a": "", "more": 1}"#, 1),
    ];
    for (text, number) in cases {
        let value = serde_json::from_str(text).expect("JSON");
        let found = errors(&schema, &value);
        assert_eq!(found.len(), number, "{text}: {found:?}");
    }
}
