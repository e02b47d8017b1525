//! Git was told to look for hooks in another folder: nothing is written there, and it is said how to go on.

use super::*;

/// Runs the indented lines of a refusal as a shell would.
pub(super) fn follow(env: &TestEnv, folder: &str, refusal: &str) -> usize {
    let root = env.path().display().to_string();
    let lines: Vec<String> = (refusal.lines())
        .filter_map(|line| line.strip_prefix("  hint: "))
        .filter(|line| line.starts_with("[ -e ") || line.starts_with("echo "))
        .map(|line| line.replace("[ROOT]", &root))
        .collect();
    for line in &lines {
        let mut command = env.command("sh");
        env.outcome(command.current_dir(env.join(folder)).args(["-c", line])).code(0);
    }
    lines.len()
}

/// Runs git where `claude-env` is on the PATH.
pub(super) fn git_with_program(env: &TestEnv, arguments: &[&str]) -> Outcome {
    let program = assert_cmd::cargo::cargo_bin("claude-env");
    let folder = program.parent().expect("a folder").display();
    let mut command = env.command("git");
    command.env("PATH", format!("{folder}:{}", std::env::var("PATH").expect("a PATH")));
    env.outcome(command.current_dir(env.join("ws")).args(arguments))
}

#[test]
fn a_folder_of_hooks_is_refused_with_lines_that_resolve_it() {
    let env = bound();
    write_hook(&env, "ws/team hooks/post-merge", "theirs");
    env.git("ws", &["config", "core.hooksPath", "team hooks"]);
    let before = state(&env.join("ws/.git"));
    assert_eq!(states(&env, "ws"), ["elsewhere"; 3]);
    let outcome = hooks(&env, "ws", &["install"]).code(2);
    assert!(outcome.stderr.contains("core.hooksPath is set in .git/config"), "{}", outcome.stderr);
    let drop = "`git config --local --unset-all core.hooksPath`";
    assert!(outcome.stderr.contains(drop), "{}", outcome.stderr);
    assert_eq!(state(&env.join("ws/.git")), before);

    assert_eq!(follow(&env, "ws", &outcome.stderr), 3);
    assert_eq!(states(&env, "ws"), ["installed"; 3]);
    assert_eq!(hooks(&env, "ws", &["install"]).code(0).stderr, "nothing to do\n");
    assert_eq!(state(&env.join("ws/.git")), before);
    configure(&env, "two");
    git_with_program(&env, &["checkout", "--quiet", "-b", "topic"]).code(0);
    assert_eq!(level(&env, "ws"), "two");
    configure(&env, "three");
    git_with_program(&env, &["merge", "--quiet", "HEAD"]).code(0);
    // Whoever has no claude-env is not bothered.
    assert_eq!(git(&env, "ws", &["checkout", "--quiet", "main"]).code(0).stderr, "");

    env.git("ws", &["config", "--local", "--unset-all", "core.hooksPath"]);
    hooks(&env, "ws", &["install"]).code(0);
    assert_eq!(states(&env, "ws"), ["installed"; 3]);
}

#[test]
fn one_for_all_repositories_is_refused_and_can_be_overruled_here() {
    let env = bound();
    let global = env.join("gitconfig");
    env.write("gitconfig", format!("[core]\n\thooksPath = {}/all\n", env.path().display()));
    let run = |arguments: &[&str]| {
        let mut command = env.claude_env();
        command.env("GIT_CONFIG_GLOBAL", &global).args(["-C", "ws", "hooks"]).args(arguments);
        env.outcome(&mut command)
    };
    let outcome = run(&["install"]).code(2);
    let prefix = "git config --local core.hooksPath [ROOT]/ws/.git/hooks";
    assert!(outcome.stderr.contains(prefix), "{}", outcome.stderr);
    let own = env.join("ws/.git/hooks").display().to_string();
    env.git("ws", &["config", "--local", "core.hooksPath", &own]);
    run(&["install"]).code(0);
    run(&["status"]).code(0);
    // And one that switches hooks off.
    env.git("ws", &["config", "--local", "core.hooksPath", "/dev/null"]);
    let outcome = run(&["install"]).code(2);
    assert!(!outcome.stderr.contains("to keep it"), "{}", outcome.stderr);
}

#[test]
fn a_refusal_is_a_warning_of_init() {
    let env = TestEnv::new();
    env.config(&[]);
    env.workspace();
    env.git("ws", &["config", "core.hooksPath", "hooks"]);
    let outcome = env.bind(&[]).code(0);
    assert!(outcome.stderr.contains("warning: no git hooks: git looks for"), "{}", outcome.stderr);
    assert!(env.join("ws/.claude-env.toml").is_file());
    let answer = env.bind(&["--format", "json"]).code(0).json();
    assert!(answer["hooks"]["refused"].as_str().is_some_and(|text| text.contains("hooksPath")));
}

#[test]
fn a_folder_that_is_a_link_is_not_written_through() {
    let env = bound();
    std::fs::remove_dir_all(env.join("ws/.git/hooks")).expect("the folder");
    write_hook(&env, "shared/post-merge", "theirs");
    std::os::unix::fs::symlink("../../shared", env.join("ws/.git/hooks")).expect("a link");
    let outcome = hooks(&env, "ws", &["install"]).code(2);
    assert!(outcome.stderr.contains("is a link to `[ROOT]/shared`"), "{}", outcome.stderr);
    assert_eq!(std::fs::read_dir(env.join("shared")).expect("the folder").count(), 1);
    follow(&env, "ws", &outcome.stderr);
    assert_eq!(states(&env, "ws"), ["installed"; 3]);
    assert_eq!(hooks(&env, "ws", &["install"]).code(0).stderr, "nothing to do\n");
    hooks(&env, "ws", &["uninstall"]).code(0);
    assert_eq!(states(&env, "ws"), ["installed"; 3]);
}

#[test]
fn something_that_is_no_hook_is_not_replaced() {
    let env = bound();
    std::fs::create_dir(env.join("ws/.git/hooks/post-merge")).expect("the folder");
    let outcome = hooks(&env, "ws", &["install"]).code(2);
    assert!(outcome.stderr.contains("post-merge` is not a regular file"), "{}", outcome.stderr);
    assert!(!env.join("ws/.git/hooks/post-checkout").exists(), "all or nothing");
}
