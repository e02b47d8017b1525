//! Texts that the workspace and the configuration both changed.

use std::collections::BTreeMap;

use crate::support::{TestEnv, copy, tool, tree};

const AGENT: &str = "ws/.claude/agents/guide.md";
const SCRIPT: &str = "ws/.claude/hooks/run.sh";

/// An agent of ten lines, with others in the place of some.
fn agent(lines: &[(usize, &str)]) -> String {
    let mut text = "---\nname: guide\ndescription: Guides\n---\n\n".to_owned();
    for number in 1..=10 {
        let other = lines.iter().find(|(line, _)| *line == number);
        let line = other.map_or_else(|| format!("Line {number}."), |(_, text)| (*text).to_owned());
        text.push_str(&line);
        text.push('\n');
    }
    text
}

fn memory(first: &str, last: &str) -> String {
    format!("{first}\n\nBe kind.\n\n{last}\n")
}

/// A workspace that was synced once.
fn stage() -> TestEnv {
    let env = TestEnv::new();
    env.config(&[
        ("base/layer.toml", "[environment]\nLEVEL = \"one\"\n"),
        ("base/agents/guide.md", &agent(&[])),
        ("base/memory/rules.md", &memory("First.", "Last.")),
        ("base/hooks/run.sh", "#!/bin/sh\necho one\necho two\necho three\n"),
    ]);
    env.workspace();
    env.write("ws/CLAUDE.md", "# Mine\n");
    env.bind(&[]).code(0);
    env
}

fn configure(env: &TestEnv, path: &str, text: &str) {
    env.write(&format!("config/base/{path}"), text);
    env.commit_config();
}

fn runs(env: &TestEnv, path: &str) -> bool {
    let meta = std::fs::metadata(env.join(path)).expect("there");
    std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o100 != 0
}

fn set_runs(env: &TestEnv, path: &str) {
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(env.join(path), mode).expect("the mode");
}

#[test]
fn changes_of_different_lines_are_both_kept_from_sync_to_sync() {
    let env = stage();
    env.write(AGENT, agent(&[(2, "Mine.")]));
    configure(&env, "agents/guide.md", &agent(&[(8, "Theirs.")]));
    let status = env.run(&["-C", "ws", "status"]).code(0).stdout;
    assert!(status.contains("MM .claude/agents/guide.md  merged"), "{status}");
    let line = "~ .claude/agents/guide.md  merged: changed here and in the configuration, in different lines; both are kept\n";
    assert_eq!(env.run(&["-C", "ws", "sync", "--dry-run"]).code(1).stdout, line);
    assert_eq!(env.read(AGENT), agent(&[(2, "Mine.")]));
    let diff = env.run(&["-C", "ws", "sync", "--dry-run", "--diff"]).code(1).stdout;
    assert!(diff.contains("+Theirs.") && !diff.contains("Mine.\n-"), "{diff}");
    assert_eq!(env.sync().code(0).stdout, line);
    let both = agent(&[(2, "Mine."), (8, "Theirs.")]);
    assert_eq!(env.read(AGENT), both);

    // What is left is the person's part: drift, and it stays.
    for _ in 0..2 {
        let all = env.run(&["-C", "config", "drift", "--all"]).code(1);
        assert!(all.stdout.contains("1 of 5 entries"), "{}", all.stdout);
        let outcome = env.sync().code(0);
        assert!(outcome.stdout.contains("! .claude/agents/guide.md  drift"), "{}", outcome.stdout);
        assert_eq!(env.read(AGENT), both);
    }
    // The configuration moves on twice, the second time to the person's line.
    configure(&env, "agents/guide.md", &agent(&[(8, "Theirs."), (5, "More.")]));
    env.sync().code(0);
    assert_eq!(env.read(AGENT), agent(&[(2, "Mine."), (5, "More."), (8, "Theirs.")]));
    let last = agent(&[(2, "Mine."), (5, "More."), (8, "Theirs.")]);
    configure(&env, "agents/guide.md", &last);
    assert_eq!(env.sync().code(0).stdout, "= .claude/agents/guide.md\n");
    assert_eq!(env.sync().code(0).stdout, "", "no drift is left");
    // Each of the two that wrote can be taken back.
    env.run(&["-C", "ws", "rollback", "2"]).code(0);
    assert_eq!(env.read(AGENT), agent(&[(2, "Mine.")]));
}

#[test]
fn the_block_is_merged_and_the_rest_of_the_file_stays() {
    for newline in ["\n", "\r\n"] {
        let env = stage();
        let text = env.read("ws/CLAUDE.md").replace("First.", "My first.");
        env.write("ws/CLAUDE.md", text.replace('\n', newline));
        configure(&env, "memory/rules.md", &memory("First.", "Their last."));
        let answer = env.run(&["-C", "ws", "sync", "--format", "json"]).code(0).json();
        assert_eq!(answer["changes"][0]["class"], "merged");
        let expect = text.replace("Last.", "Their last.").replace('\n', newline);
        assert_eq!(env.read("ws/CLAUDE.md"), expect);
        assert!(env.sync().code(0).stdout.contains("! CLAUDE.md  block  drift"));
        assert_eq!(env.read("ws/CLAUDE.md"), expect);
    }
}

#[test]
fn changes_that_meet_are_a_conflict_and_nothing_is_written() {
    let env = stage();
    env.write(AGENT, agent(&[(2, "Mine.")]));
    configure(&env, "agents/guide.md", &agent(&[(2, "Theirs."), (9, "And more.")]));
    let before = tree(&env.join("ws"));
    let outcome = env.sync().code(1);
    assert!(outcome.stdout.contains("! .claude/agents/guide.md  conflict"), "{}", outcome.stdout);
    let mut after = tree(&env.join("ws"));
    after.insert(".claude-env.lock".to_owned(), before[".claude-env.lock"].clone());
    assert_eq!(after, before);
    // What is gone here meets every change.
    std::fs::remove_file(env.join(AGENT)).expect("removed");
    env.sync().code(1);
    assert!(!env.join(AGENT).exists());
    // By force the configuration's side is taken, merged or not.
    env.write(AGENT, agent(&[(2, "Mine.")]));
    env.run(&["-C", "ws", "sync", "--force"]).code(0);
    assert_eq!(env.read(AGENT), agent(&[(2, "Theirs."), (9, "And more.")]));
    env.write(AGENT, agent(&[(2, "Theirs."), (5, "Mine."), (9, "And more.")]));
    configure(&env, "agents/guide.md", &agent(&[]));
    env.run(&["-C", "ws", "sync", "--force"]).code(0);
    assert_eq!(env.read(AGENT), agent(&[]));
}

#[test]
fn the_executable_bit_is_a_change_too() {
    let env = stage();
    assert!(!runs(&env, SCRIPT));
    set_runs(&env, SCRIPT);
    configure(&env, "hooks/run.sh", "#!/bin/sh\necho one\necho two\necho 3\n");
    let outcome = env.sync().code(0);
    assert!(outcome.stdout.contains("~ .claude/hooks/run.sh  merged"), "{}", outcome.stdout);
    assert!(runs(&env, SCRIPT) && env.read(SCRIPT).contains("echo 3"));
    assert!(env.sync().code(0).stdout.contains("drift"));

    let env = stage();
    env.edit(SCRIPT, "echo one", "echo 1");
    set_runs(&env, "config/base/hooks/run.sh");
    env.commit_config();
    env.sync().code(0);
    assert!(runs(&env, SCRIPT) && env.read(SCRIPT).contains("echo 1"));
}

#[test]
fn without_the_commit_that_was_rendered_a_conflict_stays_one() {
    // The configuration's history was written anew.
    let env = stage();
    env.write(AGENT, agent(&[(2, "Mine.")]));
    env.write("config/base/agents/guide.md", agent(&[(8, "Theirs.")]));
    env.git("config", &["commit", "-q", "--all", "--amend", "-m", "anew"]);
    env.git("config", &["reflog", "expire", "--expire=all", "--all"]);
    env.git("config", &["gc", "-q", "--prune=now"]);
    let outcome = env.sync().code(1);
    assert!(outcome.stdout.contains("! .claude/agents/guide.md  conflict"), "{}", outcome.stdout);
    assert_eq!(env.read(AGENT), agent(&[(2, "Mine.")]));

    // A folder as it stands has no commits.
    let env = stage();
    env.edit("ws/.claude-env.toml", "ref = \"main\"\n", "");
    env.sync().code(0);
    env.write(AGENT, agent(&[(2, "Mine.")]));
    env.write("config/base/agents/guide.md", agent(&[(8, "Theirs.")]));
    env.sync().code(1);

    // At that commit it cannot be used.
    let env = stage();
    let lock = env.read("ws/.claude-env.lock");
    env.write("config/base/layer.toml", "broken = [\n");
    env.commit_config();
    let bad = env.git("config", &["rev-parse", "HEAD"]);
    env.write("config/base/layer.toml", "[environment]\nLEVEL = \"one\"\n");
    configure(&env, "agents/guide.md", &agent(&[(8, "Theirs.")]));
    env.write(AGENT, agent(&[(2, "Mine.")]));
    let revision = lock.lines().find(|line| line.starts_with("revision")).expect("a revision");
    env.write(
        "ws/.claude-env.lock",
        lock.replace(revision, &format!("revision = \"{}\"", bad.trim())),
    );
    env.sync().code(1);
    // Another text stands in the lock than that commit renders.
    env.write(
        "ws/.claude-env.lock",
        lock.replace(
            revision,
            &format!("revision = \"{}\"", env.git("config", &["rev-parse", "HEAD"]).trim()),
        ),
    );
    env.sync().code(1);
    assert_eq!(env.read(AGENT), agent(&[(2, "Mine.")]));
    env.write("ws/.claude-env.lock", lock);
    env.sync().code(0);
    assert_eq!(env.read(AGENT), agent(&[(2, "Mine."), (8, "Theirs.")]));
}

#[test]
fn mirrors_hooks_and_files_of_one_person_merge_too() {
    let env = TestEnv::new();
    env.config(&[
        ("base/agents/guide.md", &agent(&[])),
        ("users/ada/layer.toml", "[environment]\nMINE = \"1\"\n"),
        ("users/ada/memory/me.md", &memory("First.", "Last.")),
    ]);
    env.workspace();
    let address = format!("file://{}/config", env.path().display());
    let init = ["-C", "ws", "init", "--user", "ada", "--source", &address];
    env.run(&init).code(0);
    env.hooks_sync("ws");
    env.write(AGENT, agent(&[(2, "Mine.")]));
    env.edit("ws/CLAUDE.local.md", "First.", "My first.");
    env.write("config/base/agents/guide.md", agent(&[(8, "Theirs.")]));
    env.write("config/users/ada/memory/me.md", memory("First.", "Their last."));
    env.commit_config();
    let mut command = env.claude_env();
    command.current_dir(env.join("ws")).env("CLAUDE_ENV_FRESHNESS", "0");
    let outcome = env.outcome(command.args(["hook", "post-merge", "0"])).code(0);
    assert_eq!(outcome.stderr.matches("  merged: ").count(), 2, "{}", outcome.stderr);
    assert_eq!(env.read(AGENT), agent(&[(2, "Mine."), (8, "Theirs.")]));
    let text = env.read("ws/CLAUDE.local.md");
    assert!(text.contains("My first.") && text.contains("Their last."), "{text}");
}

fn contents(env: &TestEnv) -> BTreeMap<String, (Vec<u8>, bool)> {
    let files = tree(&env.join("ws")).into_iter();
    files.map(|(path, entry)| (path, (entry.bytes, entry.executable))).collect()
}

#[test]
fn a_merge_that_is_killed_is_finished_by_the_next() {
    let env = stage();
    env.write(AGENT, agent(&[(2, "Mine.")]));
    env.edit("ws/CLAUDE.md", "First.", "My first.");
    env.write("config/base/agents/guide.md", agent(&[(8, "Theirs.")]));
    env.write("config/base/memory/rules.md", memory("First.", "Their last."));
    env.commit_config();
    std::fs::rename(env.join("ws"), env.join("stage")).expect("moved");
    let reset = || {
        if env.join("ws").exists() {
            std::fs::remove_dir_all(env.join("ws")).expect("removed");
        }
        copy(&env.join("stage"), &env.join("ws"));
    };
    reset();
    let before = contents(&env);
    env.sync().code(0);
    let after = contents(&env);
    let mut strikes = 0;
    for call in ["rename", "write", "fdatasync", "unlink"] {
        for n in 1.. {
            reset();
            let mut command = env.command(tool("CLAUDE_ENV_TEST_STRACE"));
            let log = env.join("strace.log");
            command.args(["-f", "-qq", "-e", "signal=none", "-o"]).arg(&log);
            command.args(["-e", &format!("trace={call}")]);
            command.args(["-e", &format!("inject={call}:signal=KILL:when={n}")]);
            command.arg(assert_cmd::cargo::cargo_bin("claude-env")).args(["-C", "ws", "sync"]);
            env.outcome(&mut command);
            let calls = std::fs::read_to_string(&log).expect("the log");
            if calls.lines().filter(|line| line.contains(&format!("{call}("))).count() < n {
                break;
            }
            strikes += 1;
            for path in ["CLAUDE.md", ".claude/agents/guide.md"] {
                let now = &contents(&env)[path];
                assert!([&before[path], &after[path]].contains(&now), "{call} {n}: {path}");
            }
            env.sync().code(0);
            assert_eq!(contents(&env), after, "{call} {n}");
        }
    }
    println!("a merge was killed {strikes} times");
    assert!(strikes > 10, "{strikes} strikes");
}
