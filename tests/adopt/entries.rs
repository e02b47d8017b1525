//! One test for each kind of entry of a JSON file.

use serde_json::json;

use super::{BASE, PROJECT, SETTINGS, TEAM, adopt, adopts, changed, stage};
use crate::support::tree;

#[test]
fn without_drift_nothing_is_written() {
    let env = stage("");
    let before = tree(env.path());
    let outcome = adopt(&env, &["--yes"]).code(0);
    assert_eq!(outcome.stdout, "");
    assert!(outcome.stderr.contains("nothing to adopt"), "{}", outcome.stderr);
    let answer =
        adopt(&env, &["--yes", "--format", "json", ".claude/settings.json"]).code(0).json();
    assert_eq!((&answer["ok"], &answer["written"]), (&json!(true), &json!(false)));
    assert_eq!(tree(env.path()), before, "not a byte");
}

#[test]
fn a_value_goes_to_the_layer_that_says_it() {
    let env = stage("");
    env.edit(SETTINGS, "\"one\"", "\"two\"");
    env.edit(SETTINGS, "\"payments\"", "\"billing\"");
    env.edit(SETTINGS, ": 14", ": 30");
    let answer = adopts(&env, &[]);
    assert_eq!(
        changed(&env, "base/layer.toml", &BASE.replace("\"one\"", "\"two\"")),
        ["-cleanupPeriodDays = 14 # two weeks", "+cleanupPeriodDays = 30 # two weeks"]
    );
    assert_eq!(
        changed(&env, "teams/payments/layer.toml", TEAM),
        ["-TEAM = \"payments\" # ours", "+TEAM = \"billing\" # ours"]
    );
    let adopted = answer["adopted"].as_array().expect("entries");
    assert_eq!(adopted.len(), 3);
    let level = adopted.iter().find(|one| one["pointer"] == "/env/LEVEL").expect("the entry");
    assert_eq!(
        (&level["key"], &level["layers"], &level["origin"], &level["class"]),
        (
            &json!("environment.LEVEL"),
            &json!(["base"]),
            &json!("base/layer.toml:4:9"),
            &json!("drift")
        )
    );
}

#[test]
fn a_value_that_is_gone_is_removed_or_unset() {
    let env = stage("");
    env.edit("config/projects/checkout/layer.toml", "SERVICE", "MODE = \"prod\"\nSERVICE");
    env.commit_config();
    env.sync().code(0);
    // LEVEL is said by base alone; MODE by the project over base.
    env.edit(SETTINGS, "\"LEVEL\": \"one\",", "");
    env.edit(SETTINGS, "\"MODE\": \"prod\",", "");
    let project = env.read("config/projects/checkout/layer.toml");
    adopts(&env, &[]);
    assert_eq!(changed(&env, "base/layer.toml", BASE), ["-LEVEL = \"one\" # how much is said"]);
    let expect =
        "unset = [\"environment.MODE\"]\n\n# The project.\n[environment]\nSERVICE = \"checkout\"\n";
    assert_eq!(env.read("config/projects/checkout/layer.toml"), expect, "{project}");
}

#[test]
fn a_new_value_goes_to_the_project_if_it_is_named() {
    let env = stage("");
    env.edit(SETTINGS, "\"LEVEL\"", "\"MINE\": \"1\",\n    \"LEVEL\"");
    let outcome = adopt(&env, &["--yes"]).code(0);
    for said in ["skipped: .claude/settings.json  env/MINE: foreign", "only if you name them"] {
        assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
    }
    adopts(&env, &[".claude/settings.json", "env/MINE"]);
    assert_eq!(changed(&env, "projects/checkout/layer.toml", PROJECT), ["+MINE = \"1\""]);
}

#[test]
fn permission_items_come_and_go() {
    let env = stage("");
    env.edit(SETTINGS, "\"Bash(curl:*)\"", "\"Bash(wget:*)\",\n      \"WebFetch\"");
    // By its name the list is taken as it is: one rule is gone, two are new. They are in base, whose list it is.
    adopts(&env, &["permissions/deny"]);
    assert_eq!(
        changed(&env, "base/layer.toml", BASE),
        [
            "-    \"Bash(curl:*)\",   # the network",
            "+    \"Bash(wget:*)\",   # the network",
            "+    \"WebFetch\",",
        ]
    );
}

#[test]
fn an_added_item_joins_the_list_of_the_project_where_lists_accumulate() {
    let env = stage("[merge]\n\"permissions.deny\" = \"union\"\n");
    env.edit(SETTINGS, "\"Bash(curl:*)\"", "\"Bash(curl:*)\",\n      \"WebFetch\"");
    adopts(&env, &["permissions/deny  WebFetch"]);
    assert_eq!(
        changed(&env, "projects/checkout/layer.toml", PROJECT),
        ["+", "+[permissions]", "+deny = [\"WebFetch\"]"]
    );
    // The same item is taken back, and one that base has is unset for this project only.
    env.edit(SETTINGS, "\"Bash(curl:*)\",", "");
    env.edit(SETTINGS, "\"Read(./.env)\",\n      \n      \"WebFetch\"", "\"Read(./.env)\"");
    adopts(&env, &["--layer", "project"]);
    let expect = "unset = ['permissions.deny.\"Bash(curl:*)\"']\n\n# The project.\n[environment]\n\
                  SERVICE = \"checkout\"\n\n[permissions]\ndeny = []\n";
    assert_eq!(env.read("config/projects/checkout/layer.toml"), expect);
    assert_eq!(changed(&env, "base/layer.toml", BASE), [] as [&str; 0]);
}

#[test]
fn an_edited_hook_is_edited_in_its_place() {
    let env = stage("");
    env.edit(SETTINGS, "\"timeout\": 5", "\"timeout\": 9");
    // Nobody names the new matcher: it is known by what it shares with the old one.
    adopts(&env, &[]);
    assert_eq!(
        changed(&env, "base/layer.toml", BASE),
        [
            "-hooks = [{ type = \"command\", command = \"true\", timeout = 5 }]",
            "+hooks = [{ type = \"command\", command = \"true\", timeout = 9 }]",
        ]
    );
    env.edit(SETTINGS, "\"matcher\": \"Bash\"", "\"matcher\": \"Bash|Edit\"");
    adopts(&env, &["hooks/PreToolUse"]);
    assert!(env.read("config/base/layer.toml").contains("matcher = \"Bash|Edit\" # commands only"));
}

#[test]
fn hooks_are_added_and_removed() {
    let env = stage("");
    let stop =
        "\"Stop\": [{ \"hooks\": [{ \"type\": \"command\", \"command\": \"true\" }] }],\n    ";
    env.edit(SETTINGS, "\"PreToolUse\"", &format!("{stop}\"PreToolUse\""));
    adopts(&env, &["hooks/Stop"]);
    assert_eq!(
        changed(&env, "projects/checkout/layer.toml", PROJECT),
        ["+", "+[[hooks.Stop]]", "+hooks = [{ type = \"command\", command = \"true\" }]"]
    );
    let mut settings = env.json(SETTINGS);
    settings["hooks"]["PreToolUse"] = json!([]);
    env.write(SETTINGS, format!("{settings:#}\n"));
    adopts(&env, &[]);
    let base = env.read("config/base/layer.toml");
    assert!(!base.contains("commands only") && base.contains("# A server with a token."), "{base}");
}

#[test]
fn servers_are_changed_added_and_removed() {
    let env = stage("");
    env.edit("ws/.mcp.json", "com/docs\"", "com/v2\",\n      \"timeout\": 9000");
    adopts(&env, &[]);
    assert_eq!(
        changed(&env, "base/layer.toml", BASE),
        [
            "-url = \"https://mcp.example.com/docs\" # the docs",
            "-headers = { Authorization = \"Bearer ${env:DOCS_TOKEN}\" }",
            "+url = \"https://mcp.example.com/v2\" # the docs",
            "+headers = { Authorization = \"Bearer ${env:DOCS_TOKEN}\" }",
            "+timeout = 9000",
        ]
    );
    let mut servers = env.json("ws/.mcp.json");
    servers["mcpServers"]["mine"] =
        json!({"command": "npx", "args": ["-y", "@acme/x@1.0.0"], "env": {"A": "${HOME}/x"}});
    env.write("ws/.mcp.json", format!("{servers:#}\n"));
    adopts(&env, &["mcpServers/mine"]);
    assert_eq!(
        changed(&env, "projects/checkout/layer.toml", PROJECT),
        [
            "+",
            "+[mcp_servers.mine]",
            "+command = \"npx\"",
            "+args = [\"-y\", \"@acme/x@1.0.0\"]",
            "+env = { A = \"${HOME}/x\" }"
        ]
    );
    // A server with a secret's reference may go: no value is written.
    servers["mcpServers"].as_object_mut().expect("an object").remove("docs");
    env.write("ws/.mcp.json", format!("{servers:#}\n"));
    adopts(&env, &[]);
    let base = env.read("config/base/layer.toml");
    assert!(!base.contains("mcp_servers") && !base.contains("# A server"), "{base}");
}

#[test]
fn a_copied_server_keeps_its_reference() {
    let env = stage("");
    let reference = "Bearer ${vault:mcp/docs#token}";
    env.edit("config/base/layer.toml", "Bearer ${env:DOCS_TOKEN}", reference);
    env.commit_config();
    env.sync().code(0);
    let mut servers = env.json("ws/.mcp.json");
    let mut copy = servers["mcpServers"]["docs"].clone();
    assert_eq!(copy["headers"]["Authorization"], "Bearer ${CLAUDE_ENV_MCP_DOCS_TOKEN}");
    copy["url"] = json!("https://mcp.example.com/other");
    servers["mcpServers"]["other"] = copy;
    env.write("ws/.mcp.json", format!("{servers:#}\n"));
    adopts(&env, &["mcpServers/other"]);
    let project = env.read("config/projects/checkout/layer.toml");
    assert!(project.contains(reference), "{project}");
}

#[test]
fn a_server_of_the_catalogue_takes_another_version_and_more_arguments() {
    let env = stage("");
    let kind = "[mcp_servers.web]\nkind = \"playwright\"\nversion = \"0.0.83\" # pinned\n";
    env.write("config/teams/payments/layer.toml", format!("{TEAM}\n{kind}"));
    env.commit_config();
    env.sync().code(0);
    env.edit("ws/.mcp.json", "@0.0.83\"", "@0.0.84\",\n        \"--headless\"");
    adopts(&env, &[]);
    let team = env.read("config/teams/payments/layer.toml");
    let expect = kind.replace("0.0.83", "0.0.84");
    assert_eq!(team, format!("{TEAM}\n{expect}args = [\"--headless\"]\n"));
}

#[test]
fn what_was_orphaned_and_edited_comes_back_as_the_projects() {
    let env = stage("");
    env.edit(SETTINGS, "\"one\"", "\"mine\"");
    env.edit("config/base/layer.toml", "LEVEL = \"one\" # how much is said\n", "");
    env.commit_config();
    let answer = adopts(&env, &[]);
    assert_eq!(answer["adopted"][0]["class"], "orphan drifted");
    assert_eq!(changed(&env, "projects/checkout/layer.toml", PROJECT), ["+LEVEL = \"mine\""]);
}

#[test]
fn a_conflict_is_settled_for_the_workspace() {
    let env = stage("");
    env.edit(SETTINGS, "\"one\"", "\"mine\"");
    env.edit("config/base/layer.toml", "\"one\"", "\"theirs\"");
    env.commit_config();
    env.sync().code(1);
    let answer = adopts(&env, &[]);
    assert_eq!(answer["adopted"][0]["class"], "conflict");
    assert_eq!(
        changed(&env, "base/layer.toml", BASE),
        ["-LEVEL = \"one\" # how much is said", "+LEVEL = \"mine\" # how much is said"]
    );
}
