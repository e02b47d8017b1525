//! Files as systems really have them: of other owners, with attributes, mounted, replaced with links, or without modes.

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use rustix::fs::{CWD, RenameFlags, XattrFlags};

use super::disk::mounting;
use super::{bound, bound_beside_files, config};
use crate::support::{TestEnv, files_below, tool};

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("the mode");
}

/// Moves the configuration on, in every file of the workspace.
fn move_on(env: &TestEnv, level: &str) {
    env.write(
        "config/base/layer.toml",
        super::LAYER
            .replace("\"one\"", &format!("\"{level}\""))
            .replace("/docs", &format!("/{level}")),
    );
    env.write("config/base/memory/10-rules.md", format!("Be {level}.\n"));
    env.write("config/base/hooks/guard.sh", format!("#!/bin/sh\n# {level}\nexit 0\n"));
    env.commit_config();
}

const FILES: [&str; 5] = [
    ".mcp.json",
    "CLAUDE.md",
    ".claude/settings.json",
    ".claude/hooks/guard.sh",
    ".claude-env.lock",
];

/// The temporary files in the workspace.
fn temporary(env: &TestEnv) -> Vec<String> {
    let files = files_below(&env.join("ws")).into_iter();
    files.map(|path| path.display().to_string()).filter(|path| path.contains("-tmp-")).collect()
}

#[test]
fn files_keep_their_owner_and_mode() {
    let env = bound_beside_files();
    let path = |name: &str| env.join("ws").join(name);
    let root = rustix::process::geteuid().is_root();
    for name in FILES {
        set_mode(&path(name), if name.ends_with(".sh") { 0o750 } else { 0o640 });
        if root {
            std::os::unix::fs::chown(path(name), Some(1234), Some(5678)).expect("another owner");
        }
    }
    let state = || {
        let state = |name| std::fs::metadata(path(name)).expect("there");
        FILES.map(state).map(|found| (found.uid(), found.gid(), found.mode()))
    };
    let before = state();
    for level in ["two", "three"] {
        move_on(&env, level);
        env.sync().code(0);
        assert!(env.read("ws/.mcp.json").contains(level));
        assert_eq!(state(), before, "{level}");
    }
    env.run(&["-C", "ws", "rollback"]).code(0);
    assert!(env.read("ws/.mcp.json").contains("two"));
    assert_eq!(state(), before);
}

#[test]
fn files_keep_their_extended_attributes_and_their_acl() {
    let env = bound_beside_files();
    let name = "user.claude-env-test";
    if rustix::fs::setxattr(env.join("ws/CLAUDE.md"), name, b"1", XattrFlags::empty()).is_err() {
        return;
    }
    // The owner may write, a named user may write, the group may read; the mask is `rw`.
    let entries: [(u16, u16, u32); 5] =
        [(1, 6, u32::MAX), (2, 6, 1234), (4, 4, u32::MAX), (16, 6, u32::MAX), (32, 0, u32::MAX)];
    let mut acl = 2_u32.to_le_bytes().to_vec();
    for (tag, permissions, id) in entries {
        acl.extend(tag.to_le_bytes().into_iter().chain(permissions.to_le_bytes()));
        acl.extend(id.to_le_bytes());
    }
    let posix = "system.posix_acl_access";
    let get = |file: &str, name: &str| {
        let mut value = [0; 256];
        let length = rustix::fs::getxattr(env.join("ws").join(file), name, &mut value[..]).ok()?;
        Some(value[..length].to_vec())
    };
    for file in FILES {
        let path = env.join("ws").join(file);
        rustix::fs::setxattr(&path, name, file.as_bytes(), XattrFlags::empty()).expect("set");
        let _ = rustix::fs::setxattr(&path, posix, &acl, XattrFlags::empty());
    }
    let before = FILES.map(|file| (get(file, name), get(file, posix)));
    move_on(&env, "two");
    env.sync().code(0);
    assert!(env.read("ws/CLAUDE.md").contains("Be two."));
    assert_eq!(FILES.map(|file| (get(file, name), get(file, posix))), before);
}

#[test]
fn an_acl_of_the_folder_does_not_open_a_private_file() {
    let env = bound_beside_files();
    let acl: Vec<u8> = [2_u32.to_le_bytes().to_vec()]
        .into_iter()
        .chain(
            [
                (1_u16, 7_u16, u32::MAX),
                (2, 7, 1234),
                (4, 7, u32::MAX),
                (16, 7, u32::MAX),
                (32, 7, u32::MAX),
            ]
            .map(|(tag, may, id)| {
                [&tag.to_le_bytes()[..], &may.to_le_bytes(), &id.to_le_bytes()].concat()
            }),
        )
        .flatten()
        .collect();
    let default = "system.posix_acl_default";
    if rustix::fs::setxattr(env.join("ws"), default, &acl, XattrFlags::empty()).is_err() {
        return;
    }
    set_mode(&env.join("ws/CLAUDE.md"), 0o600);
    move_on(&env, "two");
    env.sync().code(0);
    let mode = std::fs::metadata(env.join("ws/CLAUDE.md")).expect("there").mode() & 0o777;
    assert_eq!(mode, 0o600);
    let mut value = [0; 256];
    let acl =
        rustix::fs::getxattr(env.join("ws/CLAUDE.md"), "system.posix_acl_access", &mut value[..]);
    assert!(acl.is_err(), "the file has an ACL that it did not have");
}

#[test]
fn a_mount_point_is_written_in_place_or_named_and_the_rest_is_done() {
    let env = bound_beside_files();
    move_on(&env, "two");
    let Some(mut command) = mounting(&env) else { return };
    let program = assert_cmd::cargo::cargo_bin("claude-env");
    let script = "for file in .mcp.json CLAUDE.md .claude/settings.json .claude-env.lock; do\n\
         cp ws/$file side; mount --bind side ws/$file\n\
         code=0; \"$1\" -C ws sync --force >out 2>&1 || code=$?; cat out; echo \"$file: $code\"\n\
         find ws -name '.claude-env-tmp-*'\n\
         umount ws/$file; cp side ws/$file; cp ws/$file \"seen-$(basename $file)\"\n\
         rm -f side; done\n";
    let outcome = env.outcome(command.args([script, "sh"]).arg(&program)).code(0);
    for line in [".mcp.json: 0", "CLAUDE.md: 0", ".claude/settings.json: 0", ".claude-env.lock: 0"]
    {
        assert!(outcome.stdout.lines().any(|said| said == line), "{line} in {outcome:?}");
    }
    assert!(!outcome.stdout.contains("-tmp-"), "{outcome:?}");
    assert!(env.read("seen-.mcp.json").contains("two"));

    move_on(&env, "three");
    let Some(mut command) = mounting(&env) else { return };
    let script = "cp ws/.mcp.json side; mount --bind side ws/.mcp.json\n\
         mount -o remount,ro,bind ws/.mcp.json\n\
         code=0; \"$1\" -C ws sync >out 2>&1 || code=$?; cat out; echo \"sync: $code\"\n";
    let outcome = env.outcome(command.args([script, "sh"]).arg(&program)).code(0);
    assert!(outcome.stdout.contains("is a mount point, and is read-only"), "{outcome:?}");
    assert!(env.read("ws/CLAUDE.md").contains("Be three."), "the rest is done");
    assert!(env.read("ws/.mcp.json").contains("two"));
    assert_eq!(temporary(&env), Vec::<String>::new());
    // Without the mount, the next sync does what was left.
    env.sync().code(0);
    assert!(env.read("ws/.mcp.json").contains("three"));
}

#[test]
fn no_race_leads_out_of_the_workspace() {
    let env = TestEnv::new();
    env.config(&[("base/layer.toml", "[environment]\nA = \"0\"\n")]);
    for number in 0..20 {
        env.write(&format!("config/base/rules/r{number}.md"), format!("r{number}\n"));
    }
    env.commit_config();
    env.write("victim/settings.json", "{\"a\": 1}\n");
    env.write("victim/rules/r1.md", "r1\n");
    env.workspace();
    env.bind(&[]).code(0);
    let before: Vec<(String, Vec<u8>)> = outside(&env);
    symlink(env.join("victim"), env.join("ws/swap")).expect("a link");
    let (one, other) = (env.join("ws/.claude"), env.join("ws/swap"));
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                let swap = RenameFlags::EXCHANGE;
                let _ = rustix::fs::renameat_with(CWD, &one, CWD, &other, swap);
                std::thread::sleep(std::time::Duration::from_micros(50));
            }
        });
        for round in 0..30 {
            let empty = round % 2 == 0;
            for number in 0..20 {
                let path = format!("config/base/rules/r{number}.md");
                match empty {
                    true => drop(std::fs::remove_file(env.join(&path))),
                    false => env.write(&path, format!("r{number}\n")),
                }
            }
            env.write("config/base/layer.toml", format!("[environment]\nA = \"{round}\"\n"));
            env.commit_config();
            let outcome = env.run(&["-C", "ws", "sync", "--force", "--allow-prune"]);
            assert!(matches!(outcome.code, Some(0..=3)), "{outcome:?}");
            assert_eq!(outside(&env), before, "{outcome:?}");
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

/// The files of `victim`.
fn outside(env: &TestEnv) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = files_below(&env.join("victim"))
        .into_iter()
        .map(|path| (path.display().to_string(), std::fs::read(&path).unwrap_or_default()))
        .collect();
    files.sort();
    files
}

#[test]
fn our_own_folder_in_the_git_directory_is_no_way_out() {
    let env = bound();
    env.write("victim/kept", "x");
    std::fs::remove_dir_all(env.join("ws/.git/claude-env")).expect("removed");
    symlink(env.join("victim"), env.join("ws/.git/claude-env")).expect("a link");
    move_on(&env, "two");
    env.sync().code(3);
    assert_eq!(outside(&env).len(), 1, "{:?}", outside(&env));
    std::fs::remove_file(env.join("ws/.git/claude-env")).expect("removed");
    env.sync().code(0);
    // Nor is the list of excluded files.
    env.write("outside", "");
    std::fs::remove_file(env.join("ws/.git/info/exclude")).expect("removed");
    symlink(env.join("outside"), env.join("ws/.git/info/exclude")).expect("a link");
    env.edit("ws/.claude-env.toml", "mode = \"committed\"", "mode = \"local\"");
    env.sync().code(3);
    assert_eq!(env.read("outside"), "");
}

#[test]
fn what_is_read_is_a_regular_file_or_nothing() {
    let env = TestEnv::new();
    env.workspace();
    let binding = "[source]\nrepository = \"./cfg\"\nref = \"main\"\n";
    for name in ["commondir", "packed-refs", "config", "refs/heads/main", "HEAD", "shallow"] {
        env.write("ws/.claude-env.toml", binding);
        env.write("ws/cfg/HEAD", "ref: refs/heads/main\n");
        env.write("ws/cfg/claude-env.toml", "version = 1\n");
        env.write("ws/cfg/objects/x", "");
        env.write("ws/cfg/refs/heads/x", "");
        let _ = std::fs::remove_file(env.join("ws/cfg").join(name));
        symlink("/dev/zero", env.join("ws/cfg").join(name)).expect("a link");
        let mut command = env.command("sh");
        let program = assert_cmd::cargo::cargo_bin("claude-env");
        let script = "ulimit -v 2000000; exec timeout 20 \"$1\" -C ws sync";
        command.args(["-c", script, "sh"]).arg(program);
        let outcome = env.outcome(&mut command);
        assert!(matches!(outcome.code, Some(2 | 3)), "{name}: {outcome:?}");
        std::fs::remove_dir_all(env.join("ws/cfg")).expect("removed");
    }
}

#[test]
fn a_lock_cannot_claim_a_file_that_nothing_renders() {
    let env = bound();
    env.write("ws/notes.txt", "#!/bin/sh\nexit 0\n");
    set_mode(&env.join("ws/notes.txt"), 0o755);
    let lock = env.read("ws/.claude-env.lock");
    let line = lock.lines().find(|line| line.contains("guard.sh")).expect("the script");
    for path in ["notes.txt", "src/notes.txt", "CLAUDE.md", ".claude/settings.json"] {
        let claim = line.replace(".claude/hooks/guard.sh", path);
        env.write("ws/.claude-env.lock", lock.replace(line, &format!("{claim}\n{line}")));
        for verb in
            [["sync"].as_slice(), &["sync", "--force"], &["status"], &["hook", "post-merge", "0"]]
        {
            let outcome = env.run(&[["-C", "ws"].as_slice(), verb].concat());
            assert!(
                outcome.stderr.contains("is not a file in which"),
                "{path} {verb:?}: {outcome:?}"
            );
        }
        assert!(env.join("ws/notes.txt").exists() && env.join("ws/CLAUDE.md").exists());
    }
}

#[test]
fn a_file_becomes_a_folder_and_back() {
    let env = bound();
    let skill = "config/base/skills/s";
    env.write(&format!("{skill}/SKILL.md"), "---\nname: s\ndescription: d\n---\nx\n");
    env.write(&format!("{skill}/ref"), "flat\n");
    env.commit_config();
    env.sync().code(0);
    std::fs::remove_file(env.join(&format!("{skill}/ref"))).expect("removed");
    env.write(&format!("{skill}/ref/x/y"), "deep\n");
    env.write(&format!("{skill}/ref/z"), "deep\n");
    env.commit_config();
    env.sync().code(0);
    assert_eq!(env.read("ws/.claude/skills/s/ref/x/y"), "deep\n");
    assert_eq!(env.sync().code(0).stdout, "");
    env.run(&["-C", "ws", "rollback"]).code(0);
    assert_eq!(env.read("ws/.claude/skills/s/ref"), "flat\n");
    env.sync().code(0);

    std::fs::remove_dir_all(env.join(&format!("{skill}/ref"))).expect("removed");
    env.write(&format!("{skill}/ref"), "flat again\n");
    env.commit_config();
    // With somebody's file in it, the folder stays as it is.
    env.write("ws/.claude/skills/s/ref/mine", "mine\n");
    env.sync().code(1);
    assert_eq!(env.read("ws/.claude/skills/s/ref/x/y"), "deep\n");
    assert_eq!(env.read("ws/.claude/skills/s/ref/z"), "deep\n");
    std::fs::remove_file(env.join("ws/.claude/skills/s/ref/mine")).expect("removed");
    env.sync().code(0);
    assert_eq!(env.read("ws/.claude/skills/s/ref"), "flat again\n");
    env.run(&["-C", "ws", "rollback"]).code(0);
    assert_eq!(env.read("ws/.claude/skills/s/ref/z"), "deep\n");
}

#[test]
fn line_ends_of_a_script_are_drift_and_those_of_a_text_are_not() {
    let env = bound();
    for file in ["ws/.claude/agents/helper.md", "ws/CLAUDE.md", "ws/.mcp.json"] {
        env.write(file, env.read(file).replace('\n', "\r\n"));
    }
    env.run(&["-C", "ws", "drift"]).code(0);
    let script = "ws/.claude/hooks/guard.sh";
    env.write(script, env.read(script).replace('\n', "\r\n"));
    let drift = env.run(&["-C", "ws", "drift"]).code(1);
    assert!(drift.stdout.contains("guard.sh") && !drift.stdout.contains("helper.md"), "{drift:?}");
    env.run(&["-C", "ws", "sync", "--force"]).code(0);
    assert!(!env.read(script).contains('\r'));
}

#[test]
fn without_file_modes_in_git_the_executable_bit_is_no_drift() {
    let env = bound();
    set_mode(&env.join("ws/.claude/hooks/guard.sh"), 0o644);
    env.run(&["-C", "ws", "drift"]).code(1);
    env.git("ws", &["config", "core.fileMode", "false"]);
    env.run(&["-C", "ws", "drift"]).code(0);
    assert_eq!(env.sync().code(0).stdout, "");
    env.git("ws", &["config", "core.fileMode", "true"]);
    env.run(&["-C", "ws", "drift"]).code(1);
}

#[test]
fn a_work_tree_that_git_does_not_trust_is_not_changed() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let env = bound();
    move_on(&env, "two");
    for path in ["ws", "ws/.git"] {
        std::os::unix::fs::chown(env.join(path), Some(1234), None).expect("another owner");
    }
    let refused = env.sync().code(2);
    assert!(refused.stderr.contains("git config --global --add safe.directory"), "{refused:?}");
    assert!(!env.read("ws/.mcp.json").contains("two"));
    // Never `git config --global` here: the global file of the tests is `/dev/null`, which git would replace.
    env.write("gitconfig", format!("[safe]\n\tdirectory = {}\n", env.join("ws").display()));
    let mut sync = env.claude_env();
    sync.args(["-C", "ws", "sync"]).env("GIT_CONFIG_GLOBAL", env.join("gitconfig"));
    env.outcome(&mut sync).code(0);
    assert!(env.read("ws/.mcp.json").contains("two"));
}

#[test]
fn a_kernel_without_openat2_makes_no_difference() {
    let env = bound_beside_files();
    move_on(&env, "two");
    let mut command = env.command(tool("CLAUDE_ENV_TEST_STRACE"));
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=openat2"]);
    command.args(["-e", "inject=openat2:error=ENOSYS"]);
    command.arg(assert_cmd::cargo::cargo_bin("claude-env")).args(["-C", "ws", "sync"]);
    env.outcome(&mut command).code(0);
    assert!(env.read("ws/.claude/settings.json").contains("two"));
    assert_eq!(env.sync().code(0).stdout, "");
    config(&env);
}
