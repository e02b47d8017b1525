//! `explain`.

use crate::support::TestEnv;

fn explain(key: &str, options: &[&str]) -> crate::support::Outcome {
    let env = TestEnv::new();
    env.example();
    env.run(&[&["-C", "config", "explain", key], options].concat())
}

#[test]
fn a_scalar_has_a_winner_and_losers() {
    let outcome = explain("settings.cleanupPeriodDays", &["--team", "payments"]).code(0);
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines: Vec<String> = outcome.stdout.lines().map(words).collect();
    assert_eq!(lines[0], "settings.cleanupPeriodDays = 14");
    assert_eq!(lines[1], "set by team payments teams/payments/layer.toml:38:21");
    assert_eq!(lines[2], "shadows base base/layer.toml:54:21 30");
    assert!(lines[3].starts_with("strategy replace"), "{}", outcome.stdout);
    assert_eq!(outcome.stderr, "");
}

#[test]
fn json_has_the_places() {
    let options = ["--team", "payments", "--format", "json"];
    let answer = explain("settings.cleanupPeriodDays", &options).code(0).json();
    assert_eq!(answer["command"], "explain");
    assert_eq!(answer["ok"], true);
    assert_eq!(answer["value"], 14);
    assert_eq!(answer["winner"]["file"], "teams/payments/layer.toml");
    assert_eq!(answer["shadows"][0]["value"], 30);
    assert_eq!(answer["strategy"]["name"], "replace");

    let answer = explain("permissions.allow", &options).code(0).json();
    let items = answer["items"].as_array().expect("items");
    let layers: Vec<&str> = items.iter().filter_map(|item| item["layer"].as_str()).collect();
    assert_eq!(layers, ["base", "base", "base", "team payments", "team payments"]);
    assert_eq!(answer["strategy"]["name"], "union");
}

#[test]
fn what_was_unset_is_explained_too() {
    let outcome = explain("mcp_servers.playwright", &["--team", "payments"]).code(0);
    assert!(outcome.stdout.contains("is not set"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("teams/payments/layer.toml"), "{}", outcome.stdout);
}

#[test]
fn the_built_in_defaults_are_a_layer() {
    let outcome = explain("settings.\"$schema\"", &[]).code(0);
    assert!(outcome.stdout.contains("built-in defaults"), "{}", outcome.stdout);
}

#[test]
fn a_code_has_its_page() {
    let outcome = explain("CE020", &[]).code(0);
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rules/CE020.md");
    assert_eq!(outcome.stdout.trim(), std::fs::read_to_string(page).expect("the page").trim());
    assert_eq!(explain("CE020", &["--format", "json"]).code(0).json()["code"], "CE020");
    explain("CE999", &[]).code(2);
}
