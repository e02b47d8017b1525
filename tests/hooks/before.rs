//! A hook that was there before ours: it runs first, as it was, and comes back.

use super::*;

#[test]
fn it_runs_first_with_its_arguments_and_its_input() {
    let env = bound();
    for name in POST {
        write_hook(&env, &format!("ws/.git/hooks/{name}"), name);
    }
    // Its mode is its own affair.
    set_mode(&env.join("ws/.git/hooks/post-merge"), 0o711);
    let before = state(&env.join("ws/.git"));
    let outcome = hooks(&env, "ws", &["install"]).code(0);
    let renamed = "> .git/hooks/post-merge  is now post-merge.claude-env-before\n";
    assert!(outcome.stdout.contains(renamed), "{}", outcome.stdout);
    assert_eq!(states(&env, "ws"), ["installed"; 3]);
    let status = hooks(&env, "ws", &["status"]).code(0).stdout;
    assert!(status.contains("after the hook that was there before"), "{status}");
    assert_eq!(hooks(&env, "ws", &["install"]).code(0).stderr, "nothing to do\n");

    configure(&env, "two");
    let head = env.git("ws", &["rev-parse", "HEAD"]).trim().to_owned();
    env.git("ws", &["checkout", "--quiet", "-b", "topic"]);
    assert_eq!(ran(&env), format!("post-checkout {head} {head} 1\n"));
    assert_eq!(level(&env, "ws"), "two");
    env.git("ws", &["commit", "--quiet", "--amend", "-m", "amended"]);
    let now = env.git("ws", &["rev-parse", "HEAD"]).trim().to_owned();
    assert_eq!(ran(&env), format!("post-rewrite amend\n{head} {now}\n"));

    hooks(&env, "ws", &["uninstall"]).code(0);
    assert_eq!(state(&env.join("ws/.git")), before);
    env.git("ws", &["checkout", "--quiet", "-b", "topic2"]);
    assert_eq!(ran(&env), format!("post-checkout {now} {now} 1\n"));
}

#[test]
fn what_it_says_to_git_stands() {
    let env = bound();
    script(&env, "ws/.git/hooks/post-checkout", "exit 7");
    git(&env, "ws", &["checkout", "--quiet", "-b", "one"]).code(1);
    hooks(&env, "ws", &["install"]).code(0);
    configure(&env, "two");
    git(&env, "ws", &["checkout", "--quiet", "-b", "two"]).code(1);
    assert_eq!(level(&env, "ws"), "two", "ours runs all the same");

    script(&env, "config/.git/hooks/pre-commit", "echo no >&2\nexit 7");
    hooks(&env, "config", &["install"]).code(0);
    env.write("config/base/memory/a.md", "A\n");
    env.git("config", &["add", "--all"]);
    let refused = git(&env, "config", &["commit", "--quiet", "-m", "x"]).code(1);
    assert_eq!(refused.stderr, "no\n");
}

#[test]
fn links_and_files_that_git_does_not_run_come_back_as_they_were() {
    let env = bound();
    write_hook(&env, "ws/scripts/checkout.sh", "linked");
    let hook = |name: &str| env.join("ws/.git/hooks").join(name);
    std::os::unix::fs::symlink("../../scripts/checkout.sh", hook("post-checkout")).expect("a link");
    std::os::unix::fs::symlink("../../scripts/gone.sh", hook("post-merge")).expect("a link");
    env.write("ws/.git/hooks/post-rewrite", "exit 3\n");
    let before = state(&env.join("ws/.git"));
    hooks(&env, "ws", &["install"]).code(0);
    assert_eq!(states(&env, "ws"), ["installed"; 3]);
    let outcome = git(&env, "ws", &["checkout", "--quiet", "-b", "topic"]).code(0);
    assert_eq!(outcome.stderr, "");
    assert!(ran(&env).starts_with("linked "), "the link still leads there");
    git(&env, "ws", &["commit", "--quiet", "--allow-empty", "-m", "x"]).code(0);
    git(&env, "ws", &["commit", "--quiet", "--amend", "--allow-empty", "-m", "y"]).code(0);
    hooks(&env, "ws", &["uninstall"]).code(0);
    assert_eq!(state(&env.join("ws/.git")), before);
}

#[test]
fn a_hook_that_calls_us_already_is_left_alone() {
    let env = bound();
    script(&env, "ws/.git/hooks/post-merge", "claude-env hook post-merge \"$@\"");
    let text = env.read("ws/.git/hooks/post-merge");
    hooks(&env, "ws", &["install"]).code(0);
    assert_eq!(env.read("ws/.git/hooks/post-merge"), text);
    assert_eq!(states(&env, "ws"), ["installed"; 3]);
    let status = hooks(&env, "ws", &["status"]).code(0).stdout;
    assert!(
        status.contains("post-merge     installed  by hand, in .git/hooks/post-merge"),
        "{status}"
    );
    hooks(&env, "ws", &["uninstall"]).code(0);
    assert_eq!(env.read("ws/.git/hooks/post-merge"), text);
}

#[test]
fn an_installation_that_was_interrupted_is_finished_or_undone() {
    let env = bound();
    write_hook(&env, "ws/.git/hooks/post-merge", "theirs");
    let before = state(&env.join("ws/.git"));
    let aside = |from: &str, to: &str| {
        let folder = env.join("ws/.git/hooks");
        std::fs::rename(folder.join(from), folder.join(to)).expect("renamed");
    };
    // Killed between the two steps: theirs is aside, ours not there yet.
    aside("post-merge", "post-merge.claude-env-before");
    hooks(&env, "ws", &["uninstall"]).code(0);
    assert_eq!(state(&env.join("ws/.git")), before);
    aside("post-merge", "post-merge.claude-env-before");
    hooks(&env, "ws", &["install"]).code(0);
    env.git("ws", &["merge", "--quiet", "HEAD"]);
    hooks(&env, "ws", &["uninstall"]).code(0);
    assert_eq!(state(&env.join("ws/.git")), before);
}

#[test]
fn two_hooks_for_one_place_are_refused_and_nothing_is_lost() {
    let env = bound();
    write_hook(&env, "ws/.git/hooks/post-merge", "first");
    hooks(&env, "ws", &["install"]).code(0);
    write_hook(&env, "ws/.git/hooks/post-merge", "second");
    assert_eq!(states(&env, "ws"), ["installed", "foreign", "installed"]);
    let there = state(&env.join("ws/.git"));
    let outcome = hooks(&env, "ws", &["install"]).code(2);
    assert!(outcome.stderr.contains("post-merge.claude-env-before"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("hint: to keep the second: `mv "), "{}", outcome.stderr);
    assert_eq!(state(&env.join("ws/.git")), there);
    // Taken away as far as that goes.
    let outcome = hooks(&env, "ws", &["uninstall"]).code(0);
    assert!(outcome.stderr.contains("is kept: it existed before"), "{}", outcome.stderr);
    let left: Vec<String> = state(&env.join("ws/.git")).into_keys().collect();
    assert!(left.contains(&"hooks/post-merge.claude-env-before".to_owned()), "{left:?}");
    assert!(!left.contains(&"hooks/post-checkout".to_owned()), "{left:?}");
}
