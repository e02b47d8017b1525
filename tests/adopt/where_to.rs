//! Which folder is edited: working copies, commits, addresses, overlays, and people's own layers.

use serde_json::json;

use super::{BASE, PROJECT, SETTINGS, adopt, adopts, changed, reasons, stage};
use crate::support::TestEnv;

const LOCAL: &str = "ws/.claude/settings.local.json";

#[test]
fn the_ref_that_is_followed_must_be_checked_out() {
    let env = stage("");
    env.edit(SETTINGS, "\"one\"", "\"two\"");
    env.git("config", &["checkout", "--quiet", "-b", "feature"]);
    // The same commit by another name.
    adopt(&env, &["--dry-run"]).code(1);
    env.write("config/README.md", "x");
    env.commit_config();
    let outcome = adopt(&env, &["--yes"]).code(2);
    for part in ["checked out, but the configuration is read at", "--config-repo DIR"] {
        assert!(outcome.stderr.contains(part), "{}", outcome.stderr);
    }
    env.git("config", &["checkout", "--quiet", "main"]);
    adopts(&env, &[]);
}

#[test]
fn a_file_with_changes_is_left_alone() {
    let env = stage("");
    env.edit(SETTINGS, "\"one\"", "\"two\"");
    env.edit(SETTINGS, "\"payments\"", "\"billing\"");
    let dirty = format!("{BASE}# more\n");
    env.write("config/base/layer.toml", &dirty);
    let answer = adopt(&env, &["--yes", "--format", "json"]).code(1).json();
    assert_eq!(
        reasons(&answer),
        [".claude/settings.json /env/LEVEL: `base/layer.toml` has changes that are not committed"]
    );
    assert_eq!(env.read("config/base/layer.toml"), dirty);
    assert!(env.read("config/teams/payments/layer.toml").contains("billing"));
    // Read as it stands, it is edited as it stands.
    let answer =
        adopt(&env, &["--yes", "--format", "json", "--config-repo", "../config"]).code(0).json();
    assert_eq!(answer["written"], json!(true));
    assert_eq!(env.read("config/base/layer.toml"), dirty.replace("\"one\"", "\"two\""));
}

#[test]
fn an_address_has_no_files_to_edit_but_a_clone_has() {
    let env = stage("");
    let url = format!("file://{}", env.join("config").display());
    env.edit("ws/.claude-env.toml", "\"../config\"", &format!("\"{url}\""));
    env.sync().code(0);
    env.edit(SETTINGS, "\"one\"", "\"two\"");
    let outcome = adopt(&env, &["--yes"]).code(2);
    for part in ["has no files to edit here", "clone it, and name the clone: `--config-repo DIR`"] {
        assert!(outcome.stderr.contains(part), "{}", outcome.stderr);
    }
    env.git("", &["clone", "--quiet", "config", "clone"]);
    adopt(&env, &["--yes", "--config-repo", "../clone"]).code(0);
    assert!(env.read("clone/base/layer.toml").contains("LEVEL = \"two\" # how much is said"));
    assert_eq!(env.git("config", &["status", "--porcelain"]), "");
    // A bare repository has none either.
    env.git("", &["clone", "--quiet", "--bare", "config", "bare"]);
    env.edit("ws/.claude-env.toml", &url, "../bare");
    let outcome = adopt(&env, &["--yes"]).code(2);
    assert!(outcome.stderr.contains("is a bare repository"), "{}", outcome.stderr);
}

#[test]
fn an_overlay_is_an_origin_like_any_other() {
    let env = stage("");
    let overlay = "# For development.\n[environment]\nLEVEL = \"over\" # here\n";
    env.write("config/base/layer.development.toml", overlay);
    env.commit_config();
    env.sync().code(0);
    env.edit(SETTINGS, "\"over\"", "\"mine\"");
    adopts(&env, &[]);
    assert_eq!(
        changed(&env, "base/layer.development.toml", overlay),
        ["-LEVEL = \"over\" # here", "+LEVEL = \"mine\" # here"]
    );
    assert_eq!(changed(&env, "base/layer.toml", BASE), [] as [&str; 0]);
}

#[test]
fn a_layer_that_is_not_there_yet_is_made() {
    let env = TestEnv::new();
    env.config(&[("teams/a/layer.toml", "[environment]\nA = \"1\"\n")]);
    env.workspace();
    env.bind(&["--team", "a"]).code(0);
    env.edit(SETTINGS, "\"A\": \"1\"", "\"A\": \"2\"");
    let answer = adopt(&env, &["--yes", "--layer", "base", "--format", "json"]).code(1).json();
    assert!(
        reasons(&answer)[0].contains("defines it too and takes precedence over the layer base"),
        "{answer:#}"
    );
    env.edit(SETTINGS, "\"A\": \"2\"", "\"A\": \"1\",\n    \"B\": \"2\"");
    adopts(&env, &["env/B", "--layer", "base"]);
    assert_eq!(env.read("config/base/layer.toml"), "[environment]\nB = \"2\"\n");
    let outcome = adopt(&env, &["--layer", "project"]).code(2);
    assert!(outcome.stderr.contains("the workspace's scope has no project"), "{}", outcome.stderr);
}

/// A workspace with a user layer on this machine.
fn with_person() -> TestEnv {
    let env = stage("[merge]\n\"permissions.allow\" = \"union\"\n");
    let layer = "# Mine.\n[environment]\nLEVEL = \"loud\" # I like it\nMINE = \"1\"\n\n[permissions]\nallow = [\"Bash(make:*)\"]\n";
    env.write("home/.config/claude-env/user/layer.toml", layer);
    env.write("home/.config/claude-env/user/memory/me.md", "I am Ada.\n");
    env.sync().code(0);
    env
}

#[test]
fn what_is_one_persons_goes_to_the_user_layer() {
    let env = with_person();
    env.edit(LOCAL, "\"loud\"", "\"louder\"");
    env.edit(LOCAL, "\"MINE\": \"1\"", "\"YOURS\": \"2\"");
    env.edit(LOCAL, "\"Bash(make:*)\"", "\"Bash(make:*)\",\n      \"WebFetch\"");
    env.edit("ws/CLAUDE.local.md", "I am Ada.", "I am Ada Lovelace.");
    let outcome = adopt(&env, &["--dry-run"]).code(1);
    let diff = "--- a[ROOT]/home/.config/claude-env/user/layer.toml";
    assert!(outcome.stdout.contains(diff), "{}", outcome.stdout);
    assert!(!outcome.stderr.contains("skipped"), "{}", outcome.stderr);
    adopts(&env, &[".claude/settings.local.json", "CLAUDE.local.md"]);
    assert_eq!(
        env.read("home/.config/claude-env/user/layer.toml"),
        "# Mine.\n[environment]\nLEVEL = \"louder\" # I like it\nYOURS = \"2\"\n\n[permissions]\nallow = [\"Bash(make:*)\", \"WebFetch\"]\n"
    );
    assert_eq!(env.read("home/.config/claude-env/user/memory/me.md"), "I am Ada Lovelace.\n");
    assert_eq!(env.git("config", &["status", "--porcelain"]), "");
}

#[test]
fn a_user_layer_is_made_of_what_claude_code_noted() {
    let env = stage("");
    env.write(LOCAL, "{\n  \"permissions\": { \"allow\": [\"Bash(make:*)\"] }\n}\n");
    let outcome = adopt(&env, &["--yes"]).code(0);
    assert!(outcome.stderr.contains("nothing to adopt"), "{}", outcome.stderr);
    adopts(&env, &["permissions/allow"]);
    assert_eq!(
        env.read("home/.config/claude-env/user/layer.toml"),
        "[permissions]\nallow = [\"Bash(make:*)\"]\n"
    );
    // In the config repository, if the scope names a user there.
    let env = stage("");
    env.write("config/users/ada/layer.toml", "# Ada.\n[environment]\nA = \"1\"\n");
    env.commit_config();
    env.edit(
        "ws/.claude-env.toml",
        "project = \"checkout\"",
        "project = \"checkout\"\nuser = \"ada\"",
    );
    env.sync().code(0);
    env.edit(LOCAL, "\"A\": \"1\"", "\"A\": \"2\"");
    adopts(&env, &[]);
    assert_eq!(env.read("config/users/ada/layer.toml"), "# Ada.\n[environment]\nA = \"2\"\n");
}

#[test]
fn in_mode_local_all_layers_are_in_one_file() {
    let env = stage("");
    env.write("home/.config/claude-env/user/layer.toml", "[environment]\nMINE = \"1\"\n");
    env.edit("ws/.claude-env.toml", "\"committed\"", "\"local\"");
    env.sync().code(0);
    env.edit(SETTINGS, "\"MINE\": \"1\"", "\"MINE\": \"2\"");
    env.edit(SETTINGS, "\"SERVICE\": \"checkout\"", "\"SERVICE\": \"shop\"");
    adopts(&env, &[]);
    assert_eq!(
        env.read("home/.config/claude-env/user/layer.toml"),
        "[environment]\nMINE = \"2\"\n"
    );
    assert_eq!(
        changed(&env, "projects/checkout/layer.toml", PROJECT),
        ["-SERVICE = \"checkout\"", "+SERVICE = \"shop\""]
    );
}
