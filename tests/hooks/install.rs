//! Installing into a repository that nobody else has hooks in, and what git does then.

use std::process::Stdio;

use super::*;

#[test]
fn init_installs_hooks_and_git_runs_them() {
    let env = TestEnv::new();
    env.config(&[("base/layer.toml", "[environment]\nLEVEL = \"one\"\n")]);
    env.workspace();
    let outcome = env.bind(&[]).code(0);
    for name in POST {
        assert!(outcome.stdout.contains(&format!("+ .git/hooks/{name}\n")), "{}", outcome.stdout);
    }
    assert_eq!(states(&env, "ws"), ["installed"; 3]);
    env.hooks_sync("ws");
    env.commit_all("ws");

    configure(&env, "two");
    env.git("ws", &["checkout", "--quiet", "-b", "topic"]);
    assert_eq!(level(&env, "ws"), "two");
    env.commit_all("ws");
    configure(&env, "three");
    let amended = git(&env, "ws", &["commit", "--quiet", "--amend", "-m", "amended"]).code(0);
    assert_eq!(amended.stderr, "claude-env: ~ .claude/settings.json  env/LEVEL\n");
    env.commit_all("ws");
    let off = |arguments: &[&str]| {
        let mut command = env.command("git");
        command.current_dir(env.join("ws")).env("CLAUDE_ENV", "0").args(arguments);
        env.outcome(&mut command).code(0);
    };
    off(&["checkout", "--quiet", "main"]);
    configure(&env, "four");
    env.git("ws", &["merge", "--quiet", "--ff-only", "topic"]);
    assert_eq!(level(&env, "ws"), "four");

    // Files that are put back stay as they were: or nobody could take back what a hook has done.
    env.commit_all("ws");
    env.git("ws", &["checkout", "--quiet", "HEAD~1", "--", ".claude/settings.json"]);
    assert_ne!(level(&env, "ws"), "four");
    env.git("ws", &["checkout", "--quiet", "HEAD", "--", "."]);

    // Switched off, they do nothing.
    configure(&env, "five");
    off(&["checkout", "--quiet", "-b", "off"]);
    assert_eq!(level(&env, "ws"), "four");
}

#[test]
fn init_leaves_them_out_when_asked_and_says_what_it_would_do() {
    let env = TestEnv::new();
    env.config(&[]);
    env.workspace();
    let before = state(&env.join("ws/.git"));
    let answer = env.bind(&["--dry-run", "--format", "json"]).code(1).json();
    assert_eq!(answer["hooks"]["changes"].as_array().map(Vec::len), Some(3));
    let answer = env.bind(&["--no-hooks", "--format", "json"]).code(0).json();
    assert!(answer["hooks"].is_null());
    assert_eq!(state(&env.join("ws/.git")), before);
    assert_eq!(states(&env, "ws"), ["missing"; 3]);
    // A dry run of what is bound, but has no hooks, has something to do.
    env.bind(&["--dry-run"]).code(1);
    env.bind(&[]).code(0);
    env.bind(&["--dry-run"]).code(0);
}

#[test]
fn what_is_installed_is_gone_without_a_trace() {
    let env = bound();
    let before = state(&env.join("ws/.git"));
    let outcome = hooks(&env, "ws", &["install", "--dry-run"]).code(1);
    assert_eq!(outcome.stdout.lines().count(), 3, "{}", outcome.stdout);
    assert_eq!(state(&env.join("ws/.git")), before);
    hooks(&env, "ws", &["install"]).code(0);
    let installed = state(&env.join("ws/.git"));
    for name in POST {
        assert_eq!(installed[&format!("hooks/{name}")].0 & 0o777, 0o755);
    }
    let again = hooks(&env, "ws", &["install"]).code(0);
    assert_eq!((again.stdout.as_str(), again.stderr.as_str()), ("", "nothing to do\n"));
    hooks(&env, "ws", &["install", "--dry-run"]).code(0);
    assert_eq!(state(&env.join("ws/.git")), installed);
    hooks(&env, "ws", &["uninstall", "--dry-run"]).code(1);
    assert_eq!(state(&env.join("ws/.git")), installed);
    hooks(&env, "ws", &["uninstall"]).code(0);
    assert_eq!(state(&env.join("ws/.git")), before);
    assert_eq!(hooks(&env, "ws", &["uninstall"]).code(0).stderr, "nothing to do\n");
}

#[test]
fn a_folder_that_was_made_goes_again() {
    let env = bound();
    std::fs::remove_dir_all(env.join("ws/.git/hooks")).expect("the folder");
    let before = state(&env.join("ws/.git"));
    hooks(&env, "ws", &["install"]).code(0);
    assert_eq!(hooks(&env, "ws", &["install"]).code(0).stderr, "nothing to do\n");
    hooks(&env, "ws", &["uninstall"]).code(0);
    assert_eq!(state(&env.join("ws/.git")), before);
    // An empty one stays.
    std::fs::create_dir(env.join("ws/.git/hooks")).expect("the folder");
    let before = state(&env.join("ws/.git"));
    hooks(&env, "ws", &["install"]).code(0);
    hooks(&env, "ws", &["uninstall"]).code(0);
    assert_eq!(state(&env.join("ws/.git")), before);
}

#[test]
fn a_program_that_is_gone_costs_one_line_and_no_failure() {
    let env = bound();
    let mut command = program_in(&env, "it's gone/claude env");
    env.outcome(command.args(["-C", "ws", "hooks", "install"])).code(0);
    configure(&env, "two");
    env.git("ws", &["checkout", "--quiet", "-b", "topic"]);
    assert_eq!(level(&env, "ws"), "two");
    assert_eq!(states(&env, "ws"), ["installed"; 3]);

    // A file that cannot be run is as good as none.
    let program = env.join("it's gone/claude env/claude-env");
    std::fs::remove_file(&program).expect("the link");
    std::fs::write(&program, "\u{7f}ELF nonsense (").expect("a file");
    set_mode(&program, 0o755);
    git(&env, "ws", &["commit", "--quiet", "--all", "-m", "x"]).code(0);
    git(&env, "ws", &["checkout", "--quiet", "main"]).code(0);
    std::fs::remove_file(&program).expect("the program");
    let outcome = git(&env, "ws", &["checkout", "--quiet", "topic"]).code(0);
    assert_eq!(outcome.stderr.lines().count(), 1, "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("it's gone/claude env/claude-env not found"),
        "{}",
        outcome.stderr
    );
    assert!(outcome.stderr.contains("claude-env hooks install"), "{}", outcome.stderr);
    assert_eq!(states(&env, "ws"), ["broken"; 3]);
    let mut command = env.command("git");
    command.current_dir(env.join("ws")).env("CLAUDE_ENV", "0");
    let outcome = env.outcome(command.args(["checkout", "--quiet", "main"])).code(0);
    assert_eq!(outcome.stderr, "");
    // Another program takes over.
    hooks(&env, "ws", &["install"]).code(0);
    assert_eq!(states(&env, "ws"), ["installed"; 3]);
}

#[test]
fn hooks_run_the_name_that_people_start_the_program_by() {
    let env = bound();
    let mut command = program_in(&env, "bin");
    env.outcome(command.args(["-C", "ws", "hooks", "install"])).code(0);
    let line = format!("program={}\n", env.join("bin/claude-env").display());
    assert!(env.read("ws/.git/hooks/post-merge").contains(&line));
}

#[test]
fn a_clone_of_a_config_repository_has_a_hook_before_commits_too() {
    let env = TestEnv::new();
    env.config(&[]);
    let before = state(&env.join("config/.git"));
    hooks(&env, "config", &["install"]).code(0);
    assert_eq!(states(&env, "config"), ["installed"; 4]);
    assert!(env.join("config/.git/hooks/pre-commit").is_file());
    hooks(&env, "config", &["uninstall"]).code(0);
    assert_eq!(state(&env.join("config/.git")), before);
}

#[test]
fn many_at_once_install_one_hook() {
    let env = bound();
    write_hook(&env, "ws/.git/hooks/post-merge", "theirs");
    let before = state(&env.join("ws/.git"));
    let children: Vec<_> = (0..16)
        .map(|_| {
            let mut command = env.claude_env();
            command.stdout(Stdio::null()).args(["-C", "ws", "hooks", "install", "-q"]).spawn()
        })
        .collect();
    for child in children {
        assert!(child.expect("it starts").wait().expect("it ends").success());
    }
    assert_eq!(states(&env, "ws"), ["installed"; 3]);
    hooks(&env, "ws", &["uninstall"]).code(0);
    assert_eq!(state(&env.join("ws/.git")), before);
}

#[test]
fn a_commit_is_refused_for_what_it_adds_and_for_nothing_else() {
    let env = TestEnv::new();
    env.config(&[("base/layer.toml", "[environment]\nLEVEL = \"one\"\n")]);
    hooks(&env, "config", &["install"]).code(0);
    let commit = |file: &str, text: &str| {
        env.write(&format!("config/{file}"), text);
        env.git("config", &["add", "--all"]);
        git(&env, "config", &["commit", "--quiet", "-m", "x"])
    };
    assert_eq!(commit("base/memory/a.md", "A\n").code(0).stderr, "");
    let refused = commit("base/layer.toml", "[environment]\nLEVEL = 7\nlevel = []\n").code(1);
    assert!(refused.stderr.contains("base/layer.toml:3:"), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("claude-env: the commit is refused: it adds "),
        "{}",
        refused.stderr
    );
    // Once it is there, an edit above it does not count, and mending something else is possible.
    git(&env, "config", &["commit", "--quiet", "--no-verify", "-m", "x"]).code(0);
    commit("base/layer.toml", "# new\n[environment]\nLEVEL = 7\nlevel = []\n").code(0);
    commit("base/memory/b.md", "B\n").code(0);
    let refused = commit("teams/one/layer.toml", "nonsense = 1\n").code(1);
    assert!(!refused.stderr.contains("base/layer.toml"), "{}", refused.stderr);
    // What is not staged is nobody's business; what cannot be checked is let through.
    env.git("config", &["reset", "--quiet"]);
    git(&env, "config", &["commit", "--quiet", "--allow-empty", "-m", "x"]).code(0);
    env.git("config", &["rm", "--quiet", "--cached", "claude-env.toml"]);
    let let_through = git(&env, "config", &["commit", "--quiet", "-m", "x"]).code(0);
    assert!(let_through.stderr.starts_with("claude-env: not checked: "), "{}", let_through.stderr);
    let mut command = env.command("git");
    command.current_dir(env.join("config")).env("CLAUDE_ENV", "0");
    command.args(["commit", "--quiet", "--allow-empty", "-m", "x"]);
    assert_eq!(env.outcome(&mut command).code(0).stderr, "");
}

#[test]
fn a_checkout_starts_a_shell_and_us_and_nothing_else() {
    let env = bound();
    hooks(&env, "ws", &["install"]).code(0);
    let mut command = env.command(crate::support::tool("CLAUDE_ENV_TEST_STRACE"));
    command.current_dir(env.join("ws")).args(["-f", "-qq", "-e", "trace=execve", "-o", "../calls"]);
    env.outcome(command.args(["git", "checkout", "--quiet", "-b", "topic"])).code(0);
    let calls = env.read("calls");
    let started: Vec<&str> = calls.lines().filter(|line| line.ends_with(" = 0")).collect();
    assert_eq!(started.len(), 3, "git, sh and claude-env:\n{calls}");
    assert!(started[2].contains("\"hook\", \"post-checkout\""), "{calls}");
}
