//! Places that are not written, and locks that are not believed.

use std::os::unix::fs::symlink;
use std::path::Path;

use super::config;
use crate::support::{TestEnv, tree};

#[test]
fn a_lock_that_cannot_be_used_stops_everything() {
    let env = TestEnv::new();
    config(&env);
    env.workspace();
    env.bind(&[]).code(0);
    env.edit("config/base/layer.toml", "LEVEL = \"one\"", "LEVEL = \"two\"");
    env.commit_config();
    let good = env.read("ws/.claude-env.lock");
    let conflict = format!("<<<<<<< HEAD\n{good}=======\n{good}>>>>>>> other\n");
    let bad = [
        (good.replace("version = 1", "version = 2"), "upgrade claude-env"),
        (conflict, "merge conflict"),
        ("not a lock\n".to_owned(), ".claude-env.lock:1"),
        (good.replace("version = 1\n", ""), "version"),
        (good.replace("[files]", "[files]\n\"../outside\" = \"00\""), "../outside"),
        (good.replace("[files]", "[files]\n\".git/config\" = \"00\""), ".git/config"),
    ];
    for (text, says) in bad {
        assert_ne!(text, good);
        env.write("ws/.claude-env.lock", &text);
        let before = tree(&env.join("ws"));
        let outcome = env.sync().code(2);
        assert!(outcome.stderr.contains(says), "`{says}` in {}", outcome.stderr);
        assert_eq!(tree(&env.join("ws")), before, "{says}");
    }
    // A binary one, too; and a lost one loses nothing.
    env.write("ws/.claude-env.lock", [0xff, 0xfe, 0x00]);
    env.sync().code(2);
    std::fs::remove_file(env.join("ws/.claude-env.lock")).expect("removed");
    env.edit("ws/.claude/settings.json", "\"one\"", "\"two\"");
    env.sync().code(0);
    assert!(env.run(&["-C", "ws", "sync", "--dry-run"]).code(0).stdout.is_empty());
}

/// Whether the plan complains about a path, and what was outside is as it was.
fn refuses(prepare: impl Fn(&TestEnv), path: &str) {
    let env = TestEnv::new();
    config(&env);
    env.workspace();
    env.write("outside/keep.md", "keep\n");
    env.write("outside/settings.json", "{}\n");
    prepare(&env);
    let outside = tree(&env.join("outside"));
    let outcome = env.bind(&[]).code(1);
    let complaint = outcome.stdout.lines().any(|line| line.starts_with(&format!("! {path}")));
    assert!(complaint, "{path} in {}", outcome.stdout);
    assert_eq!(tree(&env.join("outside")), outside, "{path}: nothing outside is touched");
    assert_eq!(env.json("ws/.mcp.json")["mcpServers"]["tool"]["command"], "tool");
    assert!(env.sync().code(1).stdout.contains(path), "it is said again");
}

#[test]
fn links_that_lead_out_are_refused() {
    let link = |from: &'static str, to: &'static str| {
        move |env: &TestEnv| {
            let from = env.join(from);
            std::fs::create_dir_all(from.parent().expect("a folder")).expect("the folder");
            symlink(to, from).expect("the link");
        }
    };
    refuses(link("ws/.claude", "../outside"), ".claude/settings.json");
    refuses(link("ws/.claude/agents", "../../outside"), ".claude/agents/helper.md");
    refuses(
        link("ws/.claude/settings.json", "../../outside/settings.json"),
        ".claude/settings.json",
    );
    refuses(link("ws/.claude/hooks/guard.sh", "/dev/null"), ".claude/hooks/guard.sh");
    refuses(link("ws/CLAUDE.md", "../outside/keep.md"), "CLAUDE.md");
    refuses(link("ws/CLAUDE.md", "nowhere.md"), "CLAUDE.md");
    refuses(link("ws/CLAUDE.md", ".git/config"), "CLAUDE.md");
}

#[test]
fn instructions_may_link_to_another_file_of_the_workspace() {
    let env = TestEnv::new();
    config(&env);
    env.workspace();
    env.write("ws/AGENTS.md", "# Agents\n");
    symlink("AGENTS.md", env.join("ws/CLAUDE.md")).expect("the link");
    env.bind(&[]).code(0);
    assert!(env.join("ws/CLAUDE.md").is_symlink());
    assert!(env.read("ws/AGENTS.md").contains("Be kind."));
    assert!(env.read("ws/AGENTS.md").contains("# Agents\n"));
    assert_eq!(env.sync().code(0).stdout, "");
}

#[test]
fn something_else_in_the_place_of_a_file_is_refused() {
    let folder = |path: &'static str| {
        move |env: &TestEnv| std::fs::create_dir_all(env.join(path)).expect("the folder")
    };
    refuses(folder("ws/.claude/settings.json"), ".claude/settings.json  is a folder");
    refuses(folder("ws/.claude/agents/helper.md"), ".claude/agents/helper.md  is a folder");
    refuses(folder("ws/CLAUDE.md"), "CLAUDE.md  is a folder");
    refuses(|env| env.write("ws/.claude/agents", "a file\n"), ".claude/agents/helper.md");
    refuses(
        |env| {
            env.write("ws/.claude/x", "");
            let fifo = env.join("ws/.claude/settings.json");
            let made = env.command("mkfifo").arg(fifo).status().expect("mkfifo");
            assert!(made.success());
        },
        ".claude/settings.json  is not a regular file",
    );
}

#[test]
fn an_edited_lock_makes_changes_of_a_person_and_never_an_overwriting() {
    let env = TestEnv::new();
    config(&env);
    env.workspace();
    env.bind(&[]).code(0);
    let good = env.read("ws/.claude-env.lock");
    let before = tree(&env.join("ws"));
    // Every digest in turn is another one; then the configuration moves on.
    let digests: Vec<&str> = good.split('"').filter(|text| text.len() == 32).collect();
    assert!(digests.len() > 8, "{good}");
    for digest in digests {
        let (head, tail) = digest.split_at(31);
        let other = format!("{head}{}", if tail == "0" { "1" } else { "0" });
        env.write("ws/.claude-env.lock", good.replacen(digest, &other, 1));
        let outcome = env.sync();
        assert!(matches!(outcome.code, Some(0 | 1)), "{digest}: {outcome:?}");
        let mut after = tree(&env.join("ws"));
        for (path, entry) in &before {
            let now = after.remove(path).unwrap_or_else(|| panic!("{digest}: {path} is gone"));
            if path != ".claude-env.lock" {
                assert_eq!(now, *entry, "{digest}: {path}");
            }
        }
        assert!(after.is_empty(), "{digest}: {after:?}");
    }
    // As if it had been written for other values: what is there is somebody's, and stays.
    env.edit("config/base/layer.toml", "acme.example/docs", "acme.example/v2");
    env.write("config/base/agents/helper.md", "---\nname: helper\ndescription: b\n---\n\nB.\n");
    env.commit_config();
    let other = |digest: &str| digest.chars().rev().collect::<String>();
    let mut edited = good.clone();
    for digest in good.split('"').filter(|text| text.len() == 32) {
        edited = edited.replace(digest, &other(digest));
    }
    env.write("ws/.claude-env.lock", edited);
    let outcome = env.sync().code(1);
    assert!(outcome.stdout.contains("! .mcp.json  mcpServers/docs"), "{}", outcome.stdout);
    for (path, entry) in before.iter().filter(|(path, _)| *path != ".claude-env.lock") {
        assert_eq!(tree(&env.join("ws"))[path].bytes, entry.bytes, "{path}");
    }
}

#[test]
fn either_side_of_a_merge_conflict_in_the_lock_can_be_kept() {
    let env = TestEnv::new();
    config(&env);
    env.workspace();
    env.bind(&[]).code(0);
    env.commit_all("ws");
    // Two people sync to different commits, and git cannot join their locks.
    env.git("ws", &["checkout", "-q", "-b", "other"]);
    env.edit("config/base/layer.toml", "acme.example/docs", "acme.example/v2");
    env.commit_config();
    env.sync().code(0);
    env.commit_all("ws");
    env.git("ws", &["checkout", "-q", "main"]);
    env.edit("config/base/layer.toml", "acme.example/v2", "acme.example/v3");
    env.commit_config();
    env.sync().code(0);
    env.commit_all("ws");
    let mut merge = env.command("git");
    merge.current_dir(env.join("ws")).args(["merge", "-q", "other"]);
    assert_eq!(env.outcome(&mut merge).code, Some(1), "a conflict");
    let outcome = env.sync().code(2);
    assert!(outcome.stderr.contains("take the same side for"), "{}", outcome.stderr);
    for side in ["--ours", "--theirs"] {
        env.git("ws", &["checkout", "-q", side, "--", ".claude-env.lock"]);
        env.git("ws", &["checkout", "-q", "--ours", "--", ".mcp.json"]);
        env.sync().code(0);
        assert!(env.read("ws/.mcp.json").contains("acme.example/v3"));
        assert_eq!(env.sync().code(0).stdout, "", "{side}");
    }
}

#[test]
fn a_pending_lock_that_is_not_ours_is_not_believed() {
    let env = TestEnv::new();
    config(&env);
    env.workspace();
    env.bind(&[]).code(0);
    env.edit("ws/.mcp.json", "acme.example/docs", "localhost/docs");
    let before = tree(&env.join("ws"));
    let good = env.read("ws/.claude-env.lock");
    // Torn: nothing had been applied. Whole and broken: said.
    for (text, code) in [
        (good[..good.len() / 2].to_owned(), 0),
        (String::new(), 0),
        (good.replace("version = 1", "version = 2"), 2),
        (good.replace("version = 1", "version ="), 2),
        (good.replace("[files]", "[files]\n\"../outside\" = \"00\""), 2),
    ] {
        env.write("ws/.claude-env.lock.pending", &text);
        env.sync().code(code);
        assert!(env.read("ws/.mcp.json").contains("localhost/docs"), "{text}");
        let _ = std::fs::remove_file(env.join("ws/.claude-env.lock.pending"));
    }
    assert_eq!(tree(&env.join("ws")), before);
}

#[test]
fn what_is_far_too_large_is_left_and_takes_no_memory() {
    let large = |path: &'static str| {
        move |env: &TestEnv| {
            env.write(path, "{}");
            let file = std::fs::File::options().write(true).open(env.join(path)).expect("opened");
            file.set_len(100 << 20).expect("100 MiB");
        }
    };
    refuses(large("ws/.claude/settings.json"), ".claude/settings.json  is too large: 100 MiB");
    refuses(large("ws/CLAUDE.md"), "CLAUDE.md  is too large: 100 MiB");
    refuses(
        large("ws/.claude/agents/helper.md"),
        ".claude/agents/helper.md  is too large: 100 MiB",
    );
    // A lock of that size is none; neither is what a killed run would have left.
    for name in ["ws/.claude-env.lock", "ws/.claude-env.lock.pending", "ws/.claude-env.local.lock"]
    {
        let env = TestEnv::new();
        config(&env);
        env.workspace();
        env.bind(&[]).code(0);
        large(name)(&env);
        let mut command = env.command("sh");
        // Less memory than the file has bytes.
        command.args(["-c", "ulimit -v 90000; exec \"$0\" -C ws sync"]);
        command.arg(assert_cmd::cargo::cargo_bin("claude-env"));
        let outcome = env.outcome(&mut command).code(3);
        assert!(outcome.stderr.contains("too large"), "{name}: {}", outcome.stderr);
    }
}

#[test]
fn a_folder_that_may_not_be_written_is_a_clear_failure() {
    let env = TestEnv::new();
    config(&env);
    env.workspace();
    // Nobody is kept out who is root: then the program runs as somebody else, from a copy that they may read.
    let program = env.join("program");
    std::fs::copy(assert_cmd::cargo::cargo_bin("claude-env"), &program).expect("a copy");
    let root = std::fs::metadata("/proc/self")
        .is_ok_and(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0);
    let open = |path: &Path, mode: u32| {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(path, mode).expect("the mode");
    };
    open(env.path(), 0o755);
    open(&env.join("ws"), 0o555);
    if root {
        // Its owner runs the program, or git would not trust the folder.
        for path in ["ws", "ws/.git", "config", "config/.git"] {
            std::os::unix::fs::chown(env.join(path), Some(65534), None).expect("the owner");
        }
    }
    let mut command = if root {
        let mut command = env.command("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&program);
        command
    } else {
        env.command(&program)
    };
    command.args(["-C", "ws", "init", "--source", "../config"]);
    let outcome = env.outcome(&mut command).code(3);
    open(&env.join("ws"), 0o755);
    assert!(outcome.stderr.contains("Permission denied"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("[ROOT]/ws"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("hint: check the owner"), "{}", outcome.stderr);
    assert!(tree(&env.join("ws")).is_empty());
}
