//! What `check` and `drift` cost grows with the input, and not with its square: instructions are counted at three sizes.
//!
//! `check` runs every rule that is registered, so a new one takes part by itself. Instructions have no noise that matters. Needs valgrind from
//! `ci/install-test-tools`, and so Linux.

#![cfg(target_os = "linux")]

use std::fmt::Write;

use assert_cmd::cargo::cargo_bin;

use crate::support::{TestEnv, tool};

/// The smallest of the three sizes; each is twice the one before.
const SMALLEST: usize = 100;

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

/// Checks a config repository with these files, for one project.
fn check_layers(name: &str, files: impl Fn(usize) -> Files) {
    check(name, &["-C", "config", "check", "--project", "p"], |env, count| {
        env.write("config/claude-env.toml", "version = 1\n");
        env.write("config/projects/p/layer.toml", "");
        for (path, text) in files(count) {
            env.write(&format!("config/{path}"), text);
        }
    });
}

/// Paths in a config repository, with texts.
type Files = Vec<(String, String)>;

fn files_of<const N: usize>(files: [(&str, String); N]) -> Files {
    files.map(|(path, text)| (path.to_owned(), text)).into()
}

fn base(layer: String) -> Files {
    files_of([("base/layer.toml", layer)])
}

#[test]
fn permissions() {
    check_layers("append-only and contradicting lists", |count| {
        let rules = |from: usize| array(count, |n| format!("'Bash(x{}:*)'", n + from));
        let deny = array(count, |n| format!("'Bash(y{n})'"));
        let policy = "version = 1\n[policy]\nappend_only = ['permissions.allow']\n".to_owned();
        files_of([
            ("claude-env.toml", policy),
            ("base/layer.toml", format!("[permissions]\nallow = {}deny = {deny}", rules(0))),
            ("projects/p/layer.toml", format!("[permissions]\nallow = {}", rules(count))),
        ])
    });
}

#[test]
fn hooks() {
    check_layers("hooks", |count| {
        let hook = "hooks = [{ type = 'command', command = 'true' }]";
        base(lines(count, |n| format!("[[hooks.PreToolUse]]\nmatcher = 'Tool{n}'\n{hook}")))
    });
}

#[test]
fn unset_keys() {
    check_layers("unset keys", |count| {
        let keys = lines(count, |n| format!("K{n} = '1'"));
        let unset = array(count, |n| format!("'environment.K{n}'"));
        files_of([
            ("base/layer.toml", format!("[environment]\n{keys}")),
            ("projects/p/layer.toml", format!("unset = {unset}")),
        ])
    });
}

#[test]
fn servers() {
    check_layers("servers", |count| {
        let server = |n| format!("[mcp_servers.s{n}]\ncommand = 'server'\nargs = ['a', '{n}']");
        base(lines(count, server))
    });
}

#[test]
fn locked_settings() {
    check_layers("locked settings that nobody knows", |count| {
        let settings =
            |value| format!("[settings]\n{}", lines(count, |n| format!("k{n} = {value}")));
        files_of([
            ("claude-env.toml", "version = 1\n[policy]\nlocked = ['settings.*']\n".to_owned()),
            ("base/layer.toml", settings(1)),
            ("projects/p/layer.toml", settings(2)),
        ])
    });
}

#[test]
fn fleet() {
    check_layers("a fleet", |count| {
        let fleet = lines(count, |n| format!("[workspaces.w{n}]\npath = '../w{n}'\nproject = 'p'"));
        files_of([("claude-env.toml", format!("version = 1\n{fleet}"))])
    });
}

#[test]
fn front_matter() {
    check_layers("keys of front matter", |count| {
        let keys = lines(count, |n| format!("k{n}: v"));
        files_of([("base/agents/a.md", format!("---\nname: a\ndescription: d\n{keys}---\n"))])
    });
}

#[test]
fn lines_of_a_file() {
    // Beyond what is shown of one file, so that the sizes differ in what is not shown alone.
    check_layers("secrets", |count| {
        let count = 4 * count;
        let token = |n: usize| format!("ghp_{}{n:06}", "q7Zk3R9vTx2LmN8bWc5Yd1Fh6Jp4Sa");
        files_of([("base/rules/a.md", lines(count, token))])
    });
    check_layers("invisible characters", |count| {
        files_of([("base/rules/b.md", lines(count, |_| "a\u{202e}b".to_owned()))])
    });
    check_layers("errors of syntax", |count| base("=\n".repeat(count)));
}

#[test]
fn files() {
    check_layers("files", |count| {
        let path = |number| format!("base/agents/a{number}.md");
        let agent = |number| format!("---\nname: a{number}\ndescription: d\n---\ntext\n");
        (0..count).map(|number| (path(number), agent(number))).collect()
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
