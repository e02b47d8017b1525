//! `sync --force`, the prune guard, generations and `rollback`, with real git around them.

use std::collections::BTreeMap;

use crate::support::{Entry, Outcome, TestEnv, copy, tool, tree};
use crate::sync::{bound_beside_files as bound, config};

type Contents = BTreeMap<String, (Vec<u8>, bool)>;

fn contents(env: &TestEnv, folder: &str) -> Contents {
    let entry = |e: Entry| (e.bytes, e.executable);
    tree(&env.join(folder)).into_iter().map(|(path, e)| (path, entry(e))).collect()
}

/// Moves the configuration on: something is changed, added and removed.
fn move_on(env: &TestEnv) {
    env.edit("config/base/layer.toml", "LEVEL = \"one\"", "LEVEL = \"two\"");
    env.edit("config/base/layer.toml", "acme.example/docs", "acme.example/v2");
    env.edit("config/base/memory/10-rules.md", "Be kind.", "Be kind and brief.");
    env.write("config/base/agents/second.md", "---\nname: second\ndescription: b\n---\n\nB.\n");
    std::fs::remove_file(env.join("config/base/hooks/guard.sh")).expect("removed");
    env.commit_config();
}

fn rollback(env: &TestEnv, options: &[&str]) -> Outcome {
    env.run(&[["-C", "ws", "rollback"].as_slice(), options].concat())
}

fn numbers(env: &TestEnv) -> Vec<u64> {
    let list = rollback(env, &["--list", "--format", "json"]).code(0).json();
    let generations = list["generations"].as_array().expect("a list");
    generations.iter().filter_map(|one| one["number"].as_u64()).collect()
}

#[test]
fn a_sync_is_taken_back_offline_and_done_again() {
    let env = bound();
    let before = contents(&env, "ws");
    move_on(&env);
    let answer = env.run(&["-C", "ws", "sync", "--format", "json"]).code(0).json();
    assert_eq!(answer["generation"], 2);
    let after = contents(&env, "ws");
    assert_ne!(before, after);
    // Nobody needs the config repository.
    std::fs::rename(env.join("config"), env.join("away")).expect("moved");

    let dry = rollback(&env, &["--dry-run"]).code(1);
    assert!(dry.stdout.contains("+ .claude/hooks/guard.sh"), "{}", dry.stdout);
    assert!(contents(&env, "ws") == after);
    let outcome = rollback(&env, &[]).code(0);
    assert!(outcome.stderr.contains("`claude-env rollback 3` restores it"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("sync` applies the configuration again"), "{}", outcome.stderr);
    assert!(contents(&env, "ws") == before);
    assert_eq!(numbers(&env), [1, 2, 3]);

    std::fs::rename(env.join("away"), env.join("config")).expect("moved");
    env.sync().code(0);
    assert!(contents(&env, "ws") == after);
    // Back to before everything: nothing of ours is left but the binding.
    rollback(&env, &["1"]).code(0);
    let names: Vec<String> = contents(&env, "ws").into_keys().collect();
    assert_eq!(names, [".claude-env.toml", ".mcp.json", "CLAUDE.md"]);
    assert_eq!(env.read("ws/CLAUDE.md"), "# Mine\n");
    let list = rollback(&env, &["--list"]).code(0).stdout;
    assert!(list.lines().count() == 5 && list.contains("rollback 2"), "{list}");
}

#[test]
fn what_cannot_be_gone_back_to_is_said() {
    let env = TestEnv::new();
    let outcome = env.run(&["rollback"]).code(2);
    assert!(outcome.stderr.contains("not a workspace"), "{}", outcome.stderr);
    let env = bound();
    let outcome = rollback(&env, &["9"]).code(2);
    assert!(outcome.stderr.contains("no generation 9"), "{}", outcome.stderr);
    std::fs::remove_dir_all(env.join("ws/.git/claude-env")).expect("removed");
    let outcome = rollback(&env, &[]).code(2);
    assert!(outcome.stderr.contains("nothing to go back to"), "{}", outcome.stderr);
    rollback(&env, &["--list"]).code(0);
}

#[test]
fn force_takes_the_configurations_side_and_can_be_undone() {
    let env = bound();
    env.edit("ws/.mcp.json", "acme.example/docs", "localhost/docs");
    env.write("ws/.claude/agents/helper.md", "mine\n");
    env.edit("ws/CLAUDE.md", "Be kind.", "Be rude.");
    let edited = contents(&env, "ws");
    env.sync().code(0);
    assert!(contents(&env, "ws") == edited, "without it all is kept");
    let dry = env.run(&["-C", "ws", "sync", "--force", "--dry-run"]).code(1);
    assert!(dry.stdout.contains("changed here; put back"), "{}", dry.stdout);
    env.run(&["-C", "ws", "sync", "--force"]).code(0);
    assert!(env.read("ws/.mcp.json").contains("acme.example/docs"));
    assert!(env.read("ws/.mcp.json").contains("\"mine\""), "what is foreign stays");
    assert!(env.read("ws/CLAUDE.md").contains("# Mine\n"));
    let again = env.run(&["-C", "ws", "sync", "--dry-run"]).code(0);
    assert_eq!(again.stdout, "", "no drift");
    rollback(&env, &[]).code(0);
    assert!(contents(&env, "ws") == edited);
}

#[test]
fn a_removal_of_much_stops_and_says_how_to_go_on() {
    let env = bound();
    let before = contents(&env, "ws");
    env.write("config/base/layer.toml", "[environment]\nLEVEL = \"one\"\n");
    env.commit_config();
    for options in [[].as_slice(), &["--dry-run"]] {
        let outcome = env.run(&[["-C", "ws", "sync"].as_slice(), options].concat()).code(1);
        assert!(outcome.stdout.contains("- .mcp.json  mcpServers/docs"), "{}", outcome.stdout);
        assert!(outcome.stdout.contains("sync --allow-prune"), "{}", outcome.stdout);
        assert!(contents(&env, "ws") == before);
    }
    let answer = env.run(&["-C", "ws", "sync", "--format", "json"]).code(1).json();
    assert_eq!(answer["stopped"], true);
    assert_eq!(answer["ok"], false);
    assert_eq!(answer["prune"]["emptied"][0], ".mcp.json");
    assert_eq!(numbers(&env), [1], "nothing was written, so nothing is kept");
    env.run(&["-C", "ws", "sync", "--allow-prune"]).code(0);
    assert!(!env.read("ws/.mcp.json").contains("docs"));
    rollback(&env, &[]).code(0);
    assert!(contents(&env, "ws") == before);
}

#[test]
fn what_was_changed_since_is_reported_and_left() {
    let env = bound();
    move_on(&env);
    env.sync().code(0);
    env.edit("ws/.mcp.json", "acme.example/v2", "localhost/mine");
    env.edit("ws/CLAUDE.md", "# Mine", "# Mine, longer");
    let outcome = rollback(&env, &[]).code(1);
    assert!(outcome.stdout.contains("! .mcp.json  mcpServers/docs"), "{}", outcome.stdout);
    assert!(env.read("ws/.mcp.json").contains("localhost/mine"));
    let text = env.read("ws/CLAUDE.md");
    assert!(text.contains("# Mine, longer") && text.contains("Be kind.\n"), "{text}");
    assert!(env.join("ws/.claude/hooks/guard.sh").exists());
}

#[test]
fn each_workspace_has_generations_of_its_own() {
    // A linked work tree keeps them in its own git directory.
    let env = bound();
    env.commit_all("ws");
    env.git("ws", &["worktree", "add", "--quiet", "../linked"]);
    move_on(&env);
    env.run(&["-C", "linked", "sync"]).code(0);
    assert_eq!(numbers(&env), [1]);
    assert!(env.join("ws/.git/worktrees/linked/claude-env/generations/1").is_file());
    env.run(&["-C", "linked", "rollback"]).code(0);
    assert!(contents(&env, "linked") == contents(&env, "ws"));

    // Two folders of one repository.
    let env = TestEnv::new();
    config(&env);
    env.workspace();
    for name in ["one", "two"] {
        let binding = "[source]\nrepository = \"../../config\"\n";
        env.write(&format!("ws/{name}/.claude-env.toml"), binding);
        env.run(&["-C", &format!("ws/{name}"), "sync"]).code(0);
    }
    env.run(&["-C", "ws/one", "rollback"]).code(0);
    assert!(!env.join("ws/one/CLAUDE.md").exists() && env.join("ws/two/CLAUDE.md").exists());

    // Without git they are in the user's state.
    let env = TestEnv::new();
    config(&env);
    env.write("plain/.claude-env.toml", "[source]\nrepository = \"../config\"\n");
    env.run(&["-C", "plain", "sync"]).code(0);
    assert!(env.join("home/.local/state/claude-env").is_dir());
    env.run(&["-C", "plain", "rollback"]).code(0);
    assert!(!env.join("plain/CLAUDE.md").exists());
}

/// A user layer that renders into files of one person.
fn person(env: &TestEnv, word: &str) {
    let user = "home/.config/claude-env/user";
    env.write(&format!("{user}/layer.toml"), format!("[environment]\nMINE = \"{word}\"\n"));
    env.write(&format!("{user}/memory/me.md"), format!("I am {word}.\n"));
}

fn exclude(env: &TestEnv) -> String {
    env.read("ws/.git/info/exclude")
}

#[test]
fn one_generation_holds_both_locks_and_git_is_told() {
    let env = bound();
    let (before, listed) = (contents(&env, "ws"), exclude(&env));
    person(&env, "ada");
    move_on(&env);
    env.sync().code(0);
    let (after, listed_after) = (contents(&env, "ws"), exclude(&env));
    assert!(listed_after.contains("CLAUDE.local.md") && after.contains_key("CLAUDE.local.md"));
    assert_eq!(numbers(&env), [1, 2]);
    rollback(&env, &["2"]).code(0);
    assert!(contents(&env, "ws") == before);
    assert_eq!(exclude(&env), listed);
    rollback(&env, &[]).code(0);
    assert!(contents(&env, "ws") == after);
    assert_eq!(exclude(&env), listed_after);
    // The person's part alone.
    person(&env, "eve");
    env.sync().code(0);
    assert!(env.read("ws/CLAUDE.local.md").contains("eve"));
    env.edit("ws/CLAUDE.local.md", "<!-- claude-env:begin", "My notes.\n\n<!-- claude-env:begin");
    rollback(&env, &[]).code(0);
    let text = env.read("ws/CLAUDE.local.md");
    assert!(text.contains("I am ada.") && text.contains("My notes."), "{text}");
}

#[test]
fn what_is_kept_out_of_git_is_taken_back_and_what_git_tracks_is_left() {
    let env = TestEnv::new();
    config(&env);
    env.workspace();
    let listed = exclude(&env);
    env.bind(&["--mode", "local"]).code(0);
    assert!(exclude(&env).contains("/CLAUDE.md"));
    env.git("ws", &["add", "--force", ".claude/agents/helper.md"]);
    let outcome = rollback(&env, &[]).code(1);
    assert!(outcome.stdout.contains("is tracked by git"), "{}", outcome.stdout);
    let names: Vec<String> = contents(&env, "ws").into_keys().collect();
    assert_eq!(names, [".claude-env.lock", ".claude-env.toml", ".claude/agents/helper.md"]);
    env.git("ws", &["rm", "--cached", "--quiet", ".claude/agents/helper.md"]);
    rollback(&env, &["1"]).code(0);
    let names: Vec<String> = contents(&env, "ws").into_keys().collect();
    assert_eq!(names, [".claude-env.toml"]);
    assert_eq!(exclude(&env), listed);
}

#[test]
fn force_removes_what_is_foreign_at_exclusive_paths_only() {
    let env = bound();
    env.edit(
        "config/claude-env.toml",
        "version = 1\n",
        "version = 1\n[policy]\nexclusive = [\"mcp_servers\", \"files\"]\n\
         [[drift.ignore]]\npath = \"mcp_servers.accepted\"\nreason = \"r\"\nowner = \"o\"\nuntil = 2999-01-01\n",
    );
    env.commit_config();
    env.write("ws/.claude/agents/mine.md", "---\nname: mine\ndescription: m\n---\n\nM.\n");
    env.edit("ws/.mcp.json", "\"mine\":", "\"accepted\": {\"command\": \"a\"}, \"mine\":");
    env.edit("ws/.claude/settings.json", "  \"env\"", "  \"model\": \"opus\",\n  \"env\"");
    env.sync().code(0);
    let before = contents(&env, "ws");
    assert!(before.contains_key(".claude/agents/mine.md"));
    let dry = env.run(&["-C", "ws", "sync", "--force", "--dry-run"]).code(1).stdout;
    assert_eq!(
        dry,
        "- .claude/agents/mine.md  foreign: not from the configuration, which allows nothing else here; removed\n\
         - .mcp.json  mcpServers/mine  foreign: not from the configuration, which allows nothing else here; removed\n"
    );
    env.run(&["-C", "ws", "sync", "--force"]).code(0);
    assert!(!env.join("ws/.claude/agents/mine.md").exists());
    let servers = env.read("ws/.mcp.json");
    assert!(!servers.contains("mine") && servers.contains("accepted"), "{servers}");
    assert!(servers.contains("docs") && env.read("ws/.claude/settings.json").contains("opus"));
    assert_eq!(env.run(&["-C", "ws", "sync", "--force"]).code(0).stdout, "");
    rollback(&env, &[]).code(0);
    assert!(contents(&env, "ws") == before);
}

#[test]
fn a_workspace_that_is_being_written_is_waited_for_but_not_for_ever() {
    let env = bound();
    move_on(&env);
    let before = contents(&env, "ws");
    let folder = std::fs::File::open(env.join("ws")).expect("the workspace");
    folder.lock().expect("the lock");
    for arguments in [["-C", "ws", "sync"].as_slice(), &["-C", "ws", "rollback"]] {
        let mut command = env.claude_env();
        command.env("CLAUDE_ENV_LOCK_TIMEOUT", "0").args(arguments);
        let outcome = env.outcome(&mut command).code(3);
        let says = "cannot write below `[ROOT]/ws`: another claude-env is running there";
        assert!(outcome.stderr.contains(says), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("run again"), "{}", outcome.stderr);
    }
    let mut command = env.claude_env();
    command.env("CLAUDE_ENV_LOCK_TIMEOUT", "soon").args(["-C", "ws", "sync"]);
    let outcome = env.outcome(&mut command).code(2);
    assert!(outcome.stderr.contains("CLAUDE_ENV_LOCK_TIMEOUT is `soon`"), "{}", outcome.stderr);
    // Looking needs no lock.
    env.run(&["-C", "ws", "sync", "--dry-run"]).code(1);
    assert!(contents(&env, "ws") == before);
    drop(folder);
    env.sync().code(0);
}

/// Runs the program with a fault at the n-th of a system call; says whether it struck.
fn struck(env: &TestEnv, arguments: &[&str], call: &str, fault: &str, n: usize) -> (Outcome, bool) {
    let mut command = env.command(tool("CLAUDE_ENV_TEST_STRACE"));
    let log = env.join("strace.log");
    command.args(["-f", "-qq", "-e", "signal=none", "-o"]).arg(&log);
    command.arg("-e").arg(format!("trace={call}"));
    command.arg("-e").arg(format!("inject={call}:{fault}:when={n}"));
    command.arg(assert_cmd::cargo::cargo_bin("claude-env")).args(["-C", "ws"]).args(arguments);
    let outcome = env.outcome(&mut command);
    let calls = std::fs::read_to_string(&log).expect("the log");
    let made = calls.lines().filter(|line| line.contains(&format!("{call}("))).count();
    (outcome, made >= n)
}

/// Kills a command at every one of a system call; a rollback afterwards must always lead to the same place.
#[expect(
    clippy::print_stdout,
    reason = "shown with --nocapture, for the table in docs/reliability.md"
)]
fn killed(call: &str, arguments: &[&str], stage: impl Fn(&TestEnv)) {
    let env = bound();
    let (before, listed) = (contents(&env, "ws"), exclude(&env));
    person(&env, "ada");
    move_on(&env);
    stage(&env);
    std::fs::rename(env.join("ws"), env.join("stage")).expect("moved");
    for n in 1.. {
        if env.join("ws").exists() {
            std::fs::remove_dir_all(env.join("ws")).expect("removed");
        }
        copy(&env.join("stage"), &env.join("ws"));
        let (_, hit) = struck(&env, arguments, call, "signal=KILL", n);
        if !hit {
            assert!(n > 1, "{call} was never made");
            println!("{arguments:?} killed at {call}: {} strikes", n - 1);
            break;
        }
        if contents(&env, "ws") != before {
            rollback(&env, &["2"]).code(0);
        }
        assert!(contents(&env, "ws") == before, "{arguments:?} killed at {call} {n}");
        if numbers(&env).len() > 2 {
            assert_eq!(exclude(&env), listed, "{arguments:?} killed at {call} {n}");
        }
    }
}

#[test]
fn a_killed_sync_can_be_taken_back() {
    for call in ["renameat", "write", "fdatasync", "unlinkat"] {
        killed(call, &["sync", "--quiet"], |_| {});
    }
}

#[test]
fn a_killed_rollback_can_be_finished() {
    for call in ["renameat", "write", "fdatasync", "unlinkat"] {
        killed(call, &["rollback", "--quiet"], |env| {
            env.sync().code(0);
        });
    }
}

#[test]
fn a_git_directory_that_cannot_be_written_stops_only_what_needs_it() {
    let env = bound();
    std::fs::remove_dir_all(env.join("ws/.git/claude-env")).expect("removed");
    env.edit("config/base/layer.toml", "LEVEL = \"one\"", "LEVEL = \"two\"");
    env.edit("ws/.mcp.json", "acme.example/docs", "localhost/docs");
    env.commit_config();
    let before = contents(&env, "ws");
    let fault = "error=EROFS";
    let (outcome, hit) = struck(&env, &["sync", "--force"], "mkdirat", fault, 1);
    assert!(hit, "a folder is made");
    assert!(outcome.code == Some(3) && outcome.stderr.contains("read-only"), "{outcome:?}");
    assert!(contents(&env, "ws") == before, "no force without a backup");
    let (outcome, _) = struck(&env, &["sync"], "mkdirat", fault, 1);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(outcome.stderr.contains("rollback` cannot undo this"), "{}", outcome.stderr);
    assert!(env.read("ws/.claude/settings.json").contains("two"));
}
