//! `render`.

use crate::support::{TestEnv, tree};

#[test]
fn renders_into_a_folder_and_nothing_else() {
    let env = TestEnv::new();
    env.example();
    let before = tree(&env.join("config"));
    let arguments = ["-C", "config", "render", "--team", "payments", "--output", "../out/deep"];
    let outcome = env.run(&arguments).code(0);
    assert!(outcome.stdout.contains("+ .mcp.json  mcpServers/docs\n"), "{}", outcome.stdout);
    assert!(outcome.stderr.contains("added in ../out/deep"), "{}", outcome.stderr);
    assert_eq!(tree(&env.join("config")), before);
    assert!(env.join("out/deep/.claude/hooks/freeze.sh").is_file());
    let first = tree(&env.join("out/deep"));
    env.run(&arguments).code(0);
    assert_eq!(tree(&env.join("out/deep")), first, "again: not one file is touched");
}

#[test]
fn the_same_bytes_wherever_and_whoever() {
    let env = TestEnv::new();
    env.example();
    env.write("home/.config/claude-env/user/layer.toml", "[environment]\nUSER_LAYER = \"1\"\n");
    env.git("", &["clone", "--quiet", "config", "clone"]);
    let bytes = |folder: &str| -> Vec<(String, Vec<u8>, bool)> {
        let files = tree(&env.join(folder)).into_iter();
        let files = files.filter(|(path, _)| path != ".claude-env.lock");
        files.map(|(path, e)| (path, e.bytes, e.executable)).collect()
    };
    env.run(&["-C", "config", "render", "--output", "../a"]).code(0);
    env.run(&["-C", "clone", "render", "--output", "../b"]).code(0);
    env.run(&["-C", "clone", "render", "--rev", "main", "--output", "../c"]).code(0);
    assert_eq!(bytes("a"), bytes("b"));
    assert_eq!(bytes("a"), bytes("c"));
    for (path, text, _) in bytes("a") {
        let text = String::from_utf8(text).expect("UTF-8");
        assert!(!text.contains("USER_LAYER"), "{path}: the machine's user layer is left out");
        assert!(!text.contains(&env.path().display().to_string()), "{path}");
    }
    env.run(&["-C", "clone", "render", "--rev", "main", "--output", "../d"]).code(0);
    assert_eq!(env.read("c/.claude-env.lock"), env.read("d/.claude-env.lock"));
}

#[test]
fn the_fleet_gets_a_folder_each() {
    let env = TestEnv::new();
    env.example();
    let all = ["-C", "config", "render", "--all", "--output", "../out"];
    env.run(&all).code(0);
    assert_eq!(env.json("out/checkout/.claude/settings.json")["env"]["SERVICE_NAME"], "checkout");
    assert!(env.json("out/ledger/.claude/settings.json")["env"].get("SERVICE_NAME").is_none());
    env.run(&[all.as_slice(), &["--team", "payments"]].concat()).code(2);
    let before = tree(&env.join("out"));
    let json = env.run(&[all.as_slice(), &["--format", "json"]].concat()).code(0).json();
    assert_eq!((json["command"].as_str(), json["ok"].as_bool()), (Some("render"), Some(true)));
    assert_eq!(json["workspaces"].as_array().expect("workspaces").len(), 2);
    assert_eq!(tree(&env.join("out")), before);
}

#[test]
fn a_dry_run_writes_nothing_and_says_1() {
    let env = TestEnv::new();
    env.example();
    let arguments = ["-C", "config", "render", "--output", "../out"];
    let dry = [arguments.as_slice(), &["--dry-run"]].concat();
    let outcome = env.run(&dry).code(1);
    assert!(outcome.stdout.contains("+ CLAUDE.md  block"), "{}", outcome.stdout);
    assert!(!env.join("out").exists());
    env.run(&arguments).code(0);
    assert_eq!(env.run(&dry).code(0).stdout, "");
}

#[test]
fn an_output_that_cannot_be_a_folder_is_3() {
    let env = TestEnv::new();
    env.example();
    env.write("file", "");
    let outcome = env.run(&["-C", "config", "render", "--output", "../file"]).code(3);
    assert!(outcome.stderr.contains("file"), "{}", outcome.stderr);
    env.run(&["-C", "config", "render"]).code(2);
}
