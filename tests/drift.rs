//! `drift` and `status`: what people did to a workspace, and what is said about it.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::support::{Outcome, TestEnv, tool, tree};

const BASE: &str = r#"[environment]
LEVEL = "one"
MODE = "dev"

[permissions]
deny = ["Read(./.env)", "Bash(curl:*)"]

[settings]
cleanupPeriodDays = 14

[mcp_servers.docs]
type = "http"
url = "https://mcp.example.com/docs"
headers = { Authorization = "Bearer ${env:DOCS_TOKEN}" }
"#;

const AGENT: &str = "---\nname: helper\ndescription: Helps\n---\nHelp.\n";

/// A synced workspace; `manifest` is the rest of the manifest after `version`.
fn bound(manifest: &str) -> TestEnv {
    let env = TestEnv::new();
    let manifest = format!("version = 1\n{manifest}");
    env.config(&[
        ("claude-env.toml", &manifest),
        ("base/layer.toml", BASE),
        ("base/memory/10-house.md", "# House rules\n"),
        ("base/agents/helper.md", AGENT),
        ("teams/payments/layer.toml", "[environment]\nTEAM = \"payments\"\n"),
    ]);
    env.workspace();
    env.bind(&["--team", "payments"]).code(0);
    env
}

fn drift(env: &TestEnv) -> Outcome {
    env.run(&["-C", "ws", "drift", "--format", "json"])
}

/// The entries of a report, as `SEVERITY CLASS FILE POINTER`.
fn lines(report: &Json, list: &str) -> Vec<String> {
    let word = |entry: &Json, key: &str| entry[key].as_str().expect("text").to_owned();
    let line = |entry: &Json| {
        let parts = ["severity", "class", "file", "pointer"].map(|key| word(entry, key));
        parts.join(" ").trim_end().to_owned()
    };
    report[list].as_array().expect("a list").iter().map(line).collect()
}

const SETTINGS: &str = "ws/.claude/settings.json";

#[test]
fn what_was_just_synced_has_no_drift() {
    let env = bound("");
    let before = tree(env.path());
    let answer = drift(&env).code(0).json();
    assert_eq!(answer["command"], "drift");
    assert_eq!(
        (&answer["ok"], &answer["percentage"], &answer["significant"], &answer["owned"]),
        (&json!(true), &json!(0.0), &json!(false), &json!(10))
    );
    assert_eq!(answer["entries"], json!([]));
    let outcome = env.run(&["-C", "ws", "drift"]).code(0);
    assert_eq!(outcome.stdout, "");
    assert!(outcome.stderr.contains("no drift in 10 entries"), "{}", outcome.stderr);
    env.run(&["-C", "ws", "status", "--check-drift"]).code(0);
    assert_eq!(tree(env.path()), before, "nothing is written");
}

#[test]
fn every_kind_of_hand_made_change_is_named() {
    let env = bound("[teams.payments]\nleads = [\"@acme/leads\", \"@ada\"]\n");
    env.edit(SETTINGS, "\"one\"", "\"mine\"");
    env.edit(SETTINGS, "\"Read(./.env)\"", "\"Read(./.other)\"");
    env.edit("ws/.mcp.json", "/docs\"", "/other\"");
    env.edit("ws/CLAUDE.md", "# House rules", "# My rules");
    std::fs::remove_file(env.join("ws/.claude/agents/helper.md")).expect("it was there");
    let before = tree(&env.join("ws"));
    let answer = drift(&env).code(1).json();
    assert_eq!(
        lines(&answer, "entries"),
        [
            "critical drift .claude/settings.json /permissions/deny",
            "high drift .mcp.json /mcpServers/docs",
            "medium drift .claude/settings.json /env/LEVEL",
            "low drift .claude/agents/helper.md",
            "low drift CLAUDE.md",
        ]
    );
    let entries = answer["entries"].as_array().expect("entries");
    let keys: BTreeSet<&str> =
        entries[0].as_object().expect("an object").keys().map(String::as_str).collect();
    let promised = ["actual", "class", "expected", "file", "origin", "pointer", "severity"];
    assert_eq!(keys, promised.into_iter().collect());
    assert_eq!(
        (&entries[0]["expected"], &entries[0]["actual"], &entries[0]["origin"]),
        (&json!("Read(./.env)"), &Json::Null, &json!("base/layer.toml:6:9"))
    );
    assert_eq!(
        (&entries[2]["expected"], &entries[2]["actual"], &entries[2]["origin"]),
        (&json!("one"), &json!("mine"), &json!("base/layer.toml:2:9"))
    );
    assert_eq!(entries[3]["expected"]["digest"].as_str().map(str::len), Some(32));
    assert_eq!(entries[3]["actual"], Json::Null);
    assert_eq!(entries[3]["origin"], "base/agents/helper.md");
    assert_eq!(answer["percentage"], json!(50.0));
    assert_eq!((&answer["significant"], &answer["action"]), (&json!(true), &json!("notify-leads")));
    assert_eq!(answer["leads"], json!(["@acme/leads", "@ada"]));

    let outcome = env.run(&["-C", "ws", "drift"]).code(1);
    assert_eq!(outcome.stdout.lines().count(), 5, "{}", outcome.stdout);
    for part in [
        "critical  drift  .claude/settings.json  permissions/deny  \"Read(./.env)\" → nothing  base/layer.toml:6:9\n",
        "medium    drift  .claude/settings.json  env/LEVEL  \"one\" → \"mine\"  base/layer.toml:2:9\n",
    ] {
        assert!(outcome.stdout.contains(part), "`{part}` in\n{}", outcome.stdout);
    }
    for part in ["drift: 5 of 10 entries, 50 %", "leads of team payments: @acme/leads, @ada"] {
        assert!(outcome.stderr.contains(part), "`{part}` in\n{}", outcome.stderr);
    }
    assert_eq!(tree(&env.join("ws")), before, "nothing is written");
}

#[test]
fn both_sides_moved_and_what_was_there_before() {
    let env = bound("[drift]\nthreshold = 90\n");
    env.edit(SETTINGS, "\"one\"", "\"mine\"");
    env.edit(SETTINGS, "\"dev\"", "\"mine\"");
    env.edit(SETTINGS, "\"LEVEL\"", "\"NEW\": \"mine\",\n    \"LEVEL\"");
    env.edit("config/base/layer.toml", "\"one\"", "\"two\"");
    env.edit("config/base/layer.toml", "MODE = \"dev\"", "NEW = \"config\"");
    env.commit_config();
    let answer = drift(&env).code(1).json();
    assert_eq!(
        lines(&answer, "entries"),
        [
            "medium conflict .claude/settings.json /env/LEVEL",
            "medium foreign collision .claude/settings.json /env/NEW",
            "medium orphan drifted .claude/settings.json /env/MODE",
        ]
    );
    let orphan = &answer["entries"][2];
    assert_eq!((&orphan["expected"], &orphan["origin"]), (&Json::Null, &Json::Null));
    assert_eq!((&answer["action"], &answer["significant"]), (&json!("review"), &json!(false)));
    // What the configuration changed, and nobody else, is no drift.
    let env = bound("");
    env.edit("config/base/layer.toml", "\"one\"", "\"two\"");
    env.commit_config();
    drift(&env).code(0);
}

#[test]
fn the_manifest_has_the_last_word_on_severity() {
    let env = bound(
        "[policy]\nlocked = [\"settings.cleanupPeriodDays\", \"mcp_servers.*.url\"]\n\
         [drift]\nseverity = { \"environment.**\" = \"low\", \"environment.LEVEL\" = \"high\" }\n",
    );
    env.edit(SETTINGS, "\"one\"", "\"mine\"");
    env.edit(SETTINGS, "\"dev\"", "\"mine\"");
    env.edit(SETTINGS, ": 14", ": 15");
    env.edit("ws/.mcp.json", "/docs\"", "/other\"");
    assert_eq!(
        lines(&drift(&env).code(1).json(), "entries"),
        [
            "critical drift .claude/settings.json /cleanupPeriodDays",
            "critical drift .mcp.json /mcpServers/docs",
            "high drift .claude/settings.json /env/LEVEL",
            "low drift .claude/settings.json /env/MODE",
        ]
    );
}

#[test]
fn an_ignore_rule_holds_until_its_end() {
    let rule = |until: &str| {
        format!(
            "[[drift.ignore]]\npath = \"environment.LEVEL\"\nreason = \"free choice\"\nowner = \"platform\"\nuntil = {until}\n"
        )
    };
    let env = bound(&rule("2999-12-31"));
    env.edit(SETTINGS, "\"one\"", "\"mine\"");
    let outcome = env.run(&["-C", "ws", "drift"]).code(0);
    assert_eq!(outcome.stdout, "");
    let said = "ignored: 1 entry by `environment.LEVEL` until 2999-12-31 (free choice; platform)";
    assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
    let answer = drift(&env).code(0).json();
    assert_eq!(lines(&answer, "ignored"), ["medium drift .claude/settings.json /env/LEVEL"]);
    let ignored = &answer["ignored"][0];
    assert_eq!(
        (&ignored["reason"], &ignored["owner"], &ignored["until"]),
        (&json!("free choice"), &json!("platform"), &json!("2999-12-31"))
    );
    env.run(&["-C", "ws", "status", "--check-drift"]).code(0);

    let env = bound(&rule("2020-12-31"));
    env.edit(SETTINGS, "\"one\"", "\"mine\"");
    let answer = drift(&env).code(1).json();
    assert_eq!(lines(&answer, "entries"), ["medium drift .claude/settings.json /env/LEVEL"]);
    assert_eq!(answer["expired"][0]["until"], "2020-12-31");
    let outcome = env.run(&["-C", "ws", "drift"]).code(1);
    assert!(
        outcome.stderr.contains("no longer ignored: `environment.LEVEL`"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn foreign_entries_are_drift_where_the_policy_is_exclusive() {
    let edit = |env: &TestEnv| {
        env.edit(SETTINGS, "\"LEVEL\"", "\"MINE\": \"1\",\n    \"LEVEL\"");
        env.edit(SETTINGS, "\"permissions\": {", "\"permissions\": {\n    \"allow\": [\"Bash\"],");
        env.edit("ws/.mcp.json", "\"docs\"", "\"mine\": { \"command\": \"x\" },\n    \"docs\"");
        env.write("ws/.claude/agents/mine.md", AGENT);
    };
    let env = bound("");
    edit(&env);
    drift(&env).code(0);

    let env = bound("[policy]\nexclusive = [\"permissions.allow\", \"mcp_servers\", \"files\"]\n");
    edit(&env);
    let answer = drift(&env).code(1).json();
    assert_eq!(
        lines(&answer, "entries"),
        [
            "critical foreign .claude/agents/mine.md",
            "critical foreign .claude/settings.json /permissions/allow",
            "critical foreign .mcp.json /mcpServers/mine",
        ]
    );
    assert_eq!(answer["entries"][1]["actual"], "Bash");
    assert_eq!(answer["entries"][1]["expected"], Json::Null);
    assert_eq!(answer["owned"], 13);
    let status = env.run(&["-C", "ws", "status"]).code(0).stdout;
    assert!(status.contains("A! .mcp.json  mcpServers/mine  foreign\n"), "{status}");
}

#[test]
fn a_file_that_cannot_be_read_is_drift_of_all_that_is_in_it() {
    let env = bound("");
    env.write("ws/.mcp.json", "{");
    let answer = drift(&env).code(1).json();
    assert_eq!(answer["entries"], json!([]));
    let problem = &answer["problems"][0];
    assert_eq!(
        (&problem["file"], &problem["severity"], &problem["entries"]),
        (&json!(".mcp.json"), &json!("high"), &json!(1))
    );
    assert_eq!(answer["drifted"], 1);
    let outcome = env.run(&["-C", "ws", "drift"]).code(1);
    assert!(
        outcome.stdout.starts_with("high      unreadable  .mcp.json:1  "),
        "{}",
        outcome.stdout
    );
}

#[test]
fn a_secret_in_a_workspace_is_not_shown() {
    let env = bound("");
    let secret = "q7Zk3R9vTx2LmN8bWc5Yd1Fh6Jp4";
    let text = env.read("ws/.mcp.json");
    assert!(text.contains("Bearer ${"), "{text}");
    let start = text.find("Bearer ").expect("the header");
    let end = start + text[start..].find('"').expect("its end");
    env.write("ws/.mcp.json", format!("{}Bearer {secret}{}", &text[..start], &text[end..]));
    for format in ["human", "json", "sarif"] {
        let outcome = env.run(&["-C", "ws", "drift", "--format", format]).code(1);
        let all = outcome.stdout + &outcome.stderr;
        assert!(!all.contains(&secret[5..]), "{format}\n{all}");
        assert!(all.contains("docs"), "{format}\n{all}");
    }
}

#[test]
fn sarif_is_accepted_by_its_schema() {
    let env = bound("[policy]\nexclusive = [\"environment\"]\n");
    let check = |code: i32, results: usize| {
        let outcome = env.run(&["-C", "ws", "drift", "--format", "sarif"]).code(code);
        env.write("report.sarif", &outcome.stdout);
        let mut validate = env.command(tool("CLAUDE_ENV_TEST_CHECK_JSONSCHEMA"));
        validate.arg("--schemafile").arg(tool("CLAUDE_ENV_TEST_SARIF_SCHEMA")).arg("report.sarif");
        env.outcome(&mut validate).code(0);
        let run = outcome.json()["runs"][0].clone();
        assert_eq!(run["results"].as_array().expect("results").len(), results);
        run
    };
    check(0, 0);
    env.edit(SETTINGS, "\"one\"", "\"mine\"");
    env.edit(SETTINGS, "\"MODE\"", "\"MINE\": \"1\",\n    \"MODE\"");
    env.write("ws/.mcp.json", "{");
    let run = check(1, 3);
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let ids: Vec<&str> = rules.iter().filter_map(|rule| rule["id"].as_str()).collect();
    assert_eq!(ids, ["drift/drift", "drift/foreign", "drift/unreadable"]);
    let text = env.read(SETTINGS);
    for (id, mark) in [("drift/drift", "\"LEVEL\""), ("drift/foreign", "\"MINE\"")] {
        let results = run["results"].as_array().expect("results");
        let result = results.iter().find(|result| result["ruleId"] == id).expect("the result");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], ".claude/settings.json");
        let line = text.lines().position(|line| line.contains(mark)).expect("the line") + 1;
        assert_eq!(place["region"]["startLine"], line, "{text}");
    }
}

#[test]
fn status_says_who_moved_and_what_sync_would_do() {
    let env = bound("");
    env.edit(SETTINGS, "\"one\"", "\"mine\"");
    std::fs::remove_file(env.join("ws/.claude/agents/helper.md")).expect("it was there");
    env.edit("config/base/layer.toml", "\"dev\"", "\"prod\"");
    env.edit("config/base/layer.toml", "cleanupPeriodDays = 14", "model = \"opus\"");
    env.commit_config();
    env.commit_config();
    let before = tree(&env.join("ws"));
    let outcome = env.run(&["-C", "ws", "status"]).code(0);
    let (head, list) = outcome.stdout.split_once("\n\n").expect("a list");
    assert_eq!(
        list.lines().collect::<Vec<_>>(),
        [
            "D! .claude/agents/helper.md  drift",
            " A .claude/settings.json  model  new",
            "M! .claude/settings.json  env/LEVEL  drift",
            " M .claude/settings.json  env/MODE  pending",
            " D .claude/settings.json  cleanupPeriodDays  orphan",
        ]
    );
    for part in ["../config, main", ", 2 commits behind ", "team payments", "committed", "2 drift"]
    {
        assert!(head.contains(part), "`{part}` in\n{head}");
    }
    assert_eq!(tree(&env.join("ws")), before, "nothing is written");

    let outcome = env.run(&["-C", "ws", "status", "--check-drift", "--format", "json"]).code(1);
    let answer = outcome.json();
    assert_eq!((&answer["command"], &answer["ok"]), (&json!("status"), &json!(false)));
    assert_eq!(answer["rendered"]["behind"], 2);
    assert_eq!(answer["counts"]["drift"], 2);
    assert_eq!(answer["scope"]["team"], "payments");
    assert_eq!(
        answer["entries"][0],
        json!({
            "file": ".claude/agents/helper.md", "pointer": "", "entry": "", "class": "drift",
            "workspace": "D", "sync": "!",
        })
    );
    env.sync().code(0);
    let after = env.run(&["-C", "ws", "status"]).code(0).stdout;
    assert!(after.contains(", up to date\n"), "{after}");
}

#[test]
fn what_cannot_be_looked_at_is_not_drift() {
    let env = bound("");
    for verb in ["drift", "status"] {
        env.run(&["-C", "config", verb]).code(2);
        env.run(&["-C", "ws", verb, "--format", "yaml"]).code(2);
    }
    let lock = env.read("ws/.claude-env.lock");
    env.write("ws/.claude-env.lock", format!("<<<<<<< a\n{lock}"));
    for verb in ["drift", "status"] {
        let outcome = env.run(&["-C", "ws", verb]).code(2);
        assert!(outcome.stderr.contains("merge conflict"), "{}", outcome.stderr);
    }
    std::fs::remove_file(env.join("ws/.claude-env.lock")).expect("it was there");
    std::fs::create_dir(env.join("ws/.claude-env.lock")).expect("a folder");
    for verb in ["drift", "status"] {
        env.run(&["-C", "ws", verb]).code(3);
    }
    // Without a lock nothing is known to be ours, and what equals the configuration is no drift.
    std::fs::remove_dir(env.join("ws/.claude-env.lock")).expect("it was there");
    env.run(&["-C", "ws", "drift"]).code(0);
    let status = env.run(&["-C", "ws", "status"]).code(0).stdout;
    assert!(status.contains("rendered    never"), "{status}");
    assert!(status.contains("A= CLAUDE.md  block  converged\n"), "{status}");
}
