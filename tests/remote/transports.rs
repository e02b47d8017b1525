//! How a remote is reached: ssh, the git protocol, with credentials, from inside of a hook.

use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use super::{listener, mirror, says, script, set, show, stage, url, value};
use crate::support::{TestEnv, files_below};

/// Ends a program when the test is over, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn ssh_is_the_users_own() {
    let env = stage();
    let ssh = script(
        &env,
        "bin/ssh",
        "echo \"$1\" >> \"$(dirname \"$0\")/log\"\nfor last; do :; done\neval \"$last\"",
    );
    let root = env.join("config").display().to_string();
    let run = |arguments: &[&str]| {
        let mut command = env.claude_env();
        command.args(arguments).env("GIT_SSH_COMMAND", &ssh).env("GIT_SSH_VARIANT", "simple");
        env.outcome(&mut command)
    };
    for address in [format!("git@config.example:{root}"), format!("ssh://git@config.example{root}")]
    {
        let shown = run(&["show", "environment.N", "--config-repo", &address]);
        assert_eq!(shown.code(0).stdout, "\"one\"\n");
    }
    assert_eq!(env.read("bin/log"), "git@config.example\n".repeat(2));
    let address = format!("git@config.example:{root}");
    run(&["-C", "ws", "init", "--source", &address]).code(0);
    assert_eq!(value(&env), "one");
    assert!(env.read("ws/.claude-env.lock").contains("\"git@config.example:"));

    script(
        &env,
        "bin/ssh",
        "echo 'git@config.example: Permission denied (publickey).' >&2; exit 255",
    );
    set(&env, "two");
    let denied = run(&["-C", "ws", "sync"]).code(0);
    says(&denied, "using the revision of");
    says(&denied, "refuses access: git@config.example: Permission denied (publickey).");
    assert_eq!(value(&env), "one");
}

#[test]
fn the_git_protocol_is_spoken() {
    let env = stage();
    let exec_path = env.git("", &["--exec-path"]);
    let port = listener().1;
    // Started itself, not by `git daemon`, which would leave it behind.
    let mut daemon = env.command(format!("{}/git-daemon", exec_path.trim()));
    daemon.args(["--listen=127.0.0.1", "--export-all", "--reuseaddr"]);
    daemon.arg(format!("--port={port}")).arg(format!("--base-path={}", env.path().display()));
    let _running = Running(daemon.spawn().expect("git-daemon, which is a part of git"));
    let deadline = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        assert!(Instant::now() < deadline, "the daemon does not answer");
        std::thread::yield_now();
    }
    let address = format!("git://127.0.0.1:{port}/config");
    assert_eq!(show(&env, &address, &[]).code(0).stdout, "\"one\"\n");
    set(&env, "two");
    assert_eq!(show(&env, &address, &[]).code(0).stdout, "\"two\"\n");
    let outcome = show(&env, &format!("git://127.0.0.1:{port}/other"), &[]).code(3);
    says(&outcome, "/other: not found, or no access: ");
}

/// A git that goes to `config` for an address with credentials, as a CI configures it.
fn with_credentials<'a>(env: &TestEnv, command: &'a mut Command) -> &'a mut Command {
    command
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", format!("url.{}.insteadOf", url(env)))
        .env("GIT_CONFIG_VALUE_0", "https://config.example/config")
}

#[test]
fn credentials_go_to_git_and_nowhere_else() {
    let env = stage();
    let address = "https://me:hunter22@config.example/config";
    let mut init = env.claude_env();
    init.args(["-C", "ws", "-vv", "init", "--source", address]);
    let outcome = env.outcome(with_credentials(&env, &mut init)).code(0);
    says(&outcome, "without the credentials");
    assert_eq!(value(&env), "one");
    assert!(env.read("ws/.claude-env.toml").contains("\"https://config.example/config\""));
    assert!(env.read("ws/.claude-env.lock").contains("\"https://config.example/config\""));
    assert!(!(outcome.stderr + &outcome.stdout).contains("hunter22"));

    // One who writes them into the binding is served, too.
    env.edit("ws/.claude-env.toml", "https://config", "https://me:hunter22@config");
    set(&env, "two");
    let mut sync = env.claude_env();
    sync.args(["-C", "ws", "-vv", "sync", "--format", "json"]);
    let outcome = env.outcome(with_credentials(&env, &mut sync)).code(0);
    assert_eq!(outcome.json()["repository"], "https://config.example/config");
    assert!(!(outcome.stderr + &outcome.stdout).contains("hunter22"));
    assert!(!env.read("ws/.claude-env.lock").contains("hunter22"));
    for file in files_below(&mirror(&env)) {
        let bytes = std::fs::read(&file).expect("a file of the mirror");
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("hunter22"), "{}", file.display());
    }

    // Without what was configured git asks the network, which has no such host; and that is said without them.
    let mut sync = env.claude_env();
    let outcome = env.outcome(sync.args(["-C", "ws", "-vv", "sync"])).code(0);
    says(&outcome, "using the revision of");
    assert!(!outcome.stderr.contains("hunter22"), "{}", outcome.stderr);
}

#[test]
fn a_hook_of_another_repository_does_not_mislead_it() {
    let env = stage();
    env.run(&["-C", "ws", "init", "--source", &url(&env)]).code(0);
    set(&env, "two");
    let mut sync = env.claude_env();
    sync.args(["-C", "ws", "sync"]);
    sync.env("GIT_DIR", env.join("ws/.git")).env("GIT_WORK_TREE", env.join("ws"));
    sync.env("GIT_INDEX_FILE", env.join("ws/.git/index"));
    env.outcome(&mut sync).code(0);
    assert_eq!(value(&env), "two");
    let refs = env.git("ws", &["for-each-ref"]);
    assert_eq!(refs, "", "nothing was fetched into the workspace");
}

#[test]
fn the_users_git_configuration_cannot_spoil_a_mirror() {
    let env = stage();
    let log = env.join("hooked").display().to_string();
    script(&env, "hooks/reference-transaction", &format!("touch '{log}'"));
    env.write(
        "gitconfig",
        format!(
            "[core]\nhooksPath = {}\n[safe]\nbareRepository = explicit\n[init]\ndefaultRefFormat = reftable\n\
             [fetch]\nprune = false\nrecurseSubmodules = true\n[remote]\npushDefault = x\n[extensions]\nx = y\n",
            env.join("hooks").display()
        ),
    );
    let mut command = env.claude_env();
    command.args(["show", "environment.N", "--config-repo", &url(&env)]);
    command.env("GIT_CONFIG_GLOBAL", env.join("gitconfig")).env("LANG", "de_DE.UTF-8");
    assert_eq!(env.outcome(&mut command).code(0).stdout, "\"one\"\n");
    assert!(!env.join("hooked").exists());
    assert!(
        files_below(&mirror(&env))
            .iter()
            .any(|file| file.extension().is_some_and(|end| end == "pack"))
    );
}

#[test]
fn a_repository_with_sha_256_objects_is_fetched_and_followed() {
    let env = TestEnv::new();
    env.git("", &["init", "--quiet", "--object-format=sha256", "config"]);
    env.config(&[("base/layer.toml", "[environment]\nN = \"one\"\n")]);
    env.workspace();
    env.run(&["-C", "ws", "init", "--source", &url(&env)]).code(0);
    assert_eq!(value(&env), "one");
    let first = env.git("config", &["rev-parse", "HEAD"]).trim().to_owned();
    assert_eq!(first.len(), 64);
    assert!(env.read("ws/.claude-env.lock").contains(&first));

    set(&env, "two");
    env.sync().code(0);
    assert_eq!(value(&env), "two");
    assert_eq!(show(&env, &url(&env), &["--rev", &first]).code(0).stdout, "\"one\"\n");
    env.run(&["-C", "ws", "sync", "--frozen"]).code(0);
    env.run(&["-C", "ws", "drift"]).code(0);

    // A remote that was converted: the mirror is made anew.
    std::fs::remove_dir_all(env.join("config/.git")).expect("the repository goes");
    env.git("", &["init", "--quiet", "config"]);
    set(&env, "three");
    env.sync().code(0);
    assert_eq!(value(&env), "three");
}
