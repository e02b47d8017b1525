//! A hook from before the installation runs under its own name, and finds what lies beside it.

use super::*;

/// What the hooks left in `ran`, and the exit code of git.
fn checkout(env: &TestEnv, branch: &str) -> (Option<i32>, String) {
    let _ = std::fs::remove_file(env.join("ran"));
    let mut command = env.command("git");
    let outcome =
        env.outcome(command.current_dir(env.join("ws")).args(["checkout", "-q", "-b", branch]));
    (outcome.code, std::fs::read_to_string(env.join("ran")).unwrap_or_default())
}

/// A hook of another kind, by the file that git runs, and what it says when it runs as it did before.
fn kinds(env: &TestEnv) -> [(&'static str, String, &'static str); 5] {
    let ran = env.join("ran").display().to_string();
    [
        ("its name", format!("basename \"$0\" >> '{ran}'"), "post-checkout\n"),
        (
            "a file beside it",
            format!(". \"$(dirname \"$0\")/lib.sh\"; say >> '{ran}'"),
            "library\n",
        ),
        ("a folder beside it", format!("\"${{0%/*}}/parts/one\" >> '{ran}'"), "part\n"),
        (
            "the repository",
            format!("basename \"$(cd \"$(dirname \"$0\")/../..\" && pwd -P)\" >> '{ran}'"),
            "ws\n",
        ),
        ("its arguments", format!("echo \"$# $3\" >> '{ran}'"), "3 1\n"),
    ]
}

#[test]
fn whatever_a_hook_asks_its_name_for_it_finds() {
    for number in 0..5 {
        let env = bound();
        let (what, text, says) = &kinds(&env)[number];
        script(&env, "ws/.git/hooks/post-checkout", text);
        env.write("ws/.git/hooks/lib.sh", "say() { echo library; }\n");
        script(&env, "ws/.git/hooks/parts/one", "echo part");
        assert_eq!(checkout(&env, "before"), (Some(0), (*says).to_owned()), "{what}");
        let before = state_without_folders(&env);
        env.run(&["-C", "ws", "hooks", "install"]).code(0);
        assert_eq!(checkout(&env, "with"), (Some(0), (*says).to_owned()), "{what}");
        env.run(&["-C", "ws", "hooks", "uninstall"]).code(0);
        assert_eq!(state_without_folders(&env), before, "{what}");
        assert!(!env.join("ws/.git/hooks-before-claude-env").exists(), "{what}");
        assert_eq!(checkout(&env, "after"), (Some(0), (*says).to_owned()), "{what}");
    }
}

/// The names and texts of the files among the hooks.
fn state_without_folders(env: &TestEnv) -> BTreeMap<String, String> {
    let files = std::fs::read_dir(env.join("ws/.git/hooks")).expect("the folder");
    let files = files.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file());
    files
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("text");
            (path.file_name().expect("a name").display().to_string(), text)
        })
        .collect()
}

#[test]
fn one_script_for_all_events_stays_one() {
    let env = bound();
    let ran = env.join("ran").display().to_string();
    script(&env, "ws/.git/hooks/all", &format!("basename \"$0\" >> '{ran}'"));
    for event in POST {
        let link = env.join(&format!("ws/.git/hooks/{event}"));
        std::os::unix::fs::symlink("all", link).expect("linked");
    }
    let before = state(&env.join("ws/.git"));
    env.run(&["-C", "ws", "hooks", "install"]).code(0);
    env.run(&["-C", "ws", "hooks", "status"]).code(0);
    assert_eq!(checkout(&env, "with").1, "post-checkout\n");
    env.git("ws", &["commit", "-q", "--amend", "-m", "amended"]);
    assert_eq!(env.read("ran"), "post-checkout\npost-rewrite\n");
    env.git("ws", &["worktree", "add", "-q", "../linked"]);
    assert!(env.read("ran").ends_with("post-checkout\n"));
    env.run(&["-C", "ws", "hooks", "uninstall"]).code(0);
    let mut after = state(&env.join("ws/.git"));
    after.insert("config".to_owned(), before["config"].clone());
    assert_eq!(after, before);
}

#[test]
fn a_link_that_is_missing_makes_nothing_fail() {
    let env = bound();
    write_hook(&env, "ws/.git/hooks/post-checkout", "theirs");
    env.run(&["-C", "ws", "hooks", "install"]).code(0);
    std::fs::remove_dir_all(env.join("ws/.git/hooks-before-claude-env")).expect("removed");
    assert!(checkout(&env, "with").1.starts_with("theirs "));
    // Installing again makes the links again.
    env.run(&["-C", "ws", "hooks", "install"]).code(0);
    assert!(env.join("ws/.git/hooks-before-claude-env/post-checkout").exists());
}
