use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::super::actual::ActualFile;
use super::super::compare::compare;
use super::super::digest::DigestCache;
use super::super::lock::LOCK_FILE;
use super::*;
use crate::agent::EntryKind;
use crate::render::{JsonEntry, JsonPart, Part, RenderedFile, Rendering};
use crate::source::{Sources, Span};

fn path(text: &str) -> RepoPath {
    RepoPath::parse(text).expect("a path")
}

/// A rendering of `.mcp.json` with these servers, and of settings with these rules denied.
fn rendering(servers: &[(&str, Json)], rules: &[&str]) -> Rendering {
    let origin = Span::new(Sources::default().add("base/layer.toml", "base", ""), 0..0);
    let entry = |pointer: [&str; 2], kind, value| JsonEntry {
        pointer: pointer.into_iter().collect(),
        kind,
        value,
        origin,
    };
    let servers = servers
        .iter()
        .map(|(name, value)| entry(["mcpServers", name], EntryKind::Value, value.clone()))
        .collect();
    let rules = rules
        .iter()
        .map(|rule| entry(["permissions", "deny"], EntryKind::Item, Json::from(*rule)))
        .collect();
    let part = |entries, skeleton| Part::Json(JsonPart { entries, skeleton });
    let file = |name: &str, part| RenderedFile { path: path(name), part, origins: Arc::default() };
    Rendering {
        files: vec![
            file(".claude/settings.json", part(rules, json!({}))),
            file(".mcp.json", part(servers, json!({"mcpServers": {}}))),
        ],
    }
}

fn plan(last: &Rendering, wanted: &Rendering, files: &[(&str, &str)]) -> Plan {
    let mut cache = DigestCache::default();
    let desired = Desired::new(wanted, &mut cache);
    let lock = Lock::of(Header::default(), &Desired::new(last, &mut cache)).to_text();
    let expected = Lock::of(Header::default(), &desired);
    let lock =
        LockState::read(LOCK_FILE, Some(lock.as_bytes()), None, || expected).expect("a lock");
    let actual = files.iter().map(|(name, text)| {
        (path(name), ActualFile::Bytes { bytes: text.as_bytes().to_vec(), executable: false })
    });
    let actual = actual.collect();
    let comparison = compare(&desired, &lock, &actual, Policy::Keep);
    Plan::new(&desired, &lock, &actual, &comparison, Header::default())
}

fn check(
    last: &Rendering,
    wanted: &Rendering,
    files: &[(&str, &str)],
    lines: &[&str],
    after: &[(&str, Option<&str>)],
) {
    let plan = plan(last, wanted, files);
    let shown: Vec<String> = plan.lines.iter().map(ToString::to_string).collect();
    assert_eq!(shown, lines);
    let found: Vec<(&str, Option<String>)> = (plan.changes.iter())
        .map(|change| {
            let bytes = match &change.action {
                Action::Create { bytes, .. } | Action::Update { bytes, .. } => Some(bytes),
                Action::Delete { .. } => None,
            };
            let text = bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            (change.path.as_str(), text)
        })
        .collect();
    let found: Vec<(&str, Option<&str>)> =
        found.iter().map(|(path, text)| (*path, text.as_deref())).collect();
    assert_eq!(found, after);
}

#[test]
fn a_first_rendering_creates_files() {
    let server = json!({"type": "stdio", "command": "x"});
    check(
        &Rendering::default(),
        &rendering(&[("docs", server)], &["Read(./.env)"]),
        &[],
        &[
            "+ .claude/settings.json  permissions/deny  Read(./.env)",
            "+ .mcp.json  mcpServers/docs",
        ],
        &[
            (
                ".claude/settings.json",
                Some(
                    "{\n  \"permissions\": {\n    \"deny\": [\n      \"Read(./.env)\"\n    ]\n  }\n}\n",
                ),
            ),
            (
                ".mcp.json",
                Some(
                    "{\n  \"mcpServers\": {\n    \"docs\": {\n      \"type\": \"stdio\",\n      \"command\": \"x\"\n    }\n  \
                     }\n}\n",
                ),
            ),
        ],
    );
}

#[test]
fn a_foreign_server_stays_and_a_changed_one_is_kept() {
    let one = rendering(&[("docs", json!({"url": "a"})), ("old", json!({"url": "o"}))], &[]);
    let two = rendering(&[("docs", json!({"url": "b"})), ("new", json!({"url": "n"}))], &[]);
    check(
        &one,
        &two,
        &[(
            ".mcp.json",
            "{\"mcpServers\": {\"mine\": {\"url\": \"m\"}, \"docs\": {\"url\":\"a\"}, \"old\": {\"url\": \"changed\"}}}",
        )],
        &[
            "~ .mcp.json  mcpServers/docs",
            "+ .mcp.json  mcpServers/new",
            "! .mcp.json  mcpServers/old  orphan drifted: no longer in the configuration, but changed here; kept",
        ],
        &[(
            ".mcp.json",
            Some(
                "{\"mcpServers\": {\"mine\": {\"url\": \"m\"}, \"docs\": {\"url\": \"b\"}, \"old\": {\"url\": \"changed\"}, \
                 \"new\": {\"url\": \"n\"}}}",
            ),
        )],
    );
}

#[test]
fn what_is_empty_in_the_end_is_deleted() {
    let one = rendering(&[("docs", json!({"url": "a"}))], &["A", "B"]);
    let gone = Rendering::default();
    let settings = "{\n  \"permissions\": {\n    \"deny\": [\n      \"A\",\n      \"B\"\n    ]\n  },\n  \"x\": 1\n}\n";
    check(
        &one,
        &gone,
        &[
            (".mcp.json", "{\"mcpServers\":{\"docs\":{\"url\":\"a\"}}}"),
            (".claude/settings.json", settings),
        ],
        &[
            "- .claude/settings.json  permissions/deny  A",
            "- .claude/settings.json  permissions/deny  B",
            "- .mcp.json  mcpServers/docs",
        ],
        &[(".claude/settings.json", Some("{\n  \"x\": 1\n}\n")), (".mcp.json", None)],
    );
}

#[test]
fn a_leaf_may_become_an_object_and_back() {
    let entry = |pointer: &[&str], value: Json| {
        let mut rendering = rendering(&[], &[]);
        let origin = Span::new(Sources::default().add("x", "base", ""), 0..0);
        let pointer = pointer.iter().copied().collect();
        let entries = vec![JsonEntry { pointer, kind: EntryKind::Value, value, origin }];
        let part = Part::Json(JsonPart { entries, skeleton: json!({}) });
        rendering.files = vec![RenderedFile {
            path: path(".claude/settings.json"),
            part,
            origins: Arc::default(),
        }];
        rendering
    };
    let (leaf, object) = (entry(&["x"], json!(1)), entry(&["x", "y"], json!(2)));
    let file = ".claude/settings.json";
    check(
        &leaf,
        &object,
        &[(file, "{\"x\":1,\"mine\":0}")],
        &["+ .claude/settings.json  x/y", "- .claude/settings.json  x"],
        &[(file, Some("{\"mine\":0,\"x\":{\"y\":2}}"))],
    );
    check(
        &object,
        &leaf,
        &[(file, "{\"x\":{\"y\":2},\"mine\":0}")],
        &["+ .claude/settings.json  x", "- .claude/settings.json  x/y"],
        &[(file, Some("{\"x\":1,\"mine\":0}"))],
    );
}

#[test]
fn a_file_that_cannot_be_understood_is_left_alone() {
    let check = |text: &str, line: Option<usize>, message: &str| {
        let one = rendering(&[("docs", json!({"url": "a"}))], &[]);
        let two = rendering(&[("docs", json!({"url": "b"}))], &[]);
        let plan = plan(&one, &two, &[(".mcp.json", text)]);
        assert_eq!(plan.changes, []);
        let problems: Vec<_> =
            plan.problems.iter().map(|problem| (problem.line, problem.message.as_str())).collect();
        assert_eq!(problems, [(line, message)]);
        // The lock still says what was written.
        assert_eq!(Some(plan.lock.next), plan.lock.before);
    };
    check("{\n\"mcpServers\":", Some(2), "cannot be read: expected a value");
    check("{\n\"mcpServers\": []}", Some(2), "`mcpServers` is not an object");
    check("[]", Some(1), "the document is not an object");
    check(
        "{\"mcpServers\":{\"docs\":{},\n\"docs\":{}}}",
        Some(2),
        "cannot be read: duplicate key `docs`",
    );
}

#[test]
fn drift_is_kept_and_the_lock_does_not_learn_it() {
    let one = rendering(&[("docs", json!({"url": "a"}))], &["A"]);
    let plan = plan(
        &one,
        &one,
        &[
            (".mcp.json", "{\"mcpServers\":{\"docs\":{\"url\":\"mine\"}}}"),
            (".claude/settings.json", "{\"permissions\":{\"deny\":[\"B\"]}}"),
        ],
    );
    let shown: Vec<String> = plan.lines.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "! .claude/settings.json  permissions/deny  A  drift: removed here, still in the configuration; left out",
            "! .mcp.json  mcpServers/docs  drift: changed here, not in the configuration; kept",
        ]
    );
    assert!(plan.is_noop());
}

/// A rendering of settings with an empty list of allowed servers, or with these servers in it.
fn allowed(servers: &[&str]) -> Rendering {
    let origin = Span::new(Sources::default().add("base/layer.toml", "base", ""), 0..0);
    let entry = |kind, value| JsonEntry {
        pointer: ["allowedMcpServers"].into_iter().collect(),
        kind,
        value,
        origin,
    };
    let entries = match servers {
        [] => vec![entry(EntryKind::Value, json!([]))],
        servers => servers.iter().map(|name| entry(EntryKind::Item, Json::from(*name))).collect(),
    };
    let part = Part::Json(JsonPart { entries, skeleton: json!({}) });
    let file = RenderedFile { path: path(".claude/settings.json"), part, origins: Arc::default() };
    Rendering { files: vec![file] }
}

/// Checks what becomes of the settings; `None` if nothing is written.
fn becomes(last: &Rendering, wanted: &Rendering, before: &str, after: Option<&str>) {
    let plan = plan(last, wanted, &[(".claude/settings.json", before)]);
    let written = plan.changes.first().map(|change| match &change.action {
        Action::Create { bytes, .. } | Action::Update { bytes, .. } => {
            String::from_utf8_lossy(bytes).into_owned()
        }
        Action::Delete { .. } => "deleted".to_owned(),
    });
    assert_eq!(written.as_deref(), after, "{before}");
}

#[test]
fn an_empty_list_is_a_value() {
    let (none, empty, one) = (Rendering::default(), allowed(&[]), allowed(&["a"]));
    becomes(&none, &empty, "{}", Some("{\n  \"allowedMcpServers\": []\n}"));
    becomes(&one, &empty, r#"{"allowedMcpServers":["a"]}"#, Some(r#"{"allowedMcpServers":[]}"#));
    becomes(&empty, &one, r#"{"allowedMcpServers":[]}"#, Some(r#"{"allowedMcpServers":["a"]}"#));
    becomes(&empty, &none, r#"{"allowedMcpServers":[]}"#, Some("deleted"));
    // What others added stays, and is no drift.
    becomes(&empty, &empty, r#"{"allowedMcpServers":["b"]}"#, None);
    becomes(&empty, &none, r#"{"allowedMcpServers":["b"]}"#, None);
    becomes(
        &one,
        &empty,
        r#"{"allowedMcpServers":["a","b"]}"#,
        Some(r#"{"allowedMcpServers":["b"]}"#),
    );
    becomes(
        &empty,
        &one,
        r#"{"allowedMcpServers":["b"]}"#,
        Some(r#"{"allowedMcpServers":["b","a"]}"#),
    );
    becomes(&empty, &one, r#"{"allowedMcpServers":["a"]}"#, None);
}
