//! What goes wrong between two machines, and in the cache.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::{bound, listener, mirror, mirrors, says, set, show, stage, url, value};
use crate::support::{TestEnv, files_below};

#[test]
fn a_remote_that_is_gone_leaves_the_last_revision() {
    let env = bound();
    set(&env, "two");
    std::fs::rename(env.join("config"), env.join("away")).expect("moved");
    let outcome = env.sync().code(0);
    says(&outcome, "warning: using the revision of ");
    says(&outcome, "file://[ROOT]/config: not found, or no access: ");
    assert_eq!(value(&env), "one");
    assert!(!env.run(&["-C", "ws", "sync", "--quiet"]).code(0).stderr.contains("warning"));
    // Exit codes are those of a fresh revision.
    env.run(&["-C", "ws", "sync", "--dry-run"]).code(0);

    let none = show(&env, "file:///nowhere/config", &[]).code(3);
    says(&none, "file:///nowhere/config: not found, or no access: ");
    says(&none, "hint: check the address");
    std::fs::rename(env.join("away"), env.join("config")).expect("moved back");
    assert!(!env.sync().code(0).stderr.contains("warning"));
}

#[test]
fn offline_fetches_nothing_and_says_how_old_it_is() {
    let env = bound();
    set(&env, "two");
    let offline = || env.run(&["--offline", "-C", "ws", "sync"]);
    says(&offline().code(0), "warning: offline: using the revision of ");
    assert_eq!(value(&env), "one");
    let three_hours_ago = std::fs::read_to_string(mirror(&env).join("fetched")).expect("the note");
    let three_hours_ago = three_hours_ago.trim().parse::<u64>().expect("a number") - 3 * 3_600_000;
    std::fs::write(mirror(&env).join("fetched"), three_hours_ago.to_string()).expect("written");
    says(&offline().code(0), "using the revision of 3 hours ago");
    std::fs::write(mirror(&env).join("fetched"), "nonsense").expect("written");
    says(&offline().code(0), "using the revision that was fetched last");
    env.sync().code(0);
    assert_eq!(value(&env), "two");
    says(&show(&env, "file:///never", &["--offline"]).code(3), "was never fetched on this machine");
    assert_eq!(mirrors(&env).len(), 1);
    // A path needs no network.
    assert_eq!(show(&env, "config", &["--offline"]).code(0).stdout, "\"two\"\n");
}

#[test]
fn other_addresses_are_tried_in_turn() {
    let env = bound();
    set(&env, "two");
    let second = url(&env);
    let (unused, port) = listener();
    drop(unused);
    let mirrors = format!("mirrors = [\"file:///nowhere\", \"{second}\"]\nrepository = \"");
    env.edit("ws/.claude-env.toml", "repository = \"", &mirrors);
    let first = format!("repository = \"http://me:hunter22@127.0.0.1:{port}/config\"");
    env.edit("ws/.claude-env.toml", &format!("repository = \"{second}\""), &first);
    let outcome = env.sync().code(0);
    says(&outcome, "warning: fetched from file://[ROOT]/config: cannot reach http://127.0.0.1:");
    says(&outcome, "; file:///nowhere: not found, or no access: ");
    assert!(!outcome.stderr.contains("hunter22"));
    assert_eq!(value(&env), "two");
    assert!(
        env.read("ws/.claude-env.lock").contains(&format!("\"http://127.0.0.1:{port}/config\""))
    );
    env.edit("ws/.claude-env.toml", "file:///nowhere", "../path");
    says(&env.sync().code(2), "`source.mirrors[0]` of the binding is no address");
}

/// Answers every connection alike, and sends a word for each.
pub(crate) fn serve(answer: &'static str) -> (u16, mpsc::Receiver<()>) {
    let (listener, port) = listener();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else { return };
            if sender.send(()).is_err() {
                return;
            }
            let mut request = [0; 4096];
            let _ = connection.read(&mut request);
            let _ = connection.write_all(answer.as_bytes());
        }
    });
    (port, receiver)
}

#[test]
fn only_what_may_pass_is_tried_again() {
    let env = TestEnv::new();
    let closed = "Content-Length: 0\r\nConnection: close\r\n\r\n";
    let cases = [
        ("503 Unavailable", 3, "cannot reach http://", "503"),
        ("404 Not Found", 1, "/config: not found, or no access: ", "not found"),
        ("403 Forbidden", 1, "refuses access: ", "403"),
        ("401 Unauthorized", 1, "refuses access: ", "terminal prompts disabled"),
        ("", 3, "cannot reach http://", "mpty reply"),
    ];
    for (status, tries, what, why) in cases {
        let answer = match status {
            "" => "",
            "401 Unauthorized" => {
                "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n"
            }
            _ => "",
        };
        let answer = match (status, answer) {
            ("", _) => String::new(),
            (_, "") => format!("HTTP/1.1 {status}\r\n{closed}"),
            (_, answer) => format!("{answer}{closed}"),
        };
        let (port, connections) = serve(answer.leak());
        let outcome = show(&env, &format!("http://127.0.0.1:{port}/config"), &[]).code(3);
        says(&outcome, what);
        says(&outcome, why);
        assert_eq!(connections.try_iter().count(), tries, "{status}: {}", outcome.stderr);
    }
    assert!(mirrors(&env).iter().all(|mirror| !mirror.join("repo.git").exists()));
}

/// A server that takes connections and says nothing. The channel tells when the other side has hung up.
fn silent(listener: TcpListener) -> mpsc::Receiver<()> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else { return };
            let sender = sender.clone();
            std::thread::spawn(move || {
                let _ = connection.read_to_end(&mut Vec::new());
                let _ = sender.send(());
            });
        }
    });
    receiver
}

#[test]
fn a_server_that_never_answers_costs_the_time_limit() {
    let env = bound();
    let (listener, port) = listener();
    let hung_up = silent(listener);
    let address = format!("http://127.0.0.1:{port}/config");
    let show = |limit: &str, options: &[&str]| {
        let mut command = env.claude_env();
        command.args(["show", "environment.N", "--config-repo", &address]).args(options);
        env.outcome(command.env("CLAUDE_ENV_FETCH_TIMEOUT", limit))
    };
    let started = Instant::now();
    let outcome = show("1", &[]).code(3);
    says(&outcome, "did not answer within 1 s");
    says(&outcome, "hint: set `CLAUDE_ENV_FETCH_TIMEOUT` to a longer time");
    assert!(started.elapsed() < Duration::from_secs(20));
    hung_up.recv_timeout(Duration::from_secs(20)).expect("nothing that was started is left");

    // With a mirror it is a warning.
    let (full, empty): (Vec<_>, Vec<_>) =
        mirrors(&env).into_iter().map(|path| path.join("repo.git")).partition(|path| path.exists());
    std::fs::rename(&full[0], &empty[0]).expect("moved");
    let outcome = show("1", &[]).code(0);
    assert_eq!(outcome.stdout, "\"one\"\n");
    says(&outcome, "warning: using the revision that was fetched last: http://127.0.0.1:");

    for wrong in ["abc", "0", "-1"] {
        says(&show(wrong, &[]).code(2), "which is not a number of seconds");
    }
}

/// What is broken, and how.
type Breakage = (&'static str, fn(&Path));

/// Ways to break a mirror. Packs are read-only, so they are replaced.
fn breakages() -> Vec<Breakage> {
    fn replace(path: &Path, bytes: &[u8]) {
        let _ = std::fs::remove_file(path);
        std::fs::write(path, bytes).expect("written");
    }
    fn packs(repository: &Path) -> Vec<std::path::PathBuf> {
        files_below(&repository.join("objects"))
    }
    vec![
        ("HEAD", |repository| replace(&repository.join("HEAD"), b"\0\0\0")),
        ("HEAD gone", |repository| {
            std::fs::remove_file(repository.join("HEAD")).expect("removed");
        }),
        ("config", |repository| replace(&repository.join("config"), b"[core\nnonsense")),
        ("a branch", |repository| replace(&repository.join("refs/heads/main"), b"")),
        ("a branch of nothing", |repository| {
            replace(&repository.join("refs/heads/main"), "0123456789".repeat(4).as_bytes());
        }),
        ("packed-refs", |repository| {
            replace(&repository.join("packed-refs"), b"\x01\x02 nonsense\n");
        }),
        ("a lock that was left", |repository| {
            replace(&repository.join("packed-refs.lock"), b"");
            replace(&repository.join("refs/heads/main.lock"), b"");
            replace(&repository.join("refs/claude-env/head.lock"), b"");
        }),
        ("packs cut short", |repository| {
            for path in packs(repository) {
                let bytes = std::fs::read(&path).expect("read");
                replace(&path, &bytes[..bytes.len() / 2]);
            }
        }),
        ("packs with other bytes", |repository| {
            for path in
                packs(repository).iter().filter(|path| path.extension() == Some("pack".as_ref()))
            {
                let mut bytes = std::fs::read(path).expect("read");
                let middle = bytes.len() / 2;
                bytes[12..middle + 12].fill(0x55);
                replace(path, &bytes);
            }
        }),
        ("packs empty", |repository| {
            for path in packs(repository) {
                replace(&path, b"");
            }
        }),
        ("objects gone", |repository| {
            std::fs::remove_dir_all(repository.join("objects")).expect("removed");
        }),
        ("packs gone", |repository| {
            for path in packs(repository) {
                std::fs::remove_file(path).expect("removed");
            }
        }),
        ("all gone", |repository| std::fs::remove_dir_all(repository).expect("removed")),
        ("a file", |repository| {
            std::fs::remove_dir_all(repository).expect("removed");
            std::fs::write(repository, "").expect("written");
        }),
    ]
}

/// Fails unless git can read everything that the mirror has.
#[track_caller]
fn whole(env: &TestEnv) {
    let repository = mirror(env).join("repo.git").display().to_string();
    env.git("", &["-C", &repository, "rev-list", "--objects", "--all", "HEAD"]);
    env.git("", &["-C", &repository, "cat-file", "--batch-all-objects", "--batch", "--buffer"]);
}

#[test]
fn a_broken_mirror_is_made_anew() {
    let env = bound();
    let repository = mirror(&env).join("repo.git");
    for (number, (what, broken)) in breakages().into_iter().enumerate() {
        // Once with something to fetch, once without.
        for new in [true, false] {
            if new {
                set(&env, &format!("value {number}"));
            }
            broken(&repository);
            let outcome = env.sync();
            assert_eq!(outcome.code, Some(0), "{what}, new: {new}: {}", outcome.stderr);
            assert!(!outcome.stderr.contains("warning"), "{what}: {}", outcome.stderr);
            assert_eq!(value(&env), format!("value {number}"), "{what}");
            whole(&env);
        }
    }
    let mut left: Vec<_> = std::fs::read_dir(mirror(&env)).expect("a folder").flatten().collect();
    left.sort_by_key(std::fs::DirEntry::file_name);
    let names: Vec<_> = left.iter().map(std::fs::DirEntry::file_name).collect();
    assert_eq!(names, ["fetched", "lock", "repo.git"]);
}

#[test]
fn a_broken_mirror_offline_is_not_taken_for_an_answer() {
    for (what, broken) in breakages() {
        // What HEAD is, is not read from these.
        if what.contains("lock") || what == "packed-refs" || what.starts_with("a branch") {
            continue;
        }
        let env = bound();
        broken(&mirror(&env).join("repo.git"));
        let outcome = env.run(&["-C", "ws", "--offline", "sync"]);
        assert!(matches!(outcome.code, Some(2 | 3)), "{what}: {outcome:?}");
        std::fs::rename(env.join("config"), env.join("away")).expect("moved");
        let outcome = env.sync();
        assert!(matches!(outcome.code, Some(2 | 3)), "{what}: {outcome:?}");
        assert_eq!(value(&env), "one");
    }
}

#[test]
fn many_at_once_fetch_one_after_the_other() {
    let env = stage();
    let address = url(&env);
    let count = 8;
    for number in 0..count {
        let binding = format!("[source]\nrepository = \"{address}\"\n");
        env.write(&format!("ws{number}/.claude-env.toml"), binding);
    }
    for round in ["two", "three", "four"] {
        set(&env, round);
        let running: Vec<_> = (0..count)
            .map(|number| {
                let mut command = env.claude_env();
                command.args(["-C", &format!("ws{number}"), "sync"]);
                command.stdout(Stdio::piped()).stderr(Stdio::piped());
                command.spawn().expect("it starts")
            })
            .collect();
        for process in running {
            let output = process.wait_with_output().expect("it ends");
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{stderr}");
            assert!(!stderr.contains("warning"), "{stderr}");
        }
        for number in 0..count {
            let settings = env.json(&format!("ws{number}/.claude/settings.json"));
            assert_eq!(settings["env"]["N"], round);
        }
        whole(&env);
    }
}

#[test]
fn a_cache_that_cannot_be_written_is_named() {
    let env = bound();
    set(&env, "two");
    let lock = mirror(&env).join("lock");
    std::fs::remove_file(&lock).expect("removed");
    std::fs::create_dir(&lock).expect("a folder in its place");
    let outcome = env.sync().code(0);
    says(&outcome, "using the revision of");
    says(&outcome, "cannot write the mirror `[ROOT]/home/.cache/claude-env/mirrors/");
    assert_eq!(value(&env), "one");

    let mut homeless = env.claude_env();
    homeless.args(["show", "--config-repo", &url(&env)]).env_remove("HOME");
    says(&env.outcome(&mut homeless).code(3), "no place for the mirror");
    let mut elsewhere = env.claude_env();
    elsewhere.args(["show", "environment.N", "--config-repo", &url(&env)]);
    elsewhere.env("XDG_CACHE_HOME", env.join("cache"));
    assert_eq!(env.outcome(&mut elsewhere).code(0).stdout, "\"two\"\n");
    assert!(env.join("cache/claude-env/mirrors").is_dir());
    elsewhere.env("XDG_CACHE_HOME", "/dev/null/x");
    says(&env.outcome(&mut elsewhere).code(3), "cannot write the mirror `/dev/null/x");
}
