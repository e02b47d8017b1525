//! Options that every command takes, and what all commands do alike.

use super::shell;
use crate::support::TestEnv;

#[test]
fn bad_usage_is_2_and_suggests() {
    let env = TestEnv::new();
    env.example();
    let cases: [(&[&str], &str); 10] = [
        (&["shw"], "'show'"),
        (&["-C", "config", "show", "--tema", "payments"], "'--team'"),
        (&["-C", "config", "show", "--format", "yaml"], "[possible values: json, toml]"),
        (
            &["-C", "config", "show", "mcp_servers.sequentail"],
            "did you mean `mcp_servers.sequential`?",
        ),
        (&["-C", "config", "explain", "permissions.alow"], "did you mean `permissions.allow`?"),
        (&["-C", "config", "show", "--team", "paiments"], "payments"),
        (&["-C", "config", "show", "--project", "chekout"], "checkout"),
        (&["-C", "config", "show", "--environment", "prodcution"], "production"),
        (&["-C", "config", "show", "--team", "../payments"], "--team"),
        (&[], "Usage"),
    ];
    for (arguments, says) in cases {
        let outcome = env.run(arguments).code(2);
        assert!(outcome.stderr.contains(says), "{arguments:?}: {}", outcome.stderr);
        assert_eq!(outcome.stdout, "", "{arguments:?}");
    }
}

#[test]
fn a_folder_without_a_config_repository_is_said_clearly() {
    let env = TestEnv::new();
    env.write("empty/file", "");
    for verb in
        [&["check"][..], &["show"], &["explain", "a"], &["render", "--output", "out"], &["sync"]]
    {
        let outcome = env.run(&[&["-C", "empty"], verb].concat()).code(2);
        assert!(outcome.stderr.contains("claude-env new DIR"), "{verb:?}: {}", outcome.stderr);
        let outcome = env.run(&[&["-C", "nowhere"], verb].concat()).code(2);
        assert!(outcome.stderr.contains("[ROOT]/nowhere"), "{verb:?}: {}", outcome.stderr);
        let outcome = env.run(&[&["--config-repo", "nowhere"], verb].concat()).code(2);
        assert!(outcome.stderr.contains("nowhere"), "{verb:?}: {}", outcome.stderr);
    }
    assert!(!env.join("out").exists());
}

#[test]
fn every_path_is_relative_to_the_folder_of_c() {
    let env = TestEnv::new();
    env.example();
    env.write("other/file", "");
    let direct = env.run(&["-C", "config", "show"]).code(0);
    assert_eq!(env.run(&["-C", "other", "--config-repo", "../config", "show"]).code(0), direct);
    assert_eq!(env.run(&["-C", "config/base/memory", "show"]).code(0).stdout, direct.stdout);
    env.run(&["-C", "config", "render", "--output", "../other/out"]).code(0);
    assert!(env.join("other/out/.mcp.json").is_file());
    env.run(&["-C", "other", "new", "fresh"]).code(0);
    assert!(env.join("other/fresh/claude-env.toml").is_file());
    env.run(&["-C", "other", "man", "--output", "pages"]).code(0);
    assert!(env.join("other/pages/claude-env.1").is_file());
}

#[test]
fn the_config_repository_can_come_from_the_environment() {
    let env = TestEnv::new();
    env.example();
    env.write("fallback/claude-env.toml", "version = 1\n");
    let mut command = env.claude_env();
    command
        .args(["show", "environment.NODE_ENV"])
        .env("CLAUDE_ENV_CONFIG_REPO", env.join("config"));
    assert_eq!(env.outcome(&mut command).code(0).stdout, "\"development\"\n");
    // An option wins over it, and so does the binding of a workspace.
    let mut command = env.claude_env();
    command.args(["--config-repo", "config", "show", "environment.NODE_ENV"]);
    command.env("CLAUDE_ENV_CONFIG_REPO", env.join("fallback"));
    assert_eq!(env.outcome(&mut command).code(0).stdout, "\"development\"\n");
    env.workspace();
    env.bind(&[]).code(0);
    let mut command = env.claude_env();
    command.args(["-C", "ws", "show", "environment.NODE_ENV"]);
    command.env("CLAUDE_ENV_CONFIG_REPO", env.join("fallback"));
    assert_eq!(env.outcome(&mut command).code(0).stdout, "\"development\"\n");
}

#[test]
fn colours_only_when_asked_for() {
    let env = TestEnv::new();
    env.config(&[("base/layer.toml", "[nonsense]\n")]);
    let coloured = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = env.claude_env();
        command.args(["-C", "config"]).args(arguments).envs(variables.iter().copied());
        let outcome = env.outcome(&mut command);
        assert!(outcome.stdout.contains("nonsense") || outcome.stderr.contains("nonsense"));
        (outcome.stdout + &outcome.stderr).contains('\u{1b}')
    };
    assert!(!coloured(&["check"], &[]), "not on a terminal");
    assert!(coloured(&["check", "--color", "always"], &[]));
    assert!(coloured(&["--color", "always", "show"], &[]), "findings on stderr");
    assert!(coloured(&["check"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&["check"], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!coloured(&["check", "--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(coloured(&["check", "--color", "always"], &[("NO_COLOR", "1")]), "an option wins");
    assert!(!coloured(&["check", "--color", "always", "--format", "json"], &[]));
}

#[test]
fn quiet_leaves_out_all_but_results_and_errors() {
    let env = TestEnv::new();
    env.example();
    env.workspace();
    let bound = env.bind(&["--quiet"]).code(0);
    assert_eq!(bound.stderr, "");
    assert!(bound.stdout.contains("+ CLAUDE.md"));
    assert_eq!(env.run(&["-C", "config", "check", "-q"]).code(0).stderr, "");
    let refused = env.run(&["-C", "ws", "show", "nothing.here", "-q"]).code(2);
    assert!(refused.stderr.contains("error:"));
    env.run(&["-q", "-v", "-C", "ws", "sync"]).code(2);
}

#[test]
fn verbose_and_log_go_to_stderr() {
    let env = TestEnv::new();
    env.example();
    let plain = env.run(&["-C", "config", "show"]).code(0);
    for flag in ["-v", "-vv"] {
        assert_eq!(env.run(&["-C", "config", "show", flag]).code(0).stdout, plain.stdout);
    }
    let mut command = env.claude_env();
    command.args(["-C", "config", "show"]).env("CLAUDE_ENV_LOG", "trace");
    assert_eq!(env.outcome(&mut command).code(0).stdout, plain.stdout);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let env = TestEnv::new();
    env.example();
    let scripts = [
        "claude-env -C config show | head -n 1",
        "claude-env -C config show | true",
        "claude-env --help | head -n 1",
        "claude-env completions bash | head -n 1",
        "claude-env man | head -n 1",
        "claude-env schema layer | head -n 1",
        "claude-env -C config render --output out | head -n 1",
    ];
    for script in scripts {
        let outcome =
            shell(&env, &format!("for i in 1 2 3 4 5; do {script} || exit; done")).code(0);
        assert!(
            !outcome.stderr.contains("panicked") && !outcome.stderr.contains("bug"),
            "{script}: {}",
            outcome.stderr
        );
    }
}

#[test]
fn a_result_that_cannot_be_written_is_a_failure() {
    let env = TestEnv::new();
    env.example();
    let outcome = shell(&env, "claude-env -C config show > /dev/full").code(3);
    assert!(outcome.stderr.contains("No space left"), "{}", outcome.stderr);
}

#[test]
fn a_newer_format_says_upgrade_first_of_all() {
    let env = TestEnv::new();
    env.write("config/claude-env.toml", "version = 2\nbrand_new = 1\n");
    let outcome = env.run(&["-C", "config", "show"]).code(2);
    assert!(outcome.stderr.contains("upgrade claude-env"), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("brand_new"), "{}", outcome.stderr);
    let outcome = env.run(&["-C", "config", "check", "--format", "json"]).code(1);
    let findings = outcome.json()["findings"].as_array().expect("findings").len();
    assert_eq!(findings, 1, "{}", outcome.stdout);
}
