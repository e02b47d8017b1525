//! Hooks in git's configuration, which git 2.54 and newer run.
//!
//! The git of the machine may be older. So a git that says that it is new stands before it, and what it would run is run as it
//! would: `sh -c 'COMMAND "$@"' COMMAND ARGUMENTS…`.

use super::*;

/// A git of this version on the PATH.
fn pretend(env: &TestEnv, version: &str) {
    let real = env.outcome(env.command("sh").args(["-c", "command -v git"])).code(0).stdout;
    let answer = format!("[ \"$1\" != version ] || {{ echo 'git version {version}'; exit; }}");
    script(env, "bin/git", &format!("{answer}\nexec {} \"$@\"", real.trim()));
}

fn new_git(env: &TestEnv, folder: &str, mut command: Command, arguments: &[&str]) -> Outcome {
    let path = std::env::var("PATH").expect("a PATH");
    let folder = env.join(folder).display().to_string();
    command.env("PATH", format!("{}:{folder}:{path}", env.join("bin").display()));
    env.outcome(command.args(arguments))
}

fn with_new_git(env: &TestEnv, arguments: &[&str]) -> Outcome {
    new_git(env, "bin", env.claude_env(), &[&["-C", "ws", "hooks"], arguments].concat())
}

/// Runs the command that is configured for an event, as git does.
fn run_configured(env: &TestEnv, event: &str, arguments: &[&str]) -> Outcome {
    let key = |name: &str| format!("hook.claude-env-{event}.{name}");
    let events = env.git("ws", &["config", "--local", "--get-all", &key("event")]);
    assert_eq!(events, format!("{event}\n"));
    let command = env.git("ws", &["config", "--local", "--get", &key("command")]);
    let command = command.trim_end().replace("[ROOT]", &env.path().display().to_string());
    let mut shell = env.command("sh");
    shell.current_dir(env.join("ws")).arg("-c");
    match arguments.is_empty() {
        true => shell.arg(&command),
        false => shell.arg(format!("{command} \"$@\"")).arg(&command).args(arguments),
    };
    env.outcome(&mut shell)
}

#[test]
fn a_new_git_is_told_by_its_configuration_alone() {
    let env = bound();
    pretend(&env, "2.54.0");
    write_hook(&env, "ws/.git/hooks/post-merge", "theirs");
    let before = state(&env.join("ws/.git"));
    let outcome = with_new_git(&env, &["install", "--dry-run"]).code(1);
    assert!(outcome.stdout.contains("+ hook.claude-env-post-checkout"), "{}", outcome.stdout);
    assert_eq!(state(&env.join("ws/.git")), before);
    with_new_git(&env, &["install"]).code(0);
    let installed = state(&env.join("ws/.git"));
    let files = |state: &BTreeMap<String, Bytes>| {
        let mut state = state.clone();
        state.remove("config");
        state
    };
    assert_eq!(files(&installed), files(&before), "no file is touched");
    let status = with_new_git(&env, &["status"]).code(0).stdout;
    let line = "post-checkout  installed  by hook.claude-env-post-checkout in .git/config\n";
    assert!(status.starts_with(line), "{status}");
    assert_eq!(with_new_git(&env, &["install"]).code(0).stderr, "nothing to do\n");

    for (number, event) in POST.into_iter().enumerate() {
        configure(&env, &number.to_string());
        let outcome = run_configured(&env, event, &["a b", "c", "1"]).code(0);
        assert_eq!(outcome.stderr, "claude-env: ~ .claude/settings.json  env/LEVEL\n");
        assert_eq!(level(&env, "ws"), number.to_string());
    }
    run_configured(&env, "post-merge", &[]).code(0);

    // An older git does not run them, and says so.
    let old = hooks(&env, "ws", &["status"]).code(1).stdout;
    assert!(old.contains("git 2.54 does"), "{old}");
    with_new_git(&env, &["uninstall"]).code(0);
    assert_eq!(state(&env.join("ws/.git")), before);
}

#[test]
fn a_foreign_hooks_path_is_in_nobodys_way() {
    let env = bound();
    pretend(&env, "3.1.0.windows.1");
    env.git("ws", &["config", "core.hooksPath", ".husky/_"]);
    let before = state(&env.join("ws/.git"));
    with_new_git(&env, &["install"]).code(0);
    with_new_git(&env, &["status"]).code(0);
    with_new_git(&env, &["uninstall"]).code(0);
    assert_eq!(state(&env.join("ws/.git")), before);
}

#[test]
fn files_make_way_for_the_configuration_and_come_back_when_asked_for() {
    let env = bound();
    write_hook(&env, "ws/.git/hooks/post-merge", "theirs");
    let before = state(&env.join("ws/.git"));
    hooks(&env, "ws", &["install"]).code(0);
    pretend(&env, "2.55.1");
    with_new_git(&env, &["status"]).code(0);
    with_new_git(&env, &["install"]).code(0);
    assert_eq!(state(&env.join("ws/.git"))["hooks/post-merge"], before["hooks/post-merge"]);
    with_new_git(&env, &["status"]).code(0);
    // For a git that knows no such hooks, and works here too.
    with_new_git(&env, &["install", "--shim"]).code(0);
    assert_eq!(state(&env.join("ws/.git"))["config"], before["config"]);
    with_new_git(&env, &["status"]).code(0);
    hooks(&env, "ws", &["status"]).code(0);
    hooks(&env, "ws", &["uninstall"]).code(0);
    assert_eq!(state(&env.join("ws/.git")), before);
}

#[test]
fn one_that_is_switched_off_is_not_called_installed() {
    let env = bound();
    pretend(&env, "2.55.0");
    with_new_git(&env, &["install"]).code(0);
    env.git("ws", &["config", "hook.claude-env-post-merge.enabled", "false"]);
    let status = with_new_git(&env, &["status"]).code(1).stdout;
    assert!(status.contains("`hook.claude-env-post-merge.enabled` is `false`"), "{status}");
    env.git("ws", &["config", "--unset", "hook.claude-env-post-merge.enabled"]);
    env.git("ws", &["config", "hook.post-rewrite.enabled", "false"]);
    let status = with_new_git(&env, &["status"]).code(1).stdout;
    assert!(status.contains("post-rewrite   off"), "{status}");
}

#[test]
fn a_program_that_is_gone_makes_nothing_fail() {
    let env = bound();
    pretend(&env, "2.54.0");
    let command = program_in(&env, "it's $HOME");
    let program = env.join("it's $HOME/claude-env");
    new_git(&env, "it's $HOME", command, &["-C", "ws", "hooks", "install"]).code(0);
    configure(&env, "two");
    run_configured(&env, "post-checkout", &["a", "b", "1"]).code(0);
    assert_eq!(level(&env, "ws"), "two");
    std::fs::remove_file(&program).expect("the program");
    let outcome = run_configured(&env, "post-checkout", &["a", "b", "1"]).code(0);
    assert_eq!(outcome.stderr.lines().count(), 1, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("it's $HOME/claude-env not found"), "{}", outcome.stderr);
    let status = with_new_git(&env, &["status"]).code(1).stdout;
    assert!(status.contains("post-checkout  broken"), "{status}");
    with_new_git(&env, &["install"]).code(0);
    with_new_git(&env, &["status"]).code(0);
}

#[test]
fn one_for_all_repositories_is_enough() {
    let env = bound();
    pretend(&env, "2.54.0");
    with_new_git(&env, &["install"]).code(0);
    let section = env.read("ws/.git/config");
    let (_, section) = section.split_once("[hook").expect("our sections");
    env.write("gitconfig", format!("[hook{section}"));
    with_new_git(&env, &["uninstall"]).code(0);
    let before = state(&env.join("ws/.git"));
    let global = |arguments: &[&str]| {
        let mut command = env.claude_env();
        command.env("GIT_CONFIG_GLOBAL", env.join("gitconfig"));
        new_git(&env, "bin", command, &[&["-C", "ws", "hooks"], arguments].concat())
    };
    global(&["status"]).code(0);
    assert_eq!(global(&["install"]).code(0).stderr, "nothing to do\n");
    assert_eq!(state(&env.join("ws/.git")), before);
}
