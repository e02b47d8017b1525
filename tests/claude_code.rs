//! The real Claude Code reads what is rendered: both ends of the range of versions that is supported.
//!
//! It needs no login for this. Its exit code is 0 whatever it finds, so its words are what counts.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value as Json, json};

use crate::support::{Outcome, TestEnv, tool};

/// What Claude Code's output has when something is wrong with a file or a server.
const COMPLAINTS: &[&str] = &["diagnostics", "[Warning]", "[Error]", "✘", "⏸", "⊘", "! "];

/// The oldest and the newest client that is supported.
#[derive(Clone, Copy)]
enum Client {
    V197,
    V330,
}

impl Client {
    fn path(self) -> String {
        tool(match self {
            Client::V197 => "CLAUDE_ENV_TEST_CLAUDE_197",
            Client::V330 => "CLAUDE_ENV_TEST_CLAUDE_330",
        })
    }
}

/// A person's machine: a home with settings, and a folder of workspaces in which npx finds the installed servers.
struct Machine {
    env: TestEnv,
    client: Client,
}

impl Machine {
    fn new(client: Client) -> Self {
        let env = TestEnv::new();
        let settings = json!({ "enableAllProjectMcpServers": true });
        env.write("claude-home/.claude/settings.json", settings.to_string());
        let modules = tool("CLAUDE_ENV_TEST_NODE_MODULES");
        std::os::unix::fs::symlink(modules, env.join("node_modules")).expect("the link");
        Self { env, client }
    }

    /// A command in the workspace, with the client's environment and a limit of time for it and its children.
    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let node = PathBuf::from(tool("CLAUDE_ENV_TEST_NODE"));
        let node = node.parent().expect("the folder of node").display();
        let mut command = Command::new("timeout");
        command
            .args(["--kill-after=5", "120", program])
            .args(arguments)
            .current_dir(self.env.join("ws"))
            .env_clear()
            .env("HOME", self.env.join("claude-home"))
            .env("PATH", format!("{node}:/usr/local/bin:/usr/bin:/bin"))
            .env("DISABLE_AUTOUPDATER", "1")
            .env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
            .env("MCP_TIMEOUT", "60000")
            .env("npm_config_offline", "true")
            .stdin(std::process::Stdio::null());
        command
    }

    fn claude(&self, arguments: &[&str]) -> Outcome {
        self.env.outcome(&mut self.command(&self.client.path(), arguments))
    }

    /// Makes the person trust the workspace, as the dialog at the first start would.
    fn trust(&self) {
        let workspace = self.env.join("ws").canonicalize().expect("the workspace");
        let workspace = workspace.display().to_string();
        let state = json!({ "projects": { workspace: { "hasTrustDialogAccepted": true } } });
        self.env.write("claude-home/.claude.json", state.to_string());
    }

    /// The version of an installed server.
    fn installed(package: &str) -> String {
        let path = Path::new(&tool("CLAUDE_ENV_TEST_NODE_MODULES")).join(package);
        let text = std::fs::read_to_string(path.join("package.json")).expect("package.json");
        let package: Json = serde_json::from_str(&text).expect("JSON");
        package["version"].as_str().expect("a version").to_owned()
    }

    /// SuperClaude as a pack, a server of the catalogue, and one of our own, in a workspace that was just bound.
    fn render(&self) {
        let env = &self.env;
        env.config(&[]);
        let wheel = tool("CLAUDE_ENV_TEST_SUPERCLAUDE_WHEEL");
        let add = ["-C", "config", "pack", "add", "superclaude@4.3.0", "--from", wheel.as_str()];
        env.run(&add).code(0);
        let sequential = Self::installed("@modelcontextprotocol/server-sequential-thinking");
        let everything = Self::installed("@modelcontextprotocol/server-everything");
        let layer = format!(
            r#"packs = ["superclaude"]
exclude = ["superclaude/mcp/playwright", "superclaude/mcp/context7"]

[environment]
LEVEL = "one"

[permissions]
deny = ["Read(./.env)"]

[mcp_servers.sequential]
kind = "sequential"
version = "{sequential}"

[mcp_servers.everything]
command = "npx"
args = ["-y", "@modelcontextprotocol/server-everything@{everything}", "stdio"]
"#
        );
        env.write("config/base/layer.toml", layer);
        env.commit_config();
        env.run(&["-C", "config", "check", "--strict"]).code(0);
        env.workspace();
        env.bind(&[]).code(0);
    }
}

/// What is wrong with an answer of `claude mcp list`; empty if these servers, and no others, are connected.
fn wrong_with(list: &Outcome, servers: &[&str]) -> Vec<String> {
    let mut wrong = Vec::new();
    for word in COMPLAINTS {
        if list.stdout.contains(word) {
            wrong.push(format!("it says `{word}`"));
        }
    }
    for server in servers {
        let line = list.stdout.lines().find(|line| line.starts_with(&format!("{server}: ")));
        if !line.is_some_and(|line| line.ends_with(" - ✔ Connected")) {
            wrong.push(format!("{server} is not connected: {line:?}"));
        }
    }
    let listed = list.stdout.lines().filter(|line| line.contains(" - ")).count();
    if listed != servers.len() {
        wrong.push(format!("it lists {listed} servers"));
    }
    wrong
}

fn connects(client: Client) {
    let machine = Machine::new(client);
    machine.render();
    let env = &machine.env;
    assert!(env.join("ws/.claude/commands/sc/analyze.md").is_file(), "SuperClaude is rendered");

    let list = machine.claude(&["mcp", "list"]).code(0);
    let wrong = wrong_with(&list, &["sequential", "everything"]);
    assert!(wrong.is_empty(), "{wrong:?}\n{}\n{}", list.stdout, list.stderr);

    let get = machine.claude(&["mcp", "get", "sequential"]).code(0);
    let args = format!(
        "Args: -y @modelcontextprotocol/server-sequential-thinking@{}",
        Machine::installed("@modelcontextprotocol/server-sequential-thinking")
    );
    for line in ["Scope: Project config (shared via .mcp.json)", "Status: ✔ Connected", &args] {
        assert!(get.stdout.lines().any(|l| l.trim() == line), "no `{line}` in\n{}", get.stdout);
    }

    // The same questions to a workspace that somebody broke: the answers must be able to fail.
    env.edit("ws/.mcp.json", "\"everything\": {\n", "\"everything\": {\n      \"timeout\": 0,\n");
    let broken = machine.claude(&["mcp", "list"]).code(0);
    assert!(!wrong_with(&broken, &["sequential", "everything"]).is_empty(), "{}", broken.stdout);
}

#[test]
fn claude_2_1_197_connects_to_the_rendered_servers() {
    connects(Client::V197);
}

#[test]
fn claude_2_1_330_connects_to_the_rendered_servers() {
    connects(Client::V330);
}

/// Claude Code writes into the same file; both writers' entries survive the other.
fn adds_a_server(client: Client) {
    let machine = Machine::new(client);
    machine.render();
    let env = &machine.env;
    let ours = env.json("ws/.mcp.json");

    machine.claude(&["mcp", "add", "-s", "project", "extra", "--", "node", "x"]).code(0);
    let added = env.json("ws/.mcp.json");
    let extra = text_of(&env.read("ws/.mcp.json"), "extra");
    assert_eq!(added["mcpServers"]["extra"]["command"], "node", "Claude Code added it");

    let synced = env.sync().code(0);
    assert_eq!(synced.stdout, "", "nothing is to be done about a foreign server");
    assert_eq!(env.json("ws/.mcp.json"), added);

    // The configuration moves on, and arrives: a server changes, one goes, one comes.
    env.edit("config/base/layer.toml", "[mcp_servers.sequential]\n", "[mcp_servers.thinking]\n");
    let everything = "[mcp_servers.everything]\n";
    let changed = format!("{everything}env = {{ LEVEL = \"two\" }}\n");
    env.edit("config/base/layer.toml", everything, &changed);
    env.edit(
        "config/base/layer.toml",
        "superclaude/mcp/context7\"",
        "superclaude/mcp/context7\", \"superclaude/mcp/sequential\"",
    );
    env.commit_config();
    env.sync().code(0);

    assert_eq!(text_of(&env.read("ws/.mcp.json"), "extra"), extra, "to the byte");
    let servers = &env.json("ws/.mcp.json")["mcpServers"];
    let names: Vec<&String> = servers.as_object().expect("an object").keys().collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert_eq!(servers["thinking"], ours["mcpServers"]["sequential"]);
    assert_eq!(servers["everything"]["env"], json!({ "LEVEL": "two" }));
    let get = machine.claude(&["mcp", "get", "extra"]).code(0);
    assert!(get.stdout.contains("Command: node"), "{}", get.stdout);
}

/// The text of a server in a file, from its name to the brace that closes it.
fn text_of(text: &str, server: &str) -> String {
    let start = text.find(&format!("\"{server}\"")).expect("the server");
    let mut depth = 0;
    for (at, c) in text[start..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return text[start..=start + at].to_owned(),
            '}' => depth -= 1,
            _ => {}
        }
    }
    panic!("`{server}` does not end in\n{text}")
}

#[test]
fn a_server_that_claude_2_1_197_adds_is_left_alone() {
    adds_a_server(Client::V197);
}

#[test]
fn a_server_that_claude_2_1_330_adds_is_left_alone() {
    adds_a_server(Client::V330);
}

#[test]
fn a_server_that_claude_2_1_330_adds_is_drift_only_where_servers_are_exclusive() {
    let machine = Machine::new(Client::V330);
    machine.render();
    let env = &machine.env;
    machine.claude(&["mcp", "add", "-s", "project", "extra", "--", "node", "x"]).code(0);
    env.run(&["-C", "ws", "drift"]).code(0);

    env.write("config/claude-env.toml", "version = 1\n[policy]\nexclusive = [\"mcp_servers\"]\n");
    env.commit_config();
    let answer = env.run(&["-C", "ws", "drift", "--format", "json"]).code(1).json();
    let entries = answer["entries"].as_array().expect("entries");
    let [entry] = entries.as_slice() else { panic!("{answer:#}") };
    assert_eq!(
        (&entry["class"], &entry["pointer"]),
        (&json!("foreign"), &json!("/mcpServers/extra"))
    );
    assert_eq!(entry["actual"]["command"], "node");
    assert_eq!(entry["severity"], "critical");

    machine.claude(&["mcp", "remove", "-s", "project", "extra"]).code(0);
    env.run(&["-C", "ws", "drift"]).code(0);
}

/// Claude Code adds a server to the project; the project's layer takes it.
fn adopts_a_server(client: Client) {
    let machine = Machine::new(client);
    machine.render();
    let env = &machine.env;
    env.write("config/projects/shop/layer.toml", "# The shop.\n");
    env.commit_config();
    env.edit("ws/.claude-env.toml", "[scope]", "[scope]\nproject = \"shop\"");
    env.sync().code(0);
    let everything = Machine::installed("@modelcontextprotocol/server-everything");
    let package = format!("@modelcontextprotocol/server-everything@{everything}");
    let add =
        ["mcp", "add", "-s", "project", "extra", "-e", "LEVEL=two", "--", "npx", "-y", &package];
    machine.claude(&add).code(0);
    let remote = ["mcp", "add", "-s", "project", "-t", "http", "far", "https://mcp.example.com/x"];
    machine.claude(&remote).code(0);
    machine.claude(&["mcp", "add", "-s", "project", "bare", "--", "node"]).code(0);
    // The client writes what says nothing, such as an empty `env`: no layer has to repeat it.
    let written = env.json("ws/.mcp.json");
    assert_eq!(written["mcpServers"]["bare"]["env"], json!({}), "{written:#}");
    let before = env.read("ws/.mcp.json");

    let adopt = ["-C", "ws", "adopt", ".mcp.json", "--yes"];
    env.run(&adopt).code(0);
    let expect = format!(
        "# The shop.\n\n[mcp_servers.extra]\ncommand = \"npx\"\nargs = [\"-y\", \"{package}\"]\nenv = {{ LEVEL = \"two\" }}\n\n\
         [mcp_servers.far]\ntype = \"http\"\nurl = \"https://mcp.example.com/x\"\n\n[mcp_servers.bare]\ncommand = \"node\"\n"
    );
    assert_eq!(env.read("config/projects/shop/layer.toml"), expect);
    env.run(&["-C", "config", "check", "--strict"]).code(0);
    env.commit_config();
    env.sync().code(0);
    assert_eq!(env.read("ws/.mcp.json"), before, "to the byte");

    // It is the configuration's now: when the client removes it, that is drift, and adopted in turn.
    machine.claude(&["mcp", "remove", "-s", "project", "far"]).code(0);
    env.run(&["-C", "ws", "drift"]).code(1);
    env.run(&["-C", "ws", "adopt", "--yes"]).code(0);
    let expect = expect
        .replace("[mcp_servers.far]\ntype = \"http\"\nurl = \"https://mcp.example.com/x\"\n\n", "");
    assert_eq!(env.read("config/projects/shop/layer.toml"), expect);
}

#[test]
fn servers_that_claude_2_1_197_adds_are_adopted() {
    adopts_a_server(Client::V197);
}

#[test]
fn servers_that_claude_2_1_330_adds_are_adopted() {
    adopts_a_server(Client::V330);
}

/// What `claude doctor` has to say about our files. Only 2.1.330 answers: the doctor of 2.1.197 hangs.
fn doctor(machine: &Machine) -> Vec<String> {
    let mut command = machine.command(&machine.client.path(), &["doctor"]);
    // The references of the example, resolved: a variable that is not set is a complaint of its own.
    for variable in ["CLAUDE_ENV_MCP_DOCS_TOKEN", "CLAUDE_ENV_MCP_CONTEXT7_API_KEY"] {
        command.env(variable, "a value");
    }
    let answer = machine.env.outcome(&mut command);
    assert!(answer.stdout.contains("(2.1.330)"), "{}\n{}", answer.stdout, answer.stderr);
    let heads = ["Invalid settings", "Permission rules that may not work as written"];
    let sections = answer.stdout.split("\n\n");
    let complaints = sections.filter(|section| heads.iter().any(|head| section.contains(head)));
    complaints.map(str::to_owned).collect()
}

#[test]
fn the_example_satisfies_doctor_and_validator() {
    let machine = Machine::new(Client::V330);
    let env = &machine.env;
    env.example();
    env.workspace();
    env.bind(&["--team", "payments", "--project", "checkout"]).code(0);
    machine.trust();
    assert_eq!(doctor(&machine), [] as [String; 0]);

    let validate = ["plugin", "validate", "--strict", "--json"];
    let folder = env.join("ws/.claude").display().to_string();
    let valid = |expect: bool| {
        let answer = machine.claude(&[validate.as_slice(), &[folder.as_str()]].concat());
        assert_eq!(answer.json()["success"], expect, "{}\n{}", answer.stdout, answer.stderr);
    };
    valid(true);

    // Both can complain.
    env.edit("ws/.claude/agents/reviewer.md", "description:", "describing:");
    valid(false);
    env.edit(
        "ws/.claude/settings.json",
        "\"cleanupPeriodDays\": 14",
        "\"cleanupPeriodDays\": \"x\"",
    );
    assert_ne!(doctor(&machine), [] as [String; 0]);
}

#[test]
fn doctor_accepts_what_a_user_layer_renders() {
    let machine = Machine::new(Client::V330);
    let env = &machine.env;
    env.example();
    env.workspace();
    let user = "home/.config/claude-env/user";
    let layer = "[environment]\nMINE = \"1\"\n[permissions]\nallow = [\"Bash(make:*)\"]\n\
                 [settings]\nmodel = \"opus\"\ncleanupPeriodDays = 3\n";
    env.write(&format!("{user}/layer.toml"), layer);
    env.write(&format!("{user}/memory/me.md"), "I am Ada.\n");
    env.bind(&["--team", "payments", "--project", "checkout"]).code(0);
    machine.trust();
    let settings = env.json("ws/.claude/settings.local.json");
    assert_eq!(settings["cleanupPeriodDays"], 3);
    assert_eq!(doctor(&machine), [] as [String; 0]);

    // It reads the file.
    env.edit("ws/.claude/settings.local.json", "\"opus\"", "5");
    let complaints = doctor(&machine).concat();
    assert!(complaints.contains("settings.local.json"), "{complaints}");
}
