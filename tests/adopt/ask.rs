//! Nothing is written that nobody agreed to.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::json;

use super::{SETTINGS, adopt, stage};
use crate::support::{TestEnv, tree};

#[test]
fn without_a_terminal_and_without_yes_the_edit_is_only_shown() {
    let env = stage("");
    env.edit(SETTINGS, "\"one\"", "\"two\"");
    let before = tree(env.path());
    for options in [&[][..], &["--dry-run"]] {
        let outcome = adopt(&env, options).code(1);
        let diff = "--- a/base/layer.toml\n+++ b/base/layer.toml\n@@ -1,7 +1,7 @@\n # For everyone.\n \n [environment]\n\
                    -LEVEL = \"one\" # how much is said\n+LEVEL = \"two\" # how much is said\n MODE = \"dev\"\n";
        assert!(outcome.stdout.starts_with(diff), "{}", outcome.stdout);
        assert!(
            outcome.stderr.contains("adopt: .claude/settings.json  env/LEVEL → base"),
            "{}",
            outcome.stderr
        );
        let asked = outcome.stderr.contains("there is no terminal to ask on; add `--yes`");
        assert_eq!(asked, options.is_empty(), "{}", outcome.stderr);
        assert_eq!(tree(env.path()), before, "nothing is written");
    }
    let answer = adopt(&env, &["--format", "json"]).code(1).json();
    assert_eq!(
        (&answer["command"], &answer["ok"], &answer["dry_run"], &answer["written"]),
        (&json!("adopt"), &json!(false), &json!(false), &json!(false))
    );
    let folder = env.join("config").display().to_string();
    let files =
        json!([{ "folder": "[ROOT]/ws/../config", "file": "base/layer.toml", "action": "update" }]);
    assert_eq!(answer["files"], files, "{folder}");
    assert!(answer["diff"].as_str().is_some_and(|diff| diff.contains("+LEVEL = \"two\"")));
    adopt(&env, &["--dry-run", "--yes"]).code(2);
}

/// Adopts on a terminal, where somebody types an answer.
fn answered(env: &TestEnv, answer: &str) -> String {
    let program = assert_cmd::cargo::cargo_bin("claude-env");
    let line = format!("{} -C ws adopt", program.display());
    let mut command: Command = env.command("script");
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("script starts");
    let mut input = child.stdin.take().expect("its input");
    input.write_all(answer.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("it ends");
    drop(input);
    format!("{:?} {}", output.status.code(), String::from_utf8_lossy(&output.stdout))
}

#[test]
fn on_a_terminal_it_asks() {
    let env = stage("");
    env.edit(SETTINGS, "\"one\"", "\"two\"");
    let before = tree(&env.join("config"));
    let said = answered(&env, "n\n");
    assert!(
        said.starts_with("Some(1)") && said.contains("Write this into the layers? [y/N]"),
        "{said}"
    );
    assert!(said.contains("nothing was written"), "{said}");
    assert_eq!(tree(&env.join("config")), before);
    let said = answered(&env, "y\n");
    assert!(said.starts_with("Some(0)") && said.contains("adopted 1 entry into 1 file"), "{said}");
    assert!(env.read("config/base/layer.toml").contains("LEVEL = \"two\""));
}
