//! `show`.

use serde_json::json;

use crate::support::TestEnv;

fn example() -> TestEnv {
    let env = TestEnv::new();
    env.example();
    env
}

#[test]
fn json_is_the_merged_value_itself() {
    let env = example();
    let scope = ["--team", "payments", "--project", "checkout"];
    let show = |key: &str| {
        let arguments = [&["-C", "config", "show", key], scope.as_slice()].concat();
        env.run(&arguments).code(0).json()
    };
    assert_eq!(show("settings.cleanupPeriodDays"), json!(14));
    assert_eq!(show("permissions.allow[0]"), json!("Bash(npm run lint:*)"));
    assert_eq!(
        show("mcp_servers.docs.headers"),
        json!({ "Authorization": "Bearer ${vault:mcp/docs#token}" }),
        "references are not resolved"
    );
    let all = env.run(&[&["-C", "config", "show"], scope.as_slice()].concat()).code(0).json();
    assert!(all["mcp_servers"].get("playwright").is_none(), "unset by the team");
    assert!(all.get("unset").is_none(), "a removal never reaches the output");
    assert_eq!(all["environment"]["SERVICE_NAME"], "checkout");
}

#[test]
fn an_overlay_counts_when_its_environment_is_named() {
    let env = example();
    let show = |options: &[&str]| {
        let base = ["-C", "config", "show", "environment.NODE_ENV"];
        env.run(&[base.as_slice(), options].concat()).code(0).json()
    };
    assert_eq!(show(&[]), "development");
    assert_eq!(show(&["--environment", "production"]), "production");
}

#[test]
fn toml_could_stand_in_a_layer() {
    let env = example();
    let scope = ["--team", "payments", "--project", "checkout"];
    let toml = [&["-C", "config", "show", "--format", "toml"], scope.as_slice()].concat();
    let text = env.run(&toml).code(0).stdout;
    let json = [&["-C", "config", "show"], scope.as_slice()].concat();
    let merged = env.run(&json).code(0).json();
    // Read back as the only layer, it merges to the same.
    env.write("again/claude-env.toml", "version = 1\n");
    env.write("again/base/layer.toml", &text);
    assert_eq!(env.run(&["-C", "again", "show"]).code(0).json(), merged, "{text}");
    let one = ["-C", "config", "show", "permissions.deny", "--format", "toml"];
    assert!(env.run(&one).code(0).stdout.starts_with("[permissions]\ndeny = ["));
}

#[test]
fn keys_with_dots_are_quoted() {
    let env = TestEnv::new();
    env.config(&[("base/layer.toml", "[features.\"ghcr.io/a/b:1\"]\nversion = \"20\"\n")]);
    let arguments = ["-C", "config", "show", "features.\"ghcr.io/a/b:1\".version"];
    assert_eq!(env.run(&arguments).code(0).json(), "20");
    env.run(&["-C", "config", "show", "features.\"ghcr.io"]).code(2);
    env.run(&["-C", "config", "show", ""]).code(2);
}

#[test]
fn the_local_user_layer_is_the_highest() {
    let env = example();
    env.write("home/.config/claude-env/user/layer.toml", "[settings]\ncleanupPeriodDays = 99\n");
    let key = ["-C", "config", "show", "settings.cleanupPeriodDays"];
    assert_eq!(env.run(&key).code(0).json(), 99);
    let mut command = env.claude_env();
    command.args(key).env("XDG_CONFIG_HOME", env.join("elsewhere"));
    assert_eq!(env.outcome(&mut command).code(0).json(), 30);
}
