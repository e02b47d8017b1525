//! `doctor`: each thing that can be wrong, found, with how to fix it.

use std::os::unix::fs::{PermissionsExt, symlink};

use serde_json::{Value as Json, json};

use crate::support::{Outcome, TestEnv, tool, tree};

const BASE: &str = r#"[environment]
LEVEL = "one"

[permissions]
allow = ["Bash(ls:*)"]

[settings]
model = "opus"

[mcp_servers.docs]
type = "http"
url = "https://mcp.example.com/docs"
headers = { Authorization = "Bearer ${env:DOCS_TOKEN}" }

[[hooks.Stop]]
hooks = [{ type = "command", command = "true" }]
"#;

/// A machine where all is well.
fn stage() -> TestEnv {
    let env = TestEnv::new();
    env.config(&[("base/layer.toml", BASE), ("base/memory/10-house.md", "# House\n")]);
    env.workspace();
    env.bind(&[]).code(0);
    claude(&env, "2.1.330 (Claude Code)");
    let root = env.join("ws").canonicalize().expect("the workspace").display().to_string();
    let state = json!({
        "oauthAccount": { "token": "a-secret-of-mine" },
        "projects": { root: { "hasTrustDialogAccepted": true } }
    });
    env.write("home/.claude.json", state.to_string());
    env.write(
        "home/.claude/settings.json",
        json!({"enableAllProjectMcpServers": true}).to_string(),
    );
    env
}

/// A `claude` that says this version.
fn claude(env: &TestEnv, says: &str) {
    env.write("bin/claude", format!("#!/bin/sh\necho '{says}'\n"));
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(env.join("bin/claude"), mode).expect("a mode");
}

fn doctor_with(env: &TestEnv, folder: &str, arguments: &[&str]) -> Outcome {
    let path = std::env::var("PATH").expect("a PATH");
    let mut command = env.claude_env();
    command.env("PATH", format!("{}:{path}", env.join("bin").display()));
    command.env("DOCS_TOKEN", "x").args(["-C", folder, "doctor"]).args(arguments);
    env.outcome(&mut command)
}

fn doctor(env: &TestEnv) -> Json {
    let outcome = doctor_with(env, "ws", &["--format", "json"]);
    let answer = outcome.json();
    let failed = lines(&answer, "fail");
    assert_eq!(answer["ok"], json!(failed.is_empty()));
    outcome.code(i32::from(!failed.is_empty()));
    answer
}

/// The lines of a state, as `AREA: message`.
fn lines(answer: &Json, state: &str) -> Vec<String> {
    let all = answer["lines"].as_array().expect("lines").iter();
    let of_state = all.filter(|line| line["state"] == state);
    of_state
        .map(|line| {
            assert!(state == "ok" || line["help"].is_string(), "{line}");
            let text = |key: &str| line[key].as_str().expect("text").to_owned();
            format!("{}: {}", text("area"), text("message"))
        })
        .collect()
}

/// What fails, and what is noted, after a change.
#[track_caller]
fn check(change: impl FnOnce(&TestEnv), fail: &[&str], note: &[&str]) {
    let env = stage();
    change(&env);
    let before = tree(env.path());
    let answer = doctor(&env);
    assert_eq!(tree(env.path()), before, "nothing is written");
    let shown = |state: &str| -> Vec<String> {
        let lines = lines(&answer, state).into_iter();
        lines.map(|line| line.replace(&env.path().display().to_string(), "[ROOT]")).collect()
    };
    assert_eq!((shown("fail"), shown("note")), (owned(fail), owned(note)), "{answer:#}");
}

fn owned(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

#[test]
fn where_all_is_well_there_is_nothing_failed() {
    let env = stage();
    let outcome = doctor_with(&env, "ws", &[]).code(0);
    assert!(
        !outcome.stdout.contains("fail") && !outcome.stdout.contains("note"),
        "{}",
        outcome.stdout
    );
    for part in [
        "installed\n  ok    claude-env ",
        "  ok    Claude Code 2.1.330\n",
        "workspace\n  ok    [ROOT]/ws is bound: base only, mode committed\n  ok    it is as the configuration says\n",
        "configuration\n  ok    ../config is there, at `main`\n  ok    it merges, and has no errors for this workspace\n",
        "hooks\n  ok    post-checkout: installed by ",
        "claude-code\n  ok    none of its known traps applies\n",
    ] {
        assert!(outcome.stdout.contains(part), "`{part}` in\n{}", outcome.stdout);
    }
    assert!(outcome.stderr.contains("no problems"), "{}", outcome.stderr);
    assert!(!outcome.stdout.contains("a-secret-of-mine"));
    let answer = doctor(&env);
    assert_eq!((&answer["command"], &answer["ok"]), (&json!("doctor"), &json!(true)));
}

#[test]
fn the_programs() {
    check(
        |env| claude(env, "2.0.1 (Claude Code)"),
        &["installed: Claude Code 2.0.1 is older than 2.1.197, the oldest supported version"],
        &[],
    );
    check(
        |env| claude(env, "9.9.9 (Claude Code)"),
        &[],
        &["installed: Claude Code 9.9.9 is newer than 2.1.330, the newest tested version"],
    );
    check(
        |env| std::fs::remove_file(env.join("bin/claude")).expect("it was there"),
        &[],
        &["installed: there is no `claude` on the PATH"],
    );
    check(
        |env| env.write("bin/claude", "#!/bin/sh\nexit 7\n"),
        &["installed: `claude --version`: it failed: exit status: 7"],
        &[],
    );
    let env = stage();
    env.write("bin/git", "#!/bin/sh\necho git version 2.20.1\n");
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(env.join("bin/git"), mode).expect("a mode");
    let said = lines(&doctor_with(&env, "ws", &["--format", "json"]).json(), "fail").join("\n");
    assert!(said.contains("installed: git 2.20.1 is older than 2.39"), "{said}");
}

#[test]
fn the_binding_and_the_configuration() {
    let env = stage();
    let outcome = doctor_with(&env, "config", &[]).code(1);
    assert!(outcome.stdout.contains("fail  not a workspace"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("claude-env init --source REPO"), "{}", outcome.stdout);
    doctor_with(&env, "nowhere", &[]).code(2);

    check(
        |env| {
            env.edit("ws/.claude-env.toml", "\"../config\"", "\"../gone\"");
            env.write("ws/.mcp.json", "{}");
        },
        &[
            "configuration: there is no folder `[ROOT]/ws/../gone`",
            "claude-code: .mcp.json has no object `mcpServers`: Claude Code rejects the whole file",
        ],
        &[],
    );
    check(
        |env| {
            env.edit("config/base/layer.toml", "\"opus\"", "5");
            env.commit_config();
        },
        &[
            "configuration: the configuration has errors: CE070 at base/layer.toml:8: `settings.model` is an integer, not a string",
        ],
        &[],
    );
}

#[test]
fn what_was_rendered() {
    check(
        |env| {
            env.edit("config/base/layer.toml", "\"one\"", "\"two\"");
            env.commit_config();
        },
        &[
            "workspace: the rendered files are 1 commit behind the configuration",
            "workspace: 1 entry waits for a sync",
        ],
        &[],
    );
    check(
        |env| env.edit("ws/.claude/settings.json", "\"one\"", "\"mine\""),
        &[],
        &["workspace: 1 entry was changed by hand"],
    );
    check(
        |env| {
            env.write("config/teams/a/layer.toml", "description = \"A\"\n");
            env.commit_config();
            env.edit("ws/.claude-env.toml", "[scope]", "[scope]\nteam = \"a\"");
        },
        &["workspace: what is there was rendered from another repository, or for another scope"],
        &[],
    );
    check(
        |env| std::fs::remove_file(env.join("ws/.claude-env.lock")).expect("it was there"),
        &["workspace: nothing was rendered yet"],
        &[],
    );
}

#[test]
fn a_repository_with_a_url_is_asked_only_if_told_to() {
    let env = stage();
    let url = format!("file://{}", env.join("config").display());
    env.edit("ws/.claude-env.toml", "\"../config\"", &format!("\"{url}\""));
    let first = lines(&doctor(&env), "fail").join("\n");
    assert!(first.contains("was never fetched"), "{first}");
    env.sync().code(0);
    let answer = doctor(&env);
    assert_eq!(lines(&answer, "fail"), [] as [&str; 0]);
    let good = lines(&answer, "ok").join("\n");
    assert!(good.contains("was fetched ") && !good.contains("answers"), "{good}");
    let online = doctor_with(&env, "ws", &["--online", "--format", "json"]).code(0).json();
    assert!(lines(&online, "ok").join("\n").contains(" answers"), "{online:#}");

    std::fs::rename(env.join("config"), env.join("moved")).expect("moved");
    doctor_with(&env, "ws", &[]).code(0);
    let gone = doctor_with(&env, "ws", &["--online", "--format", "json"]).code(1).json();
    assert_eq!(lines(&gone, "fail").len(), 1, "{gone:#}");
    doctor_with(&env, "ws", &["--online", "--offline"]).code(2);
}

#[test]
fn the_hooks() {
    let env = stage();
    env.run(&["-C", "ws", "hooks", "uninstall"]).code(0);
    let answer = doctor(&env);
    assert_eq!(
        lines(&answer, "fail"),
        [
            "hooks: post-checkout: missing",
            "hooks: post-merge: missing",
            "hooks: post-rewrite: missing"
        ]
    );
    assert_eq!(
        answer["lines"]
            .as_array()
            .expect("lines")
            .iter()
            .find(|line| line["area"] == "hooks")
            .expect("a line")["help"],
        "`claude-env hooks install` installs it"
    );
}

#[test]
fn claude_codes_own_files() {
    check(
        |env| env.write("ws/.claude/settings.local.json", "{\"model\": 5}"),
        &[
            "claude-code: .claude/settings.local.json has a value of the wrong type at `model`: Claude Code discards the whole file, and only \
           `claude doctor` reports it",
        ],
        &[],
    );
    check(
        |env| env.write("home/.claude/settings.json", "{ nonsense"),
        &[
            "claude-code: ~/.claude/settings.json is not valid JSON, line 1: Claude Code discards the whole file, and only `claude doctor` reports it",
        ],
        &["claude-code: 1 MCP server waits for your approval: docs"],
    );
    check(
        |env| {
            env.write(
                "ws/.claude/settings.local.json",
                "{\"model\": \"haiku\", \"disableAllHooks\": true}",
            );
        },
        &[
            "claude-code: `disableAllHooks` in .claude/settings.local.json disables the configured hooks",
        ],
        &["claude-code: .claude/settings.local.json overrides configured values: model"],
    );
    check(
        |env| env.write("home/.claude.json", "{}"),
        &[],
        &[
            "claude-code: the folder is not trusted yet: rules in `permissions.allow` and `additionalDirectories` of the workspace have no effect",
        ],
    );
    check(
        |env| env.write("home/.claude.json", "{ broken"),
        &["claude-code: ~/.claude.json is not valid JSON"],
        &[
            "claude-code: the folder is not trusted yet: rules in `permissions.allow` and `additionalDirectories` of the workspace have no effect",
        ],
    );
}

#[test]
fn servers_of_a_persons_own_are_named_and_nothing_else_of_them() {
    let env = stage();
    let root = env.join("ws").display().to_string();
    let secret = json!({"command": "x", "env": {"API_KEY": "a-secret-of-mine"}});
    let state = json!({
        "mcpServers": { "docs": secret },
        "projects": { root: { "hasTrustDialogAccepted": true, "mcpServers": { "docs": secret } } }
    });
    env.write("home/.claude.json", state.to_string());
    let outcome = doctor_with(&env, "ws", &[]).code(1);
    for part in [
        "fail  ~/.claude.json has a server `docs` for this folder, which overrides the configured one\n        `claude mcp remove -s local docs`",
        "note  ~/.claude.json also has a server `docs`; the configured one overrides it here",
    ] {
        assert!(outcome.stdout.contains(part), "{}", outcome.stdout);
    }
    assert!(
        !outcome.stdout.contains("a-secret-of-mine")
            && !outcome.stderr.contains("a-secret-of-mine")
    );
    // Where the person says so, the folder is another one.
    std::fs::create_dir(env.join("elsewhere")).expect("a folder");
    std::fs::rename(env.join("home/.claude.json"), env.join("elsewhere/.claude.json"))
        .expect("moved");
    let mut command = env.claude_env();
    command.env("CLAUDE_CONFIG_DIR", env.join("elsewhere")).args(["-C", "ws", "doctor"]);
    let outcome = env.outcome(&mut command).code(1);
    assert!(
        outcome.stdout.contains("elsewhere/.claude.json has a server `docs`"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn instructions() {
    check(
        |env| {
            let text = env.read("ws/CLAUDE.md");
            env.write("ws/CLAUDE.md", format!("{text}\nSee @docs/gone.md, and ask @acme/leads.\n"));
            env.write("ws/AGENTS.md", "# Agents\n");
        },
        &[],
        &[
            "claude-code: AGENTS.md is not read beside CLAUDE.md",
            "claude-code: CLAUDE.md:7 imports `docs/gone.md`, which is not there",
        ],
    );
    check(
        |env| {
            let text = env.read("ws/CLAUDE.md");
            env.write("ws/AGENTS.md", format!("{text}# Agents\n"));
            std::fs::remove_file(env.join("ws/CLAUDE.md")).expect("it was there");
            symlink("AGENTS.md", env.join("ws/CLAUDE.md")).expect("a link");
        },
        &[],
        &[],
    );
}

#[test]
fn an_import_of_the_block_must_be_there() {
    let env = stage();
    let wheel = tool("CLAUDE_ENV_TEST_SUPERCLAUDE_WHEEL");
    env.run(&["-C", "config", "pack", "add", "superclaude@4.3.0", "--from", wheel.as_str()])
        .code(0);
    let layer = env.read("config/base/layer.toml");
    env.write("config/base/layer.toml", format!("packs = [\"superclaude\"]\n{layer}"));
    env.commit_config();
    env.sync().code(0);
    std::fs::remove_file(env.join("ws/.claude/superclaude/RULES.md")).expect("it was there");
    let said = lines(&doctor(&env), "fail").join("\n");
    assert!(said.contains("imports `.claude/superclaude/RULES.md`, which is not there"), "{said}");
}

#[test]
fn what_git_tracks_that_is_one_persons() {
    let env = stage();
    env.write("home/.config/claude-env/user/layer.toml", "[environment]\nMINE = \"1\"\n");
    env.sync().code(0);
    env.git("ws", &["add", "--force", ".claude/settings.local.json"]);
    let answer = doctor(&env);
    let said = lines(&answer, "fail").join("\n");
    assert!(
        said.contains("workspace: git tracks .claude/settings.local.json, which is one person's"),
        "{said}"
    );

    let env = stage();
    env.git("ws", &["add", "--all"]);
    env.edit("ws/.claude-env.toml", "\"committed\"", "\"local\"");
    let said = lines(&doctor(&env), "fail").join("\n");
    for path in [".mcp.json", "CLAUDE.md", ".claude/settings.json"] {
        assert!(said.contains(&format!("workspace: git tracks {path}")), "{said}");
    }
}

#[test]
fn started_in_a_subfolder() {
    let env = stage();
    std::fs::create_dir(env.join("ws/src")).expect("a folder");
    let outcome = doctor_with(&env, "ws/src", &[]).code(0);
    assert!(
        outcome.stdout.contains(
            "note  started in a subfolder, Claude Code does not read .claude/settings.json"
        ),
        "{}",
        outcome.stdout
    );
}

#[test]
fn the_real_clients_are_known() {
    for (variable, version) in
        [("CLAUDE_ENV_TEST_CLAUDE_197", "2.1.197"), ("CLAUDE_ENV_TEST_CLAUDE_330", "2.1.330")]
    {
        let env = stage();
        std::fs::remove_file(env.join("bin/claude")).expect("it was there");
        symlink(tool(variable), env.join("bin/claude")).expect("a link");
        let answer = doctor(&env);
        let good = lines(&answer, "ok").join("\n");
        assert!(good.contains(&format!("installed: Claude Code {version}")), "{answer:#}");
    }
}
