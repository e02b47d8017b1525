//! `drift` of a workspace whose configuration is as it was looks at the files alone, and says what a look at everything says.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::stamp::{forge, settled};
use crate::support::{Outcome, TestEnv, tree};

const STAMP: &str = "ws/.git/claude-env/stamp";

/// Whether no layer was asked, and what was said.
fn drift(env: &TestEnv) -> (bool, Outcome) {
    let mut command = env.claude_env();
    command.current_dir(env.join("ws")).env("CLAUDE_ENV_LOG", "claude_env=debug").arg("drift");
    let outcome = env.outcome(&mut command);
    let quick = outcome.stderr.contains("the files are as they were written");
    (quick, env.run(&["-C", "ws", "drift"]))
}

/// What is said is what is said without a stamp. Returns whether no layer was asked, and what the exit code was.
#[track_caller]
fn compared(env: &TestEnv, what: &str) -> (bool, Option<i32>) {
    let (quick, said) = drift(env);
    fs::rename(env.join(STAMP), env.join("stamp")).expect("moved away");
    let (unstamped, expected) = drift(env);
    fs::rename(env.join("stamp"), env.join(STAMP)).expect("moved back");
    assert!(!unstamped, "{what}");
    assert_eq!(said, expected, "{what}");
    (quick, said.code)
}

#[test]
fn a_change_of_any_file_is_seen_by_content() {
    let env = settled(&[]);
    assert_eq!(compared(&env, "nothing"), (true, Some(0)));
    let files = tree(&env.join("ws")).into_keys();
    let files: Vec<String> = files.filter(|path| !path.starts_with(".claude-env")).collect();
    assert!(files.len() >= 5, "{files:?}");
    for path in files {
        let full = env.join("ws").join(&path);
        let bytes = fs::read(&full).expect("the file");
        let restore = || fs::write(&full, &bytes).expect("the file");
        fs::write(&full, &bytes).expect("the file");
        assert_eq!(compared(&env, &format!("{path} written again")), (true, Some(0)));
        // What a line break at the end says depends on the kind of file.
        forge(&env, &format!("ws/{path}"));
        compared(&env, &format!("{path} changed, time and size kept"));
        for at in [0, bytes.len() / 3, bytes.len() / 2, bytes.len() * 2 / 3] {
            let mut changed = bytes.clone();
            changed[at] = if changed[at] == b'#' { b'x' } else { b'#' };
            fs::write(&full, changed).expect("the file");
            compared(&env, &format!("{path} changed at {at}"));
        }
        fs::write(&full, [&bytes, "\nmore\n".as_bytes()].concat()).expect("the file");
        compared(&env, &format!("{path} and more"));
        fs::remove_file(&full).expect("removed");
        assert_eq!(compared(&env, &format!("{path} deleted")), (false, Some(1)));
        symlink("elsewhere", &full).expect("linked");
        assert_eq!(compared(&env, &format!("{path} a link")), (false, Some(1)));
        fs::remove_file(&full).expect("removed");
        restore();
        fs::set_permissions(&full, fs::Permissions::from_mode(0o755)).expect("set");
        compared(&env, &format!("{path} executable"));
        fs::set_permissions(&full, fs::Permissions::from_mode(0o644)).expect("set");
        assert_eq!(compared(&env, &format!("{path} as it was")), (true, Some(0)));
    }
}

#[test]
fn what_is_beside_our_entries_is_nobodys_drift() {
    let env = settled(&[]);
    env.edit("ws/.claude/settings.json", "\"env\": {", "\"model\": \"mine\",\n  \"env\": {");
    let block = env.read("ws/CLAUDE.md");
    env.write("ws/CLAUDE.md", format!("# Mine\n\n{block}\n# Mine too\n"));
    env.write("ws/.claude/rules/mine.md", "# Mine\n");
    assert_eq!(compared(&env, "what is foreign"), (true, Some(0)));
    env.edit("ws/.claude/settings.json", "\"one\"", "\"mine\"");
    assert_eq!(compared(&env, "what is ours"), (false, Some(1)));
}

#[test]
fn the_configuration_is_asked_once_it_may_have_changed() {
    let env = settled(&["--team", "t"]);
    let one = env.read("config/base/layer.toml");
    // A file and the lock that are changed together agree with each other, and not with the configuration.
    let before = env.read("ws/.claude/rules/style.md");
    env.write("config/base/rules/style.md", "# Other\n");
    env.commit_config();
    assert_eq!(compared(&env, "a commit"), (false, Some(0)));
    env.run(&["-C", "ws", "sync"]).code(0);
    let (other, other_lock) =
        (env.read("ws/.claude/rules/style.md"), env.read("ws/.claude-env.lock"));
    let env = settled(&["--team", "t"]);
    assert_eq!(env.read("ws/.claude/rules/style.md"), before);
    env.write("ws/.claude/rules/style.md", &other);
    assert_eq!(compared(&env, "a file alone"), (false, Some(1)));
    env.write("ws/.claude-env.lock", &other_lock);
    assert!(!compared(&env, "a file and the lock").0);
    let env = settled(&["--team", "t"]);
    env.edit("ws/.claude-env.toml", "team = \"t\"\n", "");
    assert!(!compared(&env, "the binding").0);
    let env = settled(&[]);
    env.write("ws/.claude-env.lock.pending", "");
    assert!(!compared(&env, "an interrupted run").0);
    let env = settled(&[]);
    env.write("home/.config/claude-env/user/layer.toml", &one);
    assert!(!compared(&env, "a user layer").0);
}

#[test]
fn what_the_command_line_names_is_read() {
    let env = settled(&[]);
    let plain = env.run(&["-C", "ws", "drift"]).code(0);
    for options in [&["--team", "t"][..], &["--rev", "main"], &["--config-repo", "config"]] {
        let mut command = env.claude_env();
        command.args(["-C", "ws", "drift"]).args(options);
        command.env("CLAUDE_ENV_LOG", "claude_env=debug");
        let outcome = env.outcome(&mut command);
        assert!(!outcome.stderr.contains("the files are as they were written"), "{options:?}");
    }
    let json = env.run(&["-C", "ws", "drift", "--format", "json"]).code(0).json();
    assert_eq!(json["owned"].to_string(), plain.stderr.split(' ').nth(3).expect("a number"));
}
