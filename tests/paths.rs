//! Every option that takes a path: relative with `..`, inside of another workspace, and through a linked folder.

use std::os::unix::fs::symlink;
use std::path::PathBuf;

use crate::support::{Outcome, TestEnv, tree};

/// A workspace `ws` in which every command runs, a workspace `other`, and a git repository `plain` that is not bound.
///
/// Links make sure that nobody works `..` out by name: `ws/to-other/..` is `other`, and `ws/to-plain/..` is `plain`.
fn stage() -> TestEnv {
    let env = TestEnv::new();
    env.config(&[
        ("base/layer.toml", "[settings]\nmodel = \"opus\"\n"),
        ("base/memory/10-base.md", "Base.\n"),
    ]);
    for name in ["ws", "other", "plain"] {
        env.git("", &["init", "--quiet", "--initial-branch=main", name]);
        std::fs::create_dir(env.join(&format!("{name}/deep"))).expect("a folder");
    }
    for name in ["ws", "other"] {
        env.run(&["-C", name, "init", "--source", "../config", "--no-hooks"]).code(0);
    }
    symlink("../other/deep", env.join("ws/to-other")).expect("a link");
    symlink("../plain/deep", env.join("ws/to-plain")).expect("a link");
    symlink("../config/base", env.join("ws/to-config")).expect("a link");
    env
}

/// The ways to write a folder beside `ws` from inside of it; `link` is a link to a folder in it.
fn spellings(env: &TestEnv, name: &str, link: &str) -> Vec<String> {
    vec![
        format!("../{name}"),
        format!("deep/../../{name}"),
        format!("../plain/deep/../../{name}/."),
        format!("{link}/.."),
        format!("{}/../{name}", env.join("ws").display()),
        env.join(name).display().to_string(),
    ]
}

/// Runs the program inside of `ws`.
fn run(env: &TestEnv, arguments: &[&str]) -> Outcome {
    let mut command = env.claude_env();
    env.outcome(command.current_dir(env.join("ws")).args(arguments))
}

#[test]
fn c_names_the_workspace_however_it_is_written() {
    let env = stage();
    for folder in spellings(&env, "other", "to-other") {
        let status = run(&env, &["-C", &folder, "status", "--format", "json"]).code(0).json();
        assert_eq!(status["workspace"], "[ROOT]/other", "{folder}");
        let doctor = run(&env, &["-C", &folder, "doctor"]);
        let said = doctor.stdout + &doctor.stderr;
        assert!(said.contains("[ROOT]/other is bound"), "{folder}: {said}");
    }
    // A folder below the workspace is inside of it, also through a link.
    for folder in ["../other/deep", "to-other"] {
        let status = run(&env, &["-C", folder, "status", "--format", "json"]).code(0).json();
        assert_eq!(status["workspace"], "[ROOT]/other", "{folder}");
    }
}

#[test]
fn c_changes_the_workspace_that_it_names_and_no_other() {
    let env = stage();
    env.edit("config/base/layer.toml", "opus", "sonnet");
    env.commit_config();
    let model = |name: &str| env.json(&format!("{name}/.claude/settings.json"))["model"].clone();
    run(&env, &["-C", "to-other/..", "sync"]).code(0);
    assert_eq!((model("ws"), model("other")), ("opus".into(), "sonnet".into()));
    let before = env.read("ws/.claude/settings.json");
    run(&env, &["-C", "../other", "rollback"]).code(0);
    assert_eq!((model("ws"), model("other")), ("opus".into(), "opus".into()));
    env.edit("other/.claude/settings.json", "opus", "haiku");
    run(&env, &["-C", "to-other/..", "adopt", "--yes"]).code(0);
    assert!(env.read("config/base/layer.toml").contains("haiku"));
    assert_eq!(env.read("ws/.claude/settings.json"), before);
}

#[test]
fn a_folder_without_a_binding_is_not_the_workspace_that_the_path_comes_through() {
    let env = stage();
    env.edit("config/base/layer.toml", "opus", "sonnet");
    env.commit_config();
    let before = tree(&env.join("ws"));
    let verbs: [&[&str]; 9] = [
        &["sync"],
        &["sync", "--dry-run"],
        &["sync", "--force"],
        &["status"],
        &["drift"],
        &["adopt"],
        &["rollback"],
        &["rollback", "--list"],
        &["show"],
    ];
    for folder in spellings(&env, "plain", "to-plain") {
        for verb in verbs {
            let outcome = run(&env, &[&["-C", &folder], verb].concat()).code(2);
            let says = outcome.stderr.contains("no .claude-env.toml");
            assert!(says, "{folder} {verb:?}: {}", outcome.stderr);
        }
    }
    for verb in verbs.into_iter().chain([&["doctor"][..], &["hooks", "status"], &["new", "x"]]) {
        let outcome = run(&env, &[&["-C", "../gone"], verb].concat()).code(2);
        let says = outcome.stderr.contains("there is no folder `[ROOT]/ws/../gone`");
        assert!(says, "{verb:?}: {}", outcome.stderr);
    }
    assert_eq!(tree(&env.join("ws")), before);
}

#[test]
fn the_hooks_of_the_folder_that_c_names_are_installed() {
    let env = stage();
    let installed = |name: &str| {
        let status = env.run(&["-C", name, "hooks", "status", "--format", "json"]).json();
        status.to_string().contains("\"installed\":true")
    };
    let cases = [("to-other/..", "other"), ("../other", "other"), ("to-plain/..", "plain")];
    for (folder, name) in cases {
        let bound = name == "other";
        run(&env, &["-C", folder, "hooks", "install"]).code(if bound { 0 } else { 2 });
        let status = run(&env, &["-C", folder, "hooks", "status", "--format", "json"]);
        assert_eq!(
            status.json(),
            env.run(&["-C", name, "hooks", "status", "--format", "json"]).json()
        );
        assert!(!installed("ws"), "{folder}");
        assert_eq!(installed(name), bound, "{folder}");
        run(&env, &["-C", folder, "hooks", "uninstall"]).code(0);
        assert!(!installed(name), "{folder}");
    }
}

#[test]
fn a_config_repository_is_found_however_it_is_written() {
    let env = stage();
    let direct = env.run(&["-C", "config", "show"]).code(0).stdout;
    for folder in spellings(&env, "config", "to-config") {
        let shown = run(&env, &["--config-repo", &folder, "show"]).code(0);
        assert_eq!(shown.stdout, direct, "{folder}");
        assert_eq!(run(&env, &["-C", &folder, "show"]).code(0).stdout, direct, "-C {folder}");
        run(&env, &["--config-repo", &folder, "check"]).code(0);
        run(&env, &["--config-repo", &folder, "pack", "list"]).code(0);
        let all = run(&env, &["--config-repo", &folder, "status", "--all", "--format", "json"]);
        let all = all.code(0).json();
        assert_eq!(all["workspaces"].as_array().map(Vec::len), Some(2), "{folder}: {all}");
    }
    // Relative to the folder of `-C`.
    let shown = run(&env, &["-C", "to-plain/..", "--config-repo", "../config", "show"]).code(0);
    assert_eq!(shown.stdout, direct);
}

#[test]
fn a_binding_leads_to_the_source_however_it_was_written() {
    let env = stage();
    for (number, source) in spellings(&env, "config", "to-config").into_iter().enumerate() {
        let name = format!("fresh-{number}");
        env.git("", &["init", "--quiet", &name]);
        // As in `ws`, so that the same words lead to the same places.
        std::fs::create_dir(env.join(&format!("{name}/deep"))).expect("a folder");
        symlink("../config/base", env.join(&format!("{name}/to-config"))).expect("a link");
        let folder = format!("../{name}");
        run(&env, &["-C", &folder, "init", "--source", &source, "--no-hooks"]).code(0);
        let binding = env.read(&format!("{name}/.claude-env.toml"));
        let written = binding.lines().find_map(|line| line.strip_prefix("repository = "));
        let written = written.expect("a repository").trim_matches('"').to_owned();
        let leads_to = std::fs::canonicalize(env.join(&name).join(&written));
        let config = std::fs::canonicalize(env.join("config"));
        assert_eq!(leads_to.ok(), config.ok(), "{source}: {written}");
        assert!(env.join(&format!("{name}/CLAUDE.md")).is_file(), "{source}");
        // The same again is no other source.
        run(&env, &["-C", &folder, "init", "--source", &source, "--no-hooks"]).code(0);
        run(&env, &["-C", &folder, "init", "--source", "../config", "--no-hooks"]).code(0);
    }
}

#[test]
fn what_is_written_lands_where_the_path_leads() {
    let env = stage();
    let release: [(&str, &str); 7] = [
        ("LICENSE", "MIT License\n"),
        ("src/superclaude/__version__.py", "__version__ = \"9.9.9\"\n"),
        ("src/superclaude/commands/pm.md", "pm\n"),
        ("src/superclaude/agents/tester.md", "tester\n"),
        ("src/superclaude/skills/check/SKILL.md", "check\n"),
        ("src/superclaude/core/FLAGS.md", "flags\n"),
        ("src/superclaude/modes/MODE_A.md", "a\n"),
    ];
    for (path, text) in release {
        env.write(&format!("other/release/{path}"), text);
    }
    let before = tree(&env.join("ws"));
    let folders: [(&str, &str); 3] =
        [("../plain/a", "plain/a"), ("to-plain/../b", "plain/b"), ("../ws/../plain/c", "plain/c")];
    for (written, real) in folders {
        let there =
            |end: &str, file: &str| -> PathBuf { env.join(&format!("{real}-{end}/{file}")) };
        run(&env, &["render", "--output", &format!("{written}-out")]).code(0);
        assert!(there("out", "CLAUDE.md").is_file(), "{written}");
        run(&env, &["new", &format!("{written}-new")]).code(0);
        assert!(there("new", "claude-env.toml").is_file(), "{written}");
        run(&env, &["man", "--output", &format!("{written}-man")]).code(0);
        assert!(there("man", "claude-env.1").is_file(), "{written}");
    }
    for (config, from) in
        [("../plain/a-new", "to-other/../release"), ("to-plain/../b-new", "../other/release")]
    {
        run(&env, &["--config-repo", config, "pack", "add", "superclaude", "--from", from]).code(0);
        let same =
            run(&env, &["--config-repo", config, "pack", "update", "superclaude", "--from", from]);
        same.code(0);
    }
    for name in ["a-new", "b-new"] {
        assert!(env.join(&format!("plain/{name}/packs/superclaude/pack.toml")).is_file(), "{name}");
    }
    assert_eq!(tree(&env.join("ws")), before);
}
