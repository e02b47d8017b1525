//! Disks that are full or read-only, for real: a small file system of memory, and a limit on the size of files.

use std::collections::BTreeMap;
use std::process::Command;

use super::config;
use crate::support::{TestEnv, tree};

type Contents = BTreeMap<String, (Vec<u8>, bool)>;

fn contents(env: &TestEnv, folder: &str) -> Contents {
    let files = tree(&env.join(folder)).into_iter();
    files.map(|(path, entry)| (path, (entry.bytes, entry.executable))).collect()
}

/// A workspace in `stage` whose configuration has moved on, with `after` as an undisturbed sync leaves it.
fn stage() -> TestEnv {
    let env = TestEnv::new();
    config(&env);
    env.workspace();
    env.write("ws/.mcp.json", "{\"mcpServers\": {\"mine\": {\"command\": \"m\"}}}\n");
    env.write("ws/CLAUDE.md", format!("# Mine\n{}", "Much of it.\n".repeat(400)));
    env.bind(&[]).code(0);
    env.edit("config/base/layer.toml", "LEVEL = \"one\"", "LEVEL = \"two\"");
    env.edit("config/base/layer.toml", "acme.example/docs", "acme.example/v2");
    env.write("config/base/memory/10-rules.md", "Be kind and brief.\n".repeat(300));
    env.write(
        "config/base/agents/second.md",
        format!("---\nname: second\ndescription: b\n---\n\n{}", "Long.\n".repeat(2000)),
    );
    std::fs::remove_file(env.join("config/base/hooks/guard.sh")).expect("removed");
    env.commit_config();
    std::fs::rename(env.join("ws"), env.join("stage")).expect("moved");
    crate::support::copy(&env.join("stage"), &env.join("ws"));
    env.sync().code(0);
    std::fs::rename(env.join("ws"), env.join("after")).expect("moved");
    std::fs::create_dir(env.join("ws")).expect("made");
    env
}

/// A shell that may mount file systems that nobody else sees; `None` where the system allows that to nobody. In CI that is a
/// failure: what is not tested there is not tested at all.
#[expect(clippy::print_stdout, reason = "a test says what it leaves out")]
pub(super) fn mounting(env: &TestEnv) -> Option<Command> {
    let with = |options: &[&str]| {
        let mut command = env.command("unshare");
        command.args(["--mount"]).args(options);
        command
    };
    for options in [[].as_slice(), &["--user", "--map-root-user"]] {
        let mut probe = with(options);
        let worked = probe.args(["sh", "-c", "mount -t tmpfs tmpfs ws"]).output();
        if worked.is_ok_and(|output| output.status.success()) {
            let mut command = with(options);
            command.arg("sh").arg("-euc");
            return Some(command);
        }
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "nobody may mount a file system here: run as root, or allow user namespaces"
    );
    println!("not tested with a file system of its own: nobody may mount one here");
    None
}

/// Every file is as before or as after; and nothing that is somebody else's is missing.
fn is_whole(env: &TestEnv, what: &str) -> Contents {
    let (before, after) = (contents(env, "stage"), contents(env, "after"));
    let mut now = contents(env, "during");
    now.retain(|path, _| {
        !path.contains(".claude-env-tmp-") && !path.starts_with(".claude-env.lock")
    });
    for (path, file) in &now {
        let known = [before.get(path), after.get(path)];
        assert!(known.contains(&Some(file)), "{what}: {path} is neither old nor new");
    }
    for path in ["CLAUDE.md", ".mcp.json"] {
        let (bytes, _) = now.get(path).unwrap_or_else(|| panic!("{what}: {path} is gone"));
        let text = String::from_utf8_lossy(bytes);
        assert!(text.contains("# Mine") || text.contains("\"mine\""), "{what}: {text}");
    }
    now
}

/// Syncs under a fault that grows weaker until the sync works, and once more without it. Returns how often it failed.
fn until_it_works(env: &TestEnv, steps: std::ops::Range<u32>, run: impl Fn(u32) -> String) -> u32 {
    let mut failed = 0;
    for step in steps {
        for folder in ["during", "done"] {
            if env.join(folder).exists() {
                std::fs::remove_dir_all(env.join(folder)).expect("removed");
            }
        }
        let said = run(step);
        let code = |name: &str| {
            let line = said.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|code| code.trim().parse::<i32>().ok())
        };
        is_whole(env, &format!("{step}: {said}"));
        assert_eq!(code("then"), Some(0), "{step}: the next sync puts it right: {said}");
        assert!(contents(env, "done") == contents(env, "after"), "{step}: {said}");
        match code("first") {
            Some(0) => return failed,
            Some(3) => failed += 1,
            _ => panic!("{step}: {said}"),
        }
        assert!(said.contains("error: cannot"), "{step}: {said}");
    }
    panic!("it never worked");
}

#[test]
fn a_disk_that_is_full_at_any_point_loses_nothing() {
    let env = stage();
    let program = assert_cmd::cargo::cargo_bin("claude-env");
    if mounting(&env).is_some() {
        let script = "mount -t tmpfs -o size=4m tmpfs ws\ncp -a stage/. ws/\n\
             free=$(df -k --output=avail ws | tail -n 1)\n\
             head -c $(( (free - $1) * 1024 )) /dev/zero > ws/filler\n\
             code=0; \"$2\" -C ws sync || code=$?; echo \"first $code\"\n\
             rm ws/filler; mkdir during done; cp -a ws/. during/\n\
             code=0; \"$2\" -C ws sync || code=$?; echo \"then $code\"\n\
             cp -a ws/. done/\n";
        let failed = until_it_works(&env, 0..200, |step| {
            let mut command = mounting(&env).expect("as before");
            command.args([script, "sh", &(step * 4).to_string()]).arg(&program);
            let outcome = env.outcome(&mut command).code(0);
            let text = format!("{}\n{}", outcome.stdout, outcome.stderr);
            let full = text.contains("first 0") || text.contains("the disk is full");
            assert!(full, "{text}");
            text
        });
        println!("the disk was full {failed} times");
        assert!(failed >= 5, "the disk was full {failed} times only");
    }
    // No file may be larger than so many blocks: that, every system allows.
    let script = "rm -rf ws; cp -a stage ws\n\
         code=0; (trap '' XFSZ; ulimit -f $1; exec \"$2\" -C ws sync) || code=$?; echo \"first $code\"\n\
         mkdir during done; cp -a ws/. during/\n\
         code=0; \"$2\" -C ws sync || code=$?; echo \"then $code\"\n\
         cp -a ws/. done/\n";
    let failed = until_it_works(&env, 0..200, |step| {
        let mut command = env.command("sh");
        command.args(["-euc", script, "sh", &step.to_string()]).arg(&program);
        let outcome = env.outcome(&mut command).code(0);
        format!("{}\n{}", outcome.stdout, outcome.stderr)
    });
    println!("a file was too large {failed} times");
    assert!(failed >= 5, "a file was too large {failed} times only");
}

#[test]
fn a_disk_that_is_read_only_is_said_and_can_be_looked_at() {
    let env = stage();
    let program = assert_cmd::cargo::cargo_bin("claude-env");
    // Elsewhere, `refused.rs` has a read-only folder and `interrupted.rs` the system's error.
    let Some(mut command) = mounting(&env) else { return };
    let script = "mount -t tmpfs -o size=4m tmpfs ws\ncp -a stage/. ws/\nmount -o remount,ro ws\n\
         for verb in 'sync' 'sync --force' 'rollback' 'status' 'sync --dry-run'; do\n\
         code=0; \"$1\" -C ws $verb || code=$?; echo \"$verb: $code\"; done\n\
         mkdir during; cp -a ws/. during/\n";
    let outcome = env.outcome(command.args([script, "sh"]).arg(&program)).code(0);
    for line in ["sync: 3", "sync --force: 3", "rollback: 3", "status: 0", "sync --dry-run: 1"] {
        assert!(outcome.stdout.lines().any(|said| said == line), "{line} in {outcome:?}");
    }
    assert_eq!(outcome.stderr.matches("the file system is read-only").count(), 3, "{outcome:?}");
    assert!(contents(&env, "during") == contents(&env, "stage"));
}
