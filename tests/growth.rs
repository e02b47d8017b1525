//! What `check` and `drift` cost grows with the input, and not with its square: instructions are counted at three sizes.
//!
//! `check` runs every rule that is registered, so a new one takes part by itself. Instructions have no noise that matters. Needs valgrind from
//! `ci/install-test-tools`, and so Linux.

#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::fmt::Write;

use assert_cmd::cargo::cargo_bin;

use crate::support::{TestEnv, tool};

/// The smallest of the three sizes; each is twice the one before.
const SMALLEST: usize = 200;

/// By how much the cost of a step may grow when the step is twice as long. Linear is 2, n log n about 2.2, and a square 4.
const MOST_GROWTH: f64 = 2.4;

/// Counts the instructions of a run, whatever its exit code.
fn instructions(env: &TestEnv, arguments: &[&str]) -> f64 {
    let mut command = env.command(tool("CLAUDE_ENV_TEST_VALGRIND"));
    command.args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]);
    command.arg(cargo_bin("claude-env")).args(arguments);
    let outcome = env.outcome(&mut command);
    assert!(matches!(outcome.code, Some(0 | 1)), "{}", outcome.stderr);
    let count = outcome.stderr.lines().find_map(|line| line.split_once("refs:"));
    let count = count.expect("valgrind counts").1.replace(',', "");
    count.trim().parse().expect("a number")
}

/// Compares the cost of three sizes; `stage` writes the input of a size, and the arguments are run on it.
fn check(name: &str, arguments: &[&str], stage: impl Fn(&TestEnv, usize)) {
    let counts = [1, 2, 4].map(|factor| {
        let env = TestEnv::new();
        stage(&env, factor * SMALLEST);
        instructions(&env, arguments)
    });
    let growth = (counts[2] - counts[1]) / (counts[1] - counts[0]).max(1.0);
    assert!(
        growth < MOST_GROWTH || counts[2] - counts[1] < 5e6,
        "{name}: {counts:.0?} instructions for n, 2n and 4n: the second step costs {growth:.2} times the first"
    );
}

/// Returns a line for each number.
fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        writeln!(text, "{}", line(number)).expect("a string grows");
        text
    })
}

fn array(count: usize, item: impl Fn(usize) -> String) -> String {
    format!("[\n{}]\n", lines(count, |number| format!("{},", item(number))))
}

/// Files of a config repository whose size grows with a number: path and text. Texts of one path follow each other.
type Shape = fn(usize) -> Vec<(&'static str, String)>;

/// Checks a config repository with all of these in it, for one project.
fn check_layers(name: &str, shapes: &[Shape]) {
    check(name, &["-C", "config", "check", "--project", "p"], |env, count| {
        let mut files = BTreeMap::from([
            ("claude-env.toml", "version = 1\n".to_owned()),
            ("base/layer.toml", String::new()),
            ("projects/p/layer.toml", String::new()),
        ]);
        for (path, text) in shapes.iter().flat_map(|shape| shape(count)) {
            files.entry(path).or_default().push_str(&text);
        }
        for (path, text) in files {
            env.write(&format!("config/{path}"), text);
        }
    });
}

#[test]
fn lists() {
    let permissions: Shape = |count| {
        let rules = |from: usize| array(count, |n| format!("'Bash(x{}:*)'", n + from));
        let deny = array(count, |n| format!("'Bash(y{n})'"));
        vec![
            ("claude-env.toml", "[policy]\nappend_only = ['permissions.allow']\n".to_owned()),
            ("base/layer.toml", format!("[permissions]\nallow = {}deny = {deny}", rules(0))),
            ("projects/p/layer.toml", format!("[permissions]\nallow = {}", rules(count))),
        ]
    };
    let hooks: Shape = |count| {
        let hook = "hooks = [{ type = 'command', command = 'true' }]";
        let hooks = lines(count, |n| format!("[[hooks.PreToolUse]]\nmatcher = 'Tool{n}'\n{hook}"));
        vec![("base/layer.toml", hooks)]
    };
    check_layers("lists", &[permissions, hooks]);
}

#[test]
fn tables() {
    let unknown: Shape =
        |count| vec![("base/layer.toml", lines(count, |n| format!("unknown{n} = {n}")))];
    let unset: Shape = |count| {
        let keys = lines(count, |n| format!("K{n} = '1'"));
        let unset = array(2 * count, |n| format!("'environment.K{n}'"));
        vec![
            ("base/layer.toml", format!("[environment]\n{keys}")),
            ("projects/p/layer.toml", format!("unset = {unset}")),
        ]
    };
    let servers: Shape = |count| {
        let server = |n| format!("[mcp_servers.s{n}]\ncommand = 'server'\nargs = ['a', '{n}']");
        vec![("base/layer.toml", lines(count, server))]
    };
    let locked: Shape = |count| {
        let settings =
            |value| format!("[settings]\n{}", lines(count, |n| format!("k{n} = {value}")));
        vec![
            ("claude-env.toml", "[policy]\nlocked = ['settings.*']\n".to_owned()),
            ("base/layer.toml", settings(1)),
            ("projects/p/layer.toml", settings(2)),
        ]
    };
    let fleet: Shape = |count| {
        let fleet = lines(count, |n| format!("[workspaces.w{n}]\npath = '../w{n}'\nproject = 'p'"));
        vec![("claude-env.toml", fleet)]
    };
    check_layers("tables", &[unknown, unset, servers, locked, fleet]);
}

#[test]
fn texts() {
    let syntax: Shape = |count| vec![("teams/syntax/layer.toml", "=\n".repeat(count))];
    let long_line: Shape = |count| vec![("teams/line/layer.toml", "a=1\r".repeat(count))];
    let front_matter: Shape = |count| {
        let keys = lines(count, |n| format!("k{n}: v"));
        vec![("base/agents/a.md", format!("---\nname: a\ndescription: d\n{keys}---\n"))]
    };
    let secrets: Shape = |count| {
        let token = |n: usize| format!("ghp_{}{n:06}", "q7Zk3R9vTx2LmN8bWc5Yd1Fh6Jp4Sa");
        vec![("base/rules/a.md", lines(count, token))]
    };
    let invisible: Shape =
        |count| vec![("base/rules/b.md", lines(count, |_| "a\u{202e}b".to_owned()))];
    let variables: Shape = |count| {
        let args = array(count, |n| format!("'${{X{n}'"));
        let server = format!("[mcp_servers.s]\ncommand = 'server'\nargs = {args}");
        vec![("teams/variables/layer.toml", server)]
    };
    check_layers("texts", &[syntax, long_line, front_matter, secrets, invisible, variables]);
}

#[test]
fn many_files() {
    check("files", &["-C", "config", "check", "--project", "p"], |env, count| {
        env.write("config/claude-env.toml", "version = 1\n");
        for number in 0..count / 4 {
            let text = format!("---\nname: a{number}\ndescription: d\n---\ntext\n");
            env.write(&format!("config/base/agents/a{number}.md"), text);
        }
    });
}

#[test]
fn drift() {
    check("foreign rules at an exclusive path", &["-C", "ws", "drift"], |env, count| {
        let policy = "version = 1\n[policy]\nexclusive = ['permissions.allow']\n";
        env.config(&[("claude-env.toml", policy), ("base/layer.toml", "")]);
        env.workspace();
        env.bind(&["--no-hooks"]).code(0);
        let rules: Vec<String> = (0..count).map(|n| format!("Bash(x{n})")).collect();
        let settings = serde_json::json!({ "permissions": { "allow": rules } });
        env.write("ws/.claude/settings.json", format!("{settings:#}"));
    });
    check("variables that were changed", &["-C", "ws", "drift"], |env, count| {
        let keys = lines(count, |n| format!("K{n} = '1'"));
        let layer = format!("[environment]\n{keys}");
        env.config(&[("claude-env.toml", "version = 1\n"), ("base/layer.toml", &layer)]);
        env.workspace();
        env.bind(&["--no-hooks"]).code(0);
        let text = env.read("ws/.claude/settings.json").replace("\"1\"", "\"2\"");
        env.write("ws/.claude/settings.json", text);
    });
}
