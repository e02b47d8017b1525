//! Every JSON output of the program is validated: whatever a test looks at, the output must match the schema of an answer.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::LazyLock;

use claude_env_core::report::schema::ALL;
use serde_json::Value as Json;

use super::json_schema;

/// The schemas of the answers, by name, with the command of each.
static SCHEMAS: LazyLock<BTreeMap<&str, (&str, Json)>> = LazyLock::new(|| {
    ALL.iter().map(|answer| (answer.name, (answer.command, answer.schema()))).collect()
});

/// Validates what a command printed, and returns the name of the schema that it matches; `None` if the command is not the
/// program, or was not asked for JSON. The exit code must be one that is documented, and fit the answer.
#[track_caller]
pub(super) fn validated(command: &Command, output: &Output) -> Option<&'static str> {
    let is_program =
        Path::new(command.get_program()).file_stem().is_some_and(|n| n == "claude-env");
    let arguments: Vec<&str> =
        command.get_args().map(|argument| argument.to_str().unwrap_or_default()).collect();
    if !is_program || !asks_for_json(&arguments) {
        return None;
    }
    let code = output.status.code();
    // `show` prints the value itself.
    if arguments.contains(&"show") && code == Some(0) {
        return None;
    }
    let value: Json = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{arguments:?}: {error}: {}", String::from_utf8_lossy(&output.stdout))
    });
    let (name, right) = match value.get("error") {
        Some(error) => ("failure", code_of(error["kind"].as_str().expect("a kind"))),
        None => {
            let command = value["command"].as_str().expect("a command");
            let named = SCHEMAS.iter().filter(|(_, (known, _))| *known == command);
            let errors =
                named.map(|(name, (_, schema))| (*name, json_schema::errors(schema, &value)));
            let errors: Vec<_> = errors.collect();
            let Some((name, _)) = errors.iter().find(|(_, errors)| errors.is_empty()) else {
                panic!("{arguments:?}: {errors:#?}\n{value:#}");
            };
            (*name, i32::from(value["ok"] != true))
        }
    };
    assert_valid(name, &value);
    let fleet = value.get("workspaces").is_some() && arguments.contains(&"--all");
    // With `--all`, a failure in one workspace decides about the exit code, and the answer says so.
    let right = if fleet { fleet_code(&value, right) } else { right };
    assert_eq!(code, Some(right), "{arguments:?}: {value:#}");
    Some(name)
}

/// Fails unless a value matches the schema of an answer.
#[track_caller]
pub(crate) fn assert_valid(name: &str, value: &Json) {
    let (_, schema) = SCHEMAS.get(name).unwrap_or_else(|| panic!("there is no answer {name}"));
    let errors = json_schema::errors(schema, value);
    assert!(errors.is_empty(), "{name}: {errors:#?}\n{value:#}");
}

fn asks_for_json(arguments: &[&str]) -> bool {
    let end = arguments.iter().position(|argument| *argument == "--").unwrap_or(arguments.len());
    let options = &arguments[..end];
    options.iter().any(|argument| matches!(*argument, "--json" | "--format=json"))
        || options.windows(2).any(|pair| pair == ["--format", "json"])
}

/// Returns the exit code of a kind of failure, as `docs/exit-codes.md` has it.
fn code_of(kind: &str) -> i32 {
    if matches!(kind, "usage" | "findings") { 2 } else { 3 }
}

fn fleet_code(value: &Json, otherwise: i32) -> i32 {
    let workspaces = value["workspaces"].as_array().expect("workspaces").iter();
    let kinds = workspaces.filter_map(|one| one["error"]["kind"].as_str());
    kinds.map(code_of).max().unwrap_or(otherwise)
}
