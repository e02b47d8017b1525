//! What the program does to the machine, counted: processes, threads, files opened and written.
//!
//! Counts have no noise, so most of what would make a command slow is seen here before a clock sees it. Needs strace from
//! `ci/install-test-tools`, and so Linux.

#![cfg(target_os = "linux")]

use std::collections::BTreeMap;

use assert_cmd::cargo::cargo_bin;

use crate::support::{TestEnv, tool, tree};

/// The system calls of one run that concern processes and files.
struct Trace(Vec<Call>);

#[derive(Debug)]
struct Call {
    name: String,
    /// The arguments as strace prints them.
    arguments: String,
    failed: bool,
}

const PROCESSES: &[&str] = &["clone", "clone3", "fork", "vfork"];
const WRITES: &[&str] = &[
    "rename",
    "renameat",
    "renameat2",
    "fsync",
    "fdatasync",
    "mkdir",
    "mkdirat",
    "unlink",
    "unlinkat",
    "rmdir",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "chmod",
    "fchmod",
    "fchmodat",
    "utimensat",
    "truncate",
    "ftruncate",
];

/// Runs the program under strace; it must end with 0.
fn trace(env: &TestEnv, arguments: &[&str]) -> Trace {
    trace_of(env, "%process,%file,%desc", arguments)
}

/// The same for other system calls than those that concern processes and files.
fn trace_of(env: &TestEnv, calls: &str, arguments: &[&str]) -> Trace {
    let folder = env.join("trace");
    std::fs::create_dir(&folder).expect("the folder of the trace");
    let mut command = env.command(tool("CLAUDE_ENV_TEST_STRACE"));
    // A file for each thread, because calls of several threads in one file interrupt each other.
    command.args(["-ff", "-y", "-s", "4096", "-e", &format!("trace={calls}"), "-o"]);
    command.arg(folder.join("of")).arg(cargo_bin("claude-env")).args(arguments);
    env.outcome(&mut command).code(0);
    let mut calls = Vec::new();
    for file in std::fs::read_dir(&folder).expect("the trace") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("UTF-8");
        calls.extend(text.lines().filter_map(call));
    }
    std::fs::remove_dir_all(&folder).expect("the trace goes");
    Trace(calls)
}

/// `name(arguments) = result`; other lines tell of signals and exits.
fn call(line: &str) -> Option<Call> {
    let (name, rest) = line.split_once('(')?;
    let (arguments, result) = rest.rsplit_once(" = ")?;
    let known = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    known.then(|| Call {
        name: name.to_owned(),
        arguments: arguments.trim_end().trim_end_matches(')').to_owned(),
        failed: result.starts_with("-1"),
    })
}

impl Trace {
    fn count(&self, names: &[&str]) -> usize {
        self.0.iter().filter(|call| names.contains(&call.name.as_str())).count()
    }

    /// The files and folders that were opened below a folder, and how often each.
    fn opened(&self, below: &str) -> BTreeMap<String, usize> {
        let mut opened = BTreeMap::new();
        for call in self.0.iter().filter(|call| call.name.starts_with("openat") && !call.failed) {
            let path = call.path();
            if let Some((_, path)) = path.split_once(below) {
                *opened.entry(path.to_owned()).or_default() += 1;
            }
        }
        opened
    }

    /// The calls that change files, as strace prints them.
    fn writes(&self) -> Vec<String> {
        self.0
            .iter()
            .filter(|call| call.writes())
            .map(|call| format!("{}({})", call.name, call.arguments))
            .collect()
    }

    /// The paths that were changed.
    fn written(&self) -> Vec<String> {
        self.0.iter().filter(|call| call.writes()).map(Call::path).collect()
    }

    /// The names that files were renamed to, sorted.
    fn renamed(&self) -> Vec<String> {
        let renames = self.0.iter().filter(|call| call.name.starts_with("rename") && !call.failed);
        let mut names: Vec<String> = renames
            .map(|call| {
                let last = call.arguments.trim_end_matches('"').rsplit('"').next();
                last.unwrap_or_default().rsplit('/').next().unwrap_or_default().to_owned()
            })
            .collect();
        names.sort();
        names
    }

    #[track_caller]
    fn one_process_and_one_thread(&self) {
        assert_eq!(self.count(&["execve", "execveat"]), 1, "programs started");
        assert_eq!(self.count(PROCESSES), 0, "processes and threads started");
    }
}

impl Call {
    /// Returns true for a call that changed a file or a folder.
    fn writes(&self) -> bool {
        let opens = matches!(&*self.name, "openat" | "openat2")
            && ["O_WRONLY", "O_RDWR", "O_CREAT"].iter().any(|flag| self.arguments.contains(flag));
        !self.failed && (opens || WRITES.contains(&self.name.as_str()))
    }

    /// The first quoted argument, in the folder that the call names: `3</folder>, "name"`.
    fn path(&self) -> String {
        let mut parts = self.arguments.split('"');
        let folder = parts.next().and_then(|first| first.split_once('<')?.1.rsplit_once('>'));
        let name = parts.next().unwrap_or_default();
        match folder {
            Some((folder, _)) if !name.starts_with('/') => format!("{folder}/{name}"),
            _ => name.to_owned(),
        }
    }
}

/// A fleet: every workspace has a project of its own, and shares a team and a user with others.
fn fleet(env: &TestEnv, workspaces: usize) {
    let layer = |folder: String, toml: &str| {
        let name = folder.replace('/', "-");
        env.write(&format!("repo/{folder}/layer.toml"), toml);
        env.write(&format!("repo/{folder}/rules/{name}.md"), format!("# The rule of {name}\n"));
    };
    let mut manifest = "version = 1\n".to_owned();
    layer("base".to_owned(), "[mcp_servers.docs]\nurl = \"https://docs.example\"\n");
    for number in 0..workspaces {
        let (team, user) = (number % 3, number % 5);
        layer(format!("teams/t{team}"), "[environment]\nLEVEL = \"team\"\n");
        layer(format!("projects/p{number}"), "[environment]\nLEVEL = \"project\"\n");
        layer(format!("users/u{user}"), "[environment]\nLEVEL = \"user\"\n");
        manifest.push_str(&format!(
            "[workspaces.w{number}]\nrepository = \"acme/w{number}\"\n\
             team = \"t{team}\"\nproject = \"p{number}\"\nuser = \"u{user}\"\n"
        ));
    }
    env.write("repo/claude-env.toml", manifest);
}

/// Every file of the repository was opened, none twice.
#[track_caller]
fn each_file_once(env: &TestEnv, trace: &Trace) {
    let opened = trace.opened("/repo/");
    for path in tree(&env.join("repo")).keys() {
        assert_eq!(opened.get(path), Some(&1), "{path} was opened another number of times");
    }
}

#[test]
fn starting_opens_no_file() {
    let env = TestEnv::new();
    for option in ["--version", "--help"] {
        let trace = trace(&env, &[option]);
        trace.one_process_and_one_thread();
        // A build for tests is linked dynamically: the loader has its files. The runtime asks for the stack's size.
        let opened = trace.0.iter().filter(|call| call.name == "openat").map(Call::path);
        let ours: Vec<String> = opened
            .filter(|path| {
                !path.contains("/ld.so.") && !path.contains(".so") && path != "/proc/self/maps"
            })
            .collect();
        assert_eq!(ours, Vec::<String>::new(), "{option}");
        assert_eq!(trace.writes(), Vec::<String>::new(), "{option}");
    }
}

#[test]
fn reading_a_small_repository_starts_and_writes_nothing() {
    let env = TestEnv::new();
    fleet(&env, 1);
    env.commit_all("repo");
    for arguments in [
        ["-C", "repo", "check"].as_slice(),
        &["-C", "repo", "show"],
        &["-C", "repo", "show", "--rev", "HEAD"],
        &["-C", "repo", "explain", "mcp_servers.docs.url"],
    ] {
        let trace = trace(&env, arguments);
        trace.one_process_and_one_thread();
        assert_eq!(trace.writes(), Vec::<String>::new(), "{arguments:?}");
    }
}

#[test]
fn check_opens_each_file_once_however_many_workspaces_use_it() {
    let env = TestEnv::new();
    fleet(&env, 30);
    let trace = trace(&env, &["-C", "repo", "check"]);
    assert_eq!(trace.count(&["execve", "execveat"]), 1);
    each_file_once(&env, &trace);
}

#[test]
fn rendering_a_fleet_opens_each_file_once() {
    let env = TestEnv::new();
    fleet(&env, 30);
    let trace = trace(&env, &["-C", "repo", "render", "--all", "--output", "../out"]);
    assert_eq!(trace.count(&["execve", "execveat"]), 1);
    each_file_once(&env, &trace);
}

#[test]
fn rendering_again_writes_nothing() {
    let env = TestEnv::new();
    fleet(&env, 3);
    let render = ["-C", "repo", "render", "--project", "p0", "--output", "../out"];
    let all = ["-C", "repo", "render", "--all", "--output", "../fleet"];
    for (arguments, folder) in [(render.as_slice(), "out"), (&all, "fleet")] {
        env.run(arguments).code(0);
        let before = tree(&env.join(folder));
        assert!(before.len() >= 4, "{before:?}");
        let trace = trace(&env, arguments);
        assert_eq!(trace.writes(), Vec::<String>::new(), "{arguments:?}");
        assert!(tree(&env.join(folder)) == before, "{arguments:?} touched a file");
    }
}

#[test]
fn rendering_one_workspace_starts_no_process_and_no_thread() {
    let env = TestEnv::new();
    fleet(&env, 1);
    trace(&env, &["-C", "repo", "render", "--output", "../out"]).one_process_and_one_thread();
}

#[test]
fn a_sync_with_nothing_to_do_writes_nothing_and_opens_no_generation() {
    let env = TestEnv::new();
    fleet(&env, 1);
    env.commit_all("repo");
    env.workspace();
    env.write("ws/.claude-env.toml", "[source]\nrepository = \"../repo\"\n");
    env.run(&["-C", "ws", "sync"]).code(0);
    let trace = trace(&env, &["-C", "ws", "sync"]);
    // The first run after one that wrote may stamp the workspace anew.
    let stamp = |path: &str| path.contains(".git/claude-env/stamp");
    let writes = trace.written();
    assert!(writes.iter().all(|path| stamp(path)), "{writes:?}");
    let mut opened = trace.opened("/ws/");
    opened.retain(|path, _| !stamp(path));
    assert!(opened.values().all(|times| *times == 1), "{opened:?}");
    assert!(!opened.keys().any(|path| path.contains("generations")), "{opened:?}");
}

#[test]
fn one_changed_server_renames_one_output_and_the_lock() {
    let env = TestEnv::new();
    fleet(&env, 1);
    let arguments = ["-C", "repo", "render", "--project", "p0", "--output", "../out"];
    env.run(&arguments).code(0);
    let text = env.read("repo/base/layer.toml").replace("docs.example", "elsewhere.example");
    env.write("repo/base/layer.toml", text);
    let trace = trace(&env, &arguments);
    assert_eq!(trace.renamed(), [".claude-env.lock", ".mcp.json"]);
    assert!(env.read("out/.mcp.json").contains("elsewhere.example"));
}

#[test]
fn a_sync_without_a_user_layer_does_not_look_at_git() {
    let env = TestEnv::new();
    env.config(&[("base/layer.toml", "[environment]\nN = \"one\"\n")]);
    env.workspace();
    env.bind(&[]).code(0);
    let trace = trace(&env, &["-C", "ws", "sync"]);
    assert_eq!(trace.count(&["execve", "execveat"]), 1, "programs started");
    // The first run after one that wrote may stamp the workspace anew.
    let writes = trace.written();
    assert!(writes.iter().all(|path| path.contains("/ws/.git/claude-env/stamp")), "{writes:?}");
    // Those that name a path, from the root or in a folder; not those about a file that is open.
    let named = |call: &&Call| {
        let name = call.arguments.split('"').nth(1);
        matches!(&*call.name, "openat" | "statx" | "newfstatat" | "readlink")
            && name.is_some_and(|name| !name.is_empty())
    };
    let paths: Vec<String> = trace.0.iter().filter(named).map(Call::path).collect();
    let of = |name: &str| paths.iter().filter(|path| path.contains(name)).count();
    assert_eq!(of("info/exclude"), 0);
    // Whose it is, where our own folder lies, and the way into that.
    let of_git: Vec<&String> = paths.iter().filter(|path| path.contains("/ws/.git")).collect();
    assert_eq!(of("/ws/.git"), of("/ws/.git/claude-env/") + 3, "{of_git:?}");
    // It and what an interrupted run leaves of it: by the sync, for the stamp, and once more where the stamp is made anew.
    assert!(of(".claude-env.local.lock") <= 6);
}

/// A workspace with many files, as a team has them, and nothing to do.
fn settled_workspace(env: &TestEnv) -> usize {
    env.write("config/base/layer.toml", "[mcp_servers.docs]\nurl = \"https://docs.example\"\n");
    for number in 0..60 {
        let folder = ["rules", "commands", "agents"][number % 3];
        env.write(
            &format!("config/base/{folder}/n{number}.md"),
            format!("---\nname: n{number}\ndescription: One.\n---\nText.\n"),
        );
    }
    env.config(&[]);
    env.workspace();
    env.bind(&[]).code(0);
    // Until what was written is old enough to be relied on, at a few milliseconds a run.
    for _ in 0..5_000 {
        if !env.read("ws/.git/claude-env/stamp").contains("settled no") {
            return tree(&env.join("ws")).len() - 2;
        }
        env.run(&["-C", "ws", "sync"]).code(0);
    }
    panic!("no stamp is ever relied on");
}

#[test]
fn a_hook_with_nothing_to_do_does_next_to_nothing() {
    let env = TestEnv::new();
    let outputs = settled_workspace(&env);
    assert!(outputs > 60);
    let mut hook = env.command(tool("CLAUDE_ENV_TEST_STRACE"));
    hook.current_dir(env.join("ws")).args(["-f", "-y", "-o", "../calls", "-s", "4096"]);
    hook.arg(cargo_bin("claude-env")).args(["hook", "post-checkout", "0", "1", "1"]);
    let outcome = env.outcome(&mut hook).code(0);
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("", ""));
    // Of one process alone, each line begins with its number.
    let text = env.read("calls");
    let calls = text.lines().filter_map(|line| call(line.split_once(' ')?.1.trim_start()));
    let trace = Trace(calls.collect());
    trace.one_process_and_one_thread();
    assert_eq!(trace.writes(), Vec::<String>::new());
    assert_eq!(trace.count(&["write", "writev", "pwrite64", "flock"]), 0);
    // What a runtime for servers, a TLS library and a client make when they start: none may at the start of the program.
    assert_eq!(trace.count(&["epoll_create", "epoll_create1", "eventfd", "eventfd2"]), 0);
    assert_eq!(trace.count(&["socket", "socketpair", "connect", "pipe", "pipe2"]), 0);
    assert_eq!(trace.count(&["timerfd_create", "signalfd4", "io_uring_setup", "inotify_init1"]), 0);
    // The C library asks once, for `malloc`. A hash map with random keys would be another.
    let random = trace.count(&["getrandom"]);
    assert!(random <= 1, "{random} calls of getrandom");
    let opened: Vec<String> = trace
        .0
        .iter()
        .filter(|call| call.name == "openat" && !call.failed)
        .map(Call::path)
        .collect();
    assert!(
        opened.iter().all(|path| !path.ends_with(".toml") && !path.contains("/objects")),
        "{opened:?}"
    );
    // What a program costs that does nothing, with the loader of a build for tests, and what is left of the gate of 60 calls
    // when 35 of them are the start of one that is linked statically.
    let started = trace_of(&env, "all", &["--version"]).0.len();
    let ours = trace.0.len() - started;
    let most = outputs + 25;
    let list: Vec<String> =
        trace.0.iter().map(|call| format!("{} {}", call.name, call.arguments)).collect();
    assert!(ours <= most, "{ours} calls, where {most} are allowed:\n{}", list.join("\n"));
}

/// The page faults of a program that must end with 0, and of the shell's process that became it.
fn page_faults(env: &TestEnv, program: &str, arguments: &[&str]) -> u64 {
    // Field 11 of proc_pid_stat(5), `cminflt`, counts those of the programs that the shell waited for.
    let script = "\"$0\" \"$@\" >/dev/null || exit; IFS= read -r line < /proc/$$/stat; printf '%s' \"$line\"";
    let once = || {
        let mut shell = env.command("sh");
        shell.current_dir(env.join("ws")).args(["-c", script, program]).args(arguments);
        let outcome = env.outcome(&mut shell).code(0);
        let count = outcome.stdout.split(' ').nth(10).expect("field 11");
        count.parse::<u64>().expect("a count")
    };
    // The fewest of five: where the stack and the heap begin is random, and so is a page or two.
    (0..5).map(|_| once()).min().expect("five runs")
}

#[test]
fn a_hook_with_nothing_to_do_maps_few_pages() {
    let env = TestEnv::new();
    settled_workspace(&env);
    let hook = ["hook", "post-checkout", "0", "1", "1"];
    // Most pages of a build for tests are those of the program and of the loader, and `--version` has these too. It parses
    // arguments, where a hook reads a fingerprint. A runtime, the stacks of threads or the roots of a TLS library are more
    // than what may differ.
    let program = cargo_bin("claude-env").display().to_string();
    let (ours, version) =
        (page_faults(&env, &program, &hook), page_faults(&env, &program, &["--version"]));
    assert!(ours <= version + 16, "a hook maps {ours} pages, `--version` {version}");
    // Measured: 74 of 143, with the shell's.
    if let Ok(program) = std::env::var("CLAUDE_ENV_TEST_RELEASE_BINARY") {
        let ours = page_faults(&env, &program, &hook);
        let git = page_faults(&env, "git", &["-C", "../config", "rev-parse", "HEAD"]);
        assert!(3 * ours <= 2 * git, "a hook maps {ours} pages, `git rev-parse HEAD` {git}");
    }
}
