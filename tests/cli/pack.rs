//! `pack`, with the real SuperClaude.

use crate::support::{TestEnv, tool, tree};

fn added() -> TestEnv {
    let env = TestEnv::new();
    env.config(&[("base/layer.toml", "packs = [\"superclaude\"]\n")]);
    let wheel = tool("CLAUDE_ENV_TEST_SUPERCLAUDE_WHEEL");
    let outcome =
        env.run(&["-C", "config", "pack", "add", "superclaude@4.3.0", "--from", &wheel]).code(0);
    assert_eq!(outcome.stdout, "");
    assert!(outcome.stderr.contains("Vendored superclaude 4.3.0"), "{}", outcome.stderr);
    env
}

#[test]
fn a_pack_is_vendored_checked_listed_and_rendered() {
    let env = added();
    env.run(&["-C", "config", "check", "--strict"]).code(0);
    let list = env.run(&["-C", "config", "pack", "list", "--format", "json"]).code(0).json();
    let pack = &list["packs"][0];
    assert_eq!((&pack["name"], &pack["version"]), (&"superclaude".into(), &"4.3.0".into()));
    assert_eq!((&pack["commands"], &pack["agents"]), (&30.into(), &20.into()));
    assert_eq!(pack["used_by"][0], "base");
    env.run(&["-C", "config", "render", "--output", "../out"]).code(0);
    let files = tree(&env.join("out"));
    let commands = files.keys().filter(|path| path.starts_with(".claude/commands/sc/")).count();
    assert_eq!(commands, 30);
    // Every import of the instructions is there.
    let imports: Vec<String> = env
        .read("out/CLAUDE.md")
        .lines()
        .filter_map(|line| line.strip_prefix('@').map(str::to_owned))
        .collect();
    assert!(imports.len() >= 13, "{imports:?}");
    for import in imports {
        assert!(files.contains_key(&import), "{import}");
    }
}

#[test]
fn a_changed_file_is_found_and_never_overwritten() {
    let env = added();
    let path = "config/packs/superclaude/agents/system-architect.md";
    let text = env.read(path);
    env.write(path, format!("{text}mine\n"));
    let report = env.run(&["-C", "config", "check", "--format", "json"]).code(1).json();
    assert_eq!(report["findings"][0]["code"], "CE101");
    assert_eq!(report["findings"][0]["file"], "packs/superclaude/agents/system-architect.md");
    env.run(&["-C", "config", "pack", "list"]).code(1);
    env.run(&["-C", "config", "render", "--output", "../out"]).code(2);
    let wheel = tool("CLAUDE_ENV_TEST_SUPERCLAUDE_WHEEL");
    let update = ["-C", "config", "pack", "update", "superclaude@4.3.0", "--from", wheel.as_str()];
    env.run(&update).code(2);
    assert_eq!(env.read(path), format!("{text}mine\n"));
    env.run(&[update.as_slice(), &["--force"]].concat()).code(0);
    assert_eq!(env.read(path), text);
}

#[test]
fn what_cannot_be_added_says_why() {
    let env = TestEnv::new();
    env.config(&[]);
    env.write("not.whl", "not a zip\n");
    let add =
        |spec: &str, from: &str| env.run(&["-C", "config", "pack", "add", spec, "--from", from]);
    assert!(add("superclaude@4.3.0", "../not.whl").code(2).stderr.contains("not.whl"));
    assert!(add("superclaude@4.3.0", "../nowhere.whl").code(3).stderr.contains("nowhere.whl"));
    let wheel = tool("CLAUDE_ENV_TEST_SUPERCLAUDE_WHEEL");
    assert!(add("superclaude@9.9.9", &wheel).code(2).stderr.contains("4.3.0"));
    assert!(add("superclaud@4.3.0", &wheel).code(2).stderr.contains("superclaude"));
    assert!(!env.join("config/packs").exists(), "nothing is written");
    let list = env.run(&["-C", "config", "pack", "list"]).code(0);
    assert_eq!(list.stdout, "");
    assert!(list.stderr.contains("pack add"));
}
