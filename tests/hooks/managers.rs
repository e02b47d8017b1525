//! Beside managers of git hooks: the real lefthook, pre-commit and prek, and hooks as husky sets them up.
//!
//! Needs `CLAUDE_ENV_TEST_LEFTHOOK`, `CLAUDE_ENV_TEST_PRE_COMMIT` and `CLAUDE_ENV_TEST_PREK`.

use super::*;
use crate::support::tool;

/// A manager of hooks, as its users run it.
struct Manager {
    name: &'static str,
    program: &'static str,
    install: &'static [&'static str],
    uninstall: &'static [&'static str],
    /// Its configuration, and the text of it with a job that says so to the file `ran`.
    file: &'static str,
    configuration: fn(&str) -> String,
}

const STAGES: &[&str] =
    &["install", "-t", "post-checkout", "-t", "post-merge", "-t", "post-rewrite"];
const NO_STAGES: &[&str] =
    &["uninstall", "-t", "post-checkout", "-t", "post-merge", "-t", "post-rewrite"];

const LEFTHOOK: Manager = Manager {
    name: "lefthook",
    program: "CLAUDE_ENV_TEST_LEFTHOOK",
    install: &["install"],
    uninstall: &["uninstall"],
    file: "lefthook.yml",
    configuration: |job| {
        let events = POST.map(|event| format!("{event}:\n  jobs:\n    - run: {job} {event}\n"));
        events.concat()
    },
};

const PRE_COMMIT: Manager = Manager {
    name: "pre-commit",
    program: "CLAUDE_ENV_TEST_PRE_COMMIT",
    install: STAGES,
    uninstall: NO_STAGES,
    file: ".pre-commit-config.yaml",
    configuration: pre_commit_configuration,
};

const PREK: Manager = Manager {
    name: "prek",
    program: "CLAUDE_ENV_TEST_PREK",
    install: STAGES,
    uninstall: NO_STAGES,
    file: ".pre-commit-config.yaml",
    configuration: pre_commit_configuration,
};

fn pre_commit_configuration(job: &str) -> String {
    let jobs = POST.map(|event| {
        format!(
            "      - id: {event}\n        name: {event}\n        language: system\n        entry: {job} {event}\n        stages: [{event}]\n        always_run: true\n        pass_filenames: false\n"
        )
    });
    format!("repos:\n  - repo: local\n    hooks:\n{}", jobs.concat())
}

impl Manager {
    /// A workspace with the manager's configuration, committed.
    fn stage(&self) -> TestEnv {
        let env = bound();
        let ran = env.join("ran").display().to_string();
        script(&env, "job", &format!("echo {} \"$*\" >> '{ran}'", self.name));
        let job = env.join("job").display().to_string();
        env.write(&format!("ws/{}", self.file), (self.configuration)(&job));
        // What it finds in the home is not what this is about.
        env.commit_all("ws");
        env
    }

    fn run(&self, env: &TestEnv, arguments: &[&str]) -> Outcome {
        let mut command = env.command(tool(self.program));
        env.outcome(command.current_dir(env.join("ws")).args(arguments)).code(0)
    }

    /// The repository's hooks and configuration with the manager alone.
    fn alone(&self) -> BTreeMap<String, Bytes> {
        let env = self.stage();
        self.run(&env, self.install);
        settled(&env)
    }

    /// Both run after a checkout: the manager's job, and ours.
    #[track_caller]
    fn both_run(&self, env: &TestEnv, branch: &str) {
        assert_eq!(states(env, "ws"), ["installed"; 3], "{}", self.name);
        let _ = ran(env);
        configure(env, branch);
        env.git("ws", &["stash", "--quiet", "--include-untracked"]);
        let _ = ran(env);
        let outcome = git(env, "ws", &["checkout", "--quiet", "-b", branch]).code(0);
        assert_eq!(ran(env), format!("{} post-checkout\n", self.name), "{}", outcome.stderr);
        assert_eq!(level(env, "ws"), branch, "{}: {}", self.name, outcome.stderr);
        // A rewrite comes with input, which neither may wait for.
        env.commit_all("ws");
        configure(env, &format!("{branch}2"));
        git(env, "ws", &["commit", "--quiet", "--amend", "-m", "amended"]).code(0);
        assert_eq!(ran(env), format!("{} post-rewrite\n", self.name));
        assert_eq!(level(env, "ws"), format!("{branch}2"), "{}", self.name);
        env.commit_all("ws");
    }
}

/// The hooks and configuration of `ws`, with what differs from one temporary folder to the next left out.
fn settled(env: &TestEnv) -> BTreeMap<String, Bytes> {
    let root = env.path().display().to_string();
    let mut found = state(&env.join("ws/.git"));
    for (_, bytes) in found.values_mut() {
        let text = String::from_utf8_lossy(bytes).replace(&root, "[ROOT]");
        *bytes = text.into_bytes();
    }
    found
}

fn install(env: &TestEnv) {
    hooks(env, "ws", &["install"]).code(0);
    assert_eq!(hooks(env, "ws", &["install"]).code(0).stderr, "nothing to do\n");
}

fn uninstall(env: &TestEnv) {
    let outcome = hooks(env, "ws", &["uninstall"]).code(0);
    assert_eq!(outcome.stderr, "hooks removed\n");
}

#[test]
fn what_a_manager_installed_keeps_working() {
    for manager in [LEFTHOOK, PRE_COMMIT, PREK] {
        let env = manager.stage();
        manager.run(&env, manager.install);
        let before = state(&env.join("ws/.git"));
        install(&env);
        manager.both_run(&env, "one");
        // It is installed again, as it is after each `npm install` somewhere.
        manager.run(&env, manager.install);
        if manager.name == "lefthook" {
            // It knows its own hook by the file's name, and ours stands there: it moves that aside.
            assert_eq!(states(&env, "ws"), ["overtaken"; 3]);
            let said = hooks(&env, "ws", &["status"]).code(1).stdout;
            assert!(
                said.contains("is now lefthook's; ours was renamed to post-merge.old"),
                "{said}"
            );
            install(&env);
        }
        manager.both_run(&env, "two");
        uninstall(&env);
        assert_eq!(state(&env.join("ws/.git")), before, "{}", manager.name);
    }
}

#[test]
fn what_was_installed_before_a_manager_keeps_working() {
    for manager in [LEFTHOOK, PRE_COMMIT, PREK] {
        let env = manager.stage();
        install(&env);
        manager.run(&env, manager.install);
        if manager.name == "lefthook" {
            assert_eq!(states(&env, "ws"), ["overtaken"; 3]);
            install(&env);
        }
        manager.both_run(&env, "one");
        uninstall(&env);
        assert_eq!(settled(&env), manager.alone(), "{}", manager.name);
    }
}

#[test]
fn what_a_manager_leaves_keeps_working() {
    for manager in [LEFTHOOK, PRE_COMMIT, PREK] {
        let env = manager.stage();
        let before = state(&env.join("ws/.git"));
        manager.run(&env, manager.install);
        install(&env);
        manager.run(&env, manager.uninstall);
        if manager.name == "lefthook" {
            // Its hook, which ours runs first, is not where it looks for it: it goes with ours.
            uninstall(&env);
            manager.run(&env, manager.uninstall);
            install(&env);
        }
        assert_eq!(states(&env, "ws"), ["installed"; 3]);
        configure(&env, "one");
        git(&env, "ws", &["checkout", "--quiet", "-b", "one"]).code(0);
        assert_eq!(level(&env, "ws"), "one");
        assert_eq!(ran(&env), "", "{} is gone", manager.name);
        uninstall(&env);
        assert_eq!(state(&env.join("ws/.git")), before, "{}", manager.name);
    }
}

#[test]
fn a_hook_before_a_manager_and_ours_runs_too_and_comes_back() {
    for manager in [PRE_COMMIT, PREK] {
        let env = manager.stage();
        script(&env, "ws/.git/hooks/post-merge", "exit 0");
        write_hook(&env, "ws/.git/hooks/post-checkout", "theirs");
        let before = state(&env.join("ws/.git"));
        manager.run(&env, manager.install);
        let managed = state(&env.join("ws/.git"));
        install(&env);
        configure(&env, "one");
        git(&env, "ws", &["checkout", "--quiet", "-b", "one"]).code(0);
        let said = ran(&env);
        assert!(said.starts_with("theirs "), "{said}");
        assert!(said.contains(&format!("{} post-checkout\n", manager.name)), "{said}");
        assert_eq!(level(&env, "ws"), "one");
        uninstall(&env);
        assert_eq!(state(&env.join("ws/.git")), managed, "{}", manager.name);
        install(&env);
        manager.run(&env, manager.uninstall);
        assert_eq!(states(&env, "ws"), ["installed"; 3]);
        uninstall(&env);
        assert_eq!(state(&env.join("ws/.git")), before, "{}", manager.name);
    }
}

/// What `npx husky` sets up.
fn husky(env: &TestEnv) {
    env.git("ws", &["config", "core.hooksPath", ".husky/_"]);
    env.write("ws/.husky/_/.gitignore", "*");
    script(
        env,
        "ws/.husky/_/h",
        "n=$(basename \"$0\")\ns=$(dirname \"$(dirname \"$0\")\")/$n\n[ ! -f \"$s\" ] && exit 0\nsh -e \"$s\" \"$@\"",
    );
    for name in POST.into_iter().chain(["pre-commit"]) {
        script(env, &format!("ws/.husky/_/{name}"), ". \"$(dirname \"$0\")/h\"");
    }
}

#[test]
fn husky_keeps_working_and_calls_us_by_a_line_of_its_users() {
    let env = bound();
    husky(&env);
    let ran_file = env.join("ran").display().to_string();
    env.write("ws/.husky/post-checkout", format!("echo husky >> '{ran_file}'\n"));
    env.commit_all("ws");
    let before = state(&env.join("ws/.git"));
    let refused = hooks(&env, "ws", &["install"]).code(2).stderr;
    assert!(refused.contains("as husky does"), "{refused}");
    for name in POST {
        let line = format!(
            "hint: echo 'if command -v claude-env >/dev/null; then claude-env hook {name} \"$@\"; fi' >> [ROOT]/ws/.husky/{name}\n"
        );
        assert!(refused.contains(&line), "{refused}");
    }
    assert_eq!(elsewhere::follow(&env, "ws", &refused), 3);
    assert_eq!(states(&env, "ws"), ["installed"; 3]);
    assert_eq!(hooks(&env, "ws", &["install"]).code(0).stderr, "nothing to do\n");
    configure(&env, "two");
    elsewhere::git_with_program(&env, &["checkout", "--quiet", "-b", "topic"]).code(0);
    assert_eq!((ran(&env).as_str(), level(&env, "ws").as_str()), ("husky\n", "two"));
    env.commit_all("ws");
    configure(&env, "three");
    elsewhere::git_with_program(&env, &["commit", "--quiet", "--amend", "-m", "x"]).code(0);
    assert_eq!(level(&env, "ws"), "three");
    // It sets itself up again, and those files are the users'.
    husky(&env);
    assert_eq!(states(&env, "ws"), ["installed"; 3]);
    assert_eq!(hooks(&env, "ws", &["uninstall"]).code(0).stderr, "nothing to do\n");
    assert_eq!(state(&env.join("ws/.git")), before);
}

#[test]
fn a_manager_that_is_told_to_run_us_needs_nothing_more() {
    let env = LEFTHOOK.stage();
    let calls = POST.map(|event| {
        format!(
            "{event}:\n  commands:\n    claude-env:\n      run: claude-env hook {event} {{0}}\n"
        )
    });
    env.write("ws/lefthook.yml", calls.concat());
    env.commit_all("ws");
    LEFTHOOK.run(&env, LEFTHOOK.install);
    let before = state(&env.join("ws/.git"));
    assert_eq!(states(&env, "ws"), ["installed"; 3]);
    assert_eq!(hooks(&env, "ws", &["install"]).code(0).stderr, "nothing to do\n");
    assert_eq!(state(&env.join("ws/.git")), before);
    configure(&env, "two");
    elsewhere::git_with_program(&env, &["checkout", "--quiet", "-b", "topic"]).code(0);
    assert_eq!(level(&env, "ws"), "two");
}
