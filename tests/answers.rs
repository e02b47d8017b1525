//! Answers in JSON. `tests/support` validates each one that any test asks for; these tests make sure that it does, that there is
//! one of each kind, and that another validator agrees.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use claude_env_core::report::failure::KINDS;
use claude_env_core::report::schema::ALL;
use serde_json::{Value as Json, json};

use crate::remote::serve;
use crate::support::{Outcome, TestEnv, assert_valid, tool};

/// The checked-in schemas.
const SCHEMAS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schema/answers");

/// Returns an answer of each kind, by the name of its schema.
fn one_of_each() -> BTreeMap<&'static str, Json> {
    let env = TestEnv::new();
    env.example();
    env.workspace();
    let mut answers = BTreeMap::new();
    let mut ask = |folder: &str, arguments: &[&str]| {
        let outcome = env.run(&[&["-C", folder], arguments, &["--json"]].concat());
        let name = outcome.answer.unwrap_or_else(|| panic!("{arguments:?}: {outcome:?}"));
        answers.insert(name, outcome.json());
    };
    let wheel = tool("CLAUDE_ENV_TEST_SUPERCLAUDE_WHEEL");
    ask("config", &["check"]);
    ask("config", &["explain", "permissions.ask"]);
    ask("config", &["explain", "CE050"]);
    ask("config", &["render", "--output", "../out"]);
    ask("ws", &["init", "--source", "../config", "--team", "payments", "--no-hooks"]);
    ask("ws", &["hooks", "install"]);
    ask("ws", &["hooks", "status"]);
    env.edit("ws/.mcp.json", "\"type\": \"http\"", "\"type\": \"sse\"");
    ask("ws", &["sync"]);
    ask("ws", &["sync", "--all"]);
    ask("ws", &["status"]);
    ask("ws", &["status", "--all"]);
    ask("ws", &["drift"]);
    ask("ws", &["drift", "--all"]);
    ask("ws", &["adopt"]);
    ask("ws", &["doctor"]);
    ask("ws", &["rollback", "--list"]);
    ask("ws", &["rollback", "--dry-run"]);
    ask("ws", &["rollback", "99"]);
    env.config(&[("base/layer.toml", "packs = [\"superclaude\"]\n")]);
    ask("config", &["pack", "add", "superclaude@4.3.0", "--from", &wheel]);
    ask("config", &["pack", "list"]);
    answers.insert("sync-watch", watched(&env));
    answers
}

/// Returns the first answer of `sync --watch`.
fn watched(env: &TestEnv) -> Json {
    let mut command = env.claude_env();
    command.args(["-C", "ws", "sync", "--watch", "--json"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the program starts");
    let mut line = String::new();
    let read = BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut line);
    child.kill().expect("it ends");
    child.wait().expect("it ends");
    read.expect("a line");
    serde_json::from_str(&line).expect("JSON")
}

/// Runs check-jsonschema, and returns the names of the files that it refuses.
fn refused(env: &TestEnv, files: &[String]) -> BTreeSet<String> {
    let refs = ALL.iter().map(|answer| json!({ "$ref": format!("{}.json", answer.name) }));
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "anyOf": refs.collect::<Vec<_>>(),
    });
    env.write("schemas/any.json", schema.to_string());
    let mut validate = env.command(tool("CLAUDE_ENV_TEST_CHECK_JSONSCHEMA"));
    validate.args(["--output-format", "json", "--schemafile", "schemas/any.json"]).args(files);
    let report = env.outcome(&mut validate).json();
    assert_eq!(report["parse_errors"].as_array().map_or(0, Vec::len), 0, "{report:#}");
    let errors = report["errors"].as_array().into_iter().flatten();
    errors.map(|error| error["filename"].as_str().expect("a file").to_owned()).collect()
}

#[test]
fn each_answer_matches_its_schema_and_another_validator_agrees() {
    let answers = one_of_each();
    let names: Vec<&str> = answers.keys().copied().collect();
    assert_eq!(names, ALL.iter().map(|answer| answer.name).collect::<Vec<_>>());
    let env = TestEnv::new();
    crate::support::copy(Path::new(SCHEMAS), &env.join("schemas"));
    let (mut right, mut wrong) = (Vec::new(), Vec::new());
    for (name, answer) in &answers {
        assert_valid(name, answer);
        right.push(format!("{name}.json"));
        env.write(&format!("{name}.json"), answer.to_string());
        let mut more = answer.clone();
        more["undocumented"] = json!(1);
        let mut less = answer.clone();
        less.as_object_mut().expect("an object").shift_remove("ok");
        for (what, answer) in [("more", more), ("less", less)] {
            assert!(std::panic::catch_unwind(|| assert_valid(name, &answer)).is_err(), "{name}");
            let file = format!("{name}-{what}.json");
            env.write(&file, answer.to_string());
            wrong.push(file);
        }
    }
    assert_eq!(refused(&env, &right), BTreeSet::new());
    assert_eq!(refused(&env, &wrong), wrong.iter().cloned().collect());
}

#[test]
fn the_schemas_are_valid_themselves() {
    let env = TestEnv::new();
    let mut validate = env.command(tool("CLAUDE_ENV_TEST_CHECK_JSONSCHEMA"));
    validate.arg("--check-metaschema");
    validate.args(ALL.iter().map(|answer| format!("{SCHEMAS}/{}.json", answer.name)));
    env.outcome(&mut validate).code(0);
}

/// Returns the kind of a failure, with its message. Everything about it is on stdout, and for people on stderr.
#[track_caller]
fn failed(outcome: &Outcome, command: &str) -> (String, String) {
    assert_eq!(outcome.answer, Some("failure"), "{outcome:?}");
    let answer = outcome.json();
    assert_eq!((&answer["command"], &answer["ok"]), (&json!(command), &json!(false)));
    let error = &answer["error"];
    let text = |key: &str| error[key].as_str().expect("text").to_owned();
    let message = text("message");
    assert!(outcome.stderr.contains(&message), "`{message}` in {}", outcome.stderr);
    for hint in error["hints"].as_array().expect("hints") {
        let hint = hint.as_str().expect("text");
        assert!(outcome.stderr.contains(hint), "`{hint}` in {}", outcome.stderr);
    }
    assert_eq!(error["findings"] != json!([]), text("kind") == "findings", "{answer:#}");
    (text("kind"), message)
}

#[test]
fn each_kind_of_failure_is_an_answer() {
    let env = TestEnv::new();
    env.example();
    env.workspace();
    env.bind(&["--team", "payments"]).code(0);
    let mut kinds = BTreeSet::new();
    let mut expect = |kind: &str, says: &str, command: &str, outcome: &Outcome| {
        let (found, message) = failed(outcome, command);
        assert_eq!(found, kind, "{outcome:?}");
        assert!(message.contains(says), "`{says}` in `{message}`");
        kinds.insert(found);
    };
    let run = |arguments: &[&str]| env.run(arguments);
    expect(
        "usage",
        "nothing is set at",
        "show",
        &run(&["-C", "ws", "show", "nothing.here", "--json"]),
    );
    expect("usage", "'--bogus'", "sync", &run(&["-C", "ws", "sync", "--json", "--bogus"]));
    expect("usage", "'--bogus'", "sync", &run(&["sync", "--format=json", "--bogus"]));
    expect("usage", "'chekc'", "claude-env", &run(&["chekc", "--json"]));
    expect("usage", "neither a workspace", "drift", &run(&["drift", "--format", "json"]));
    let one_line = run(&["sync", "--watch", "--json"]);
    expect("usage", "not a workspace", "sync", &one_line);
    assert_eq!(one_line.stdout.lines().count(), 1, "a watch prints one line for each answer");
    env.write("file", "");
    let into_a_file = ["-C", "config", "render", "--output", "../file", "--json"];
    expect("io", "file", "render", &run(&into_a_file));

    let folder = std::fs::File::open(env.join("ws")).expect("the workspace");
    folder.lock().expect("the lock");
    env.edit("ws/.mcp.json", "\"type\": \"http\"", "\"type\": \"sse\"");
    let mut busy = env.claude_env();
    busy.env("CLAUDE_ENV_LOCK_TIMEOUT", "0").args(["-C", "ws", "sync", "--force", "--json"]);
    expect("busy", "another claude-env", "sync", &env.outcome(&mut busy));
    folder.unlock().expect("unlocked");

    let from = |address: &str| {
        let command = ["show", "--json", "--config-repo", address];
        env.run(&command)
    };
    expect("not_found", "not found, or no access", "show", &from("file:///nowhere/x.git"));
    let closed = "Content-Length: 0\r\nConnection: close\r\n\r\n";
    for (kind, status, says) in [
        ("auth", "403 Forbidden", "refuses access"),
        ("network", "503 Unavailable", "cannot reach"),
        ("rate_limited", "429 Too Many Requests", "429"),
    ] {
        let (port, _connections) = serve(format!("HTTP/1.1 {status}\r\n{closed}").leak());
        expect(kind, says, "show", &from(&format!("http://127.0.0.1:{port}/config")));
    }

    env.write("config/base/layer.toml", "[nonsense]\n");
    env.commit_config();
    expect("findings", "", "sync", &run(&["-C", "ws", "sync", "--json"]));
    assert_eq!(kinds, KINDS.map(str::to_owned).into());
}

#[test]
fn json_is_short_for_the_format() {
    let env = TestEnv::new();
    env.example();
    env.workspace();
    env.bind(&["--team", "payments"]).code(0);
    for (folder, arguments) in [
        ("config", ["check"].as_slice()),
        ("config", &["show"]),
        ("config", &["explain", "permissions.ask"]),
        ("config", &["pack", "list"]),
        ("config", &["render", "--output", "../out", "--dry-run"]),
        ("ws", &["sync"]),
        ("ws", &["status"]),
        ("ws", &["drift"]),
        ("ws", &["doctor"]),
        ("ws", &["adopt"]),
        ("ws", &["hooks", "status"]),
        ("ws", &["rollback", "--list"]),
        ("ws", &["init", "--source", "../config", "--team", "payments", "--dry-run"]),
    ] {
        let run = |format: &[&str]| env.run(&[&["-C", folder], arguments, format].concat());
        let long = run(&["--format", "json"]);
        assert_eq!(run(&["--json"]), long, "{arguments:?}");
        assert_eq!(long.answer.is_some(), arguments != ["show"], "{arguments:?}");
        assert_eq!(run(&["--json", "--format", "human"]).code, Some(2), "{arguments:?}");
    }
}
