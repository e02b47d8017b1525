//! `check`.

use serde_json::Value as Json;

use crate::support::{TestEnv, tool};

const BROKEN: &str = "# a comment\n[environment]\nA = 1\n\n[nonsense]\n";

fn broken() -> TestEnv {
    let env = TestEnv::new();
    env.config(&[("base/layer.toml", BROKEN), ("teams/a/layer.toml", "x y\n")]);
    env
}

fn findings(report: &Json) -> Vec<String> {
    let findings = report["findings"].as_array().expect("findings");
    let text = |finding: &Json| {
        let word = |key: &str| finding[key].as_str().expect("text").to_owned();
        format!("{} {}:{}:{}", word("severity"), word("file"), finding["line"], finding["column"])
    };
    findings.iter().map(text).collect()
}

#[test]
fn a_clean_repository_is_0() {
    let env = TestEnv::new();
    env.example();
    let outcome = env.run(&["-C", "config", "check", "--format", "json"]).code(0);
    let report = outcome.json();
    assert_eq!((&report["command"], &report["ok"]), (&Json::from("check"), &Json::from(true)));
    let errors = findings(&report).into_iter().filter(|finding| !finding.starts_with("note"));
    assert_eq!(errors.count(), 0, "{}", outcome.stdout);
    assert_eq!(outcome.stderr, "");
}

#[test]
fn all_findings_at_once_with_places_is_1() {
    let env = broken();
    let outcome = env.run(&["-C", "config", "check", "--format", "json"]).code(1);
    let report = outcome.json();
    assert_eq!(report["ok"], false);
    assert_eq!(
        findings(&report),
        ["error base/layer.toml:3:5", "error base/layer.toml:5:2", "error teams/a/layer.toml:1:3"]
    );
    for finding in report["findings"].as_array().expect("findings") {
        let keys = [
            "code",
            "severity",
            "message",
            "file",
            "line",
            "column",
            "end_line",
            "end_column",
            "help",
        ];
        for key in keys {
            assert!(finding.get(key).is_some(), "no {key} in {finding}");
        }
        let code = finding["code"].as_str().expect("a code");
        let page = format!("{}/docs/rules/{code}.md", env!("CARGO_MANIFEST_DIR"));
        assert!(std::path::Path::new(&page).is_file(), "{page}");
    }
}

#[test]
fn people_see_the_line_underlined() {
    let outcome = broken().run(&["-C", "config", "check"]).code(1);
    for part in ["--> base/layer.toml:3:5", "3 | A = 1", "  |     ^", "5 | [nonsense]"] {
        assert!(outcome.stdout.contains(part), "`{part}` in\n{}", outcome.stdout);
    }
    assert!(outcome.stderr.contains("3 errors in 2 files"), "{}", outcome.stderr);
    assert!(!outcome.stdout.contains("3 errors"), "the summary is for people");
}

#[test]
fn warnings_count_only_when_strict() {
    let env = TestEnv::new();
    env.config(&[("base/layer.toml", "unset = [\"environment.NOTHING\"]\n")]);
    let outcome = env.run(&["-C", "config", "check", "--format", "json"]).code(0);
    assert_eq!(findings(&outcome.json()), ["warning base/layer.toml:1:10"]);
    let outcome = env.run(&["-C", "config", "check", "--strict", "--format", "json"]).code(1);
    assert_eq!(outcome.json()["ok"], false);
}

#[test]
fn sarif_is_accepted_by_its_schema() {
    let env = broken();
    let clean = TestEnv::new();
    clean.config(&[]);
    for (env, code, results) in [(&env, 1, 3), (&clean, 0, 0)] {
        let outcome = env.run(&["-C", "config", "check", "--format", "sarif"]).code(code);
        assert_eq!(outcome.stderr, "");
        env.write("report.sarif", &outcome.stdout);
        let mut validate = env.command(tool("CLAUDE_ENV_TEST_CHECK_JSONSCHEMA"));
        validate.arg("--schemafile").arg(tool("CLAUDE_ENV_TEST_SARIF_SCHEMA")).arg("report.sarif");
        env.outcome(&mut validate).code(0);
        let run = &outcome.json()["runs"][0];
        assert_eq!(run["results"].as_array().expect("results").len(), results);
        // The validator can say no.
        env.write("report.sarif", outcome.stdout.replace("\"2.1.0\"", "\"9\""));
        env.outcome(&mut validate).code(1);
    }
    let outcome = env.run(&["-C", "config", "check", "--format", "sarif"]);
    let place = &outcome.json()["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "base/layer.toml");
    assert_eq!(
        (&place["region"]["startLine"], &place["region"]["startColumn"]),
        (&Json::from(3), &Json::from(5))
    );
}

#[test]
fn github_gets_one_command_a_finding() {
    let env = broken();
    let outcome = env.run(&["-C", "config", "check", "--format", "github"]).code(1);
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{}", outcome.stdout);
    assert!(
        lines[0].starts_with("::error file=base/layer.toml,line=3,col=5,endLine=3,endColumn="),
        "{}",
        lines[0]
    );
    assert!(lines.iter().all(|line| line.contains("::") && line.contains(",title=CE")));

    let mut command = env.claude_env();
    command.args(["-C", "config", "check", "--quiet"]).env("GITHUB_ACTIONS", "true");
    assert_eq!(
        env.outcome(&mut command).code(1).stdout,
        outcome.stdout,
        "the default in GitHub Actions"
    );
    let mut command = env.claude_env();
    command.args(["-C", "config", "check", "--format", "human"]).env("GITHUB_ACTIONS", "true");
    assert!(env.outcome(&mut command).code(1).stdout.contains("-->"));
}

#[test]
fn one_scope_only_when_one_is_named() {
    let env = broken();
    env.write("config/base/layer.toml", "");
    env.write("config/teams/b/layer.toml", "");
    env.run(&["-C", "config", "check"]).code(1);
    env.run(&["-C", "config", "check", "--team", "b"]).code(0);
    env.run(&["-C", "config", "check", "--team", "a"]).code(1);
    let outcome = env.run(&["-C", "config", "check", "--team", "bb", "--format", "json"]).code(1);
    assert!(outcome.stdout.contains("there is no team `bb`"), "{}", outcome.stdout);
}

#[test]
fn every_other_command_answers_with_2_and_the_findings_on_stderr() {
    let env = broken();
    let commands: [&[&str]; 4] = [
        &["show"],
        &["explain", "environment"],
        &["render", "--output", "out"],
        &["show", "--format", "toml"],
    ];
    for command in commands {
        let outcome = env.run(&[&["-C", "config"], command].concat()).code(2);
        assert_eq!(outcome.stdout, "", "{command:?}");
        assert!(
            outcome.stderr.contains("--> base/layer.toml:3:5"),
            "{command:?}: {}",
            outcome.stderr
        );
    }
    assert!(!env.join("config/out").exists());
}
