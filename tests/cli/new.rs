//! `new` and `demo`.

use crate::support::{TestEnv, tree};

#[test]
fn the_scaffold_is_clean_and_commented() {
    let env = TestEnv::new();
    let outcome = env.run(&["new", "acme"]).code(0);
    assert_eq!(outcome.stdout, "");
    assert!(outcome.stderr.contains("claude-env -C acme check"), "{}", outcome.stderr);
    env.run(&["-C", "acme", "check", "--strict"]).code(0);
    assert!(env.read("acme/base/layer.toml").contains('#'));
    assert!(env.join("acme/.git").is_dir());
    env.commit_all("acme");
    env.run(&["-C", "acme", "check", "--rev", "HEAD"]).code(0);
}

#[test]
fn the_example_is_the_one_of_the_repository() {
    let env = TestEnv::new();
    env.run(&["new", "acme", "--example"]).code(0);
    let plain = |folder: &std::path::Path| -> Vec<(String, String, bool)> {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        tree(folder).into_iter().map(|(path, e)| (path, text(e.bytes), e.executable)).collect()
    };
    let example = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme-config");
    assert_eq!(plain(&env.join("acme")), plain(&example));
}

#[test]
fn a_folder_with_something_in_it_is_refused() {
    let env = TestEnv::new();
    env.write("full/file", "");
    let outcome = env.run(&["new", "full"]).code(2);
    assert!(outcome.stderr.contains("is not empty"), "{}", outcome.stderr);
    assert_eq!(tree(&env.join("full")).len(), 1);
    env.run(&["new", "full/file"]).code(2);
    std::fs::create_dir(env.join("empty")).expect("the folder");
    env.run(&["new", "empty"]).code(0);
    env.run(&["new"]).code(2);
}

#[test]
fn inside_of_a_repository_no_other_is_made() {
    let env = TestEnv::new();
    env.workspace();
    env.run(&["-C", "ws", "new", "tools/config"]).code(0);
    assert!(!env.join("ws/tools/config/.git").exists());
    env.run(&["-C", "ws/tools/config", "check"]).code(0);
}

#[test]
fn the_demo_does_the_whole_job() {
    let env = TestEnv::new();
    let outcome = env.run(&["demo"]).code(0);
    assert_eq!(outcome.stderr, "");
    let steps = [
        "1. Check",
        "No findings",
        "2. Where does",
        "set by",
        "shadows",
        "3. Render",
        ".mcp.json",
        "4. Change",
        "-  \"cleanupPeriodDays\": 14",
        "+  \"cleanupPeriodDays\": 7",
        "5. Render again",
        "1 changed",
        "nothing to do",
        "Try next",
        "rm -r",
    ];
    let mut rest = outcome.stdout.as_str();
    for step in steps {
        let at = rest.find(step).unwrap_or_else(|| panic!("no `{step}` in\n{rest}"));
        rest = &rest[at + step.len()..];
    }
    assert!(tree(&env.home()).is_empty(), "it leaves the home alone");
    // What it proposes works.
    let tips = outcome
        .stdout
        .split("Try next:")
        .nth(1)
        .expect("tips")
        .replace("[ROOT]", &env.path().display().to_string());
    let tips: Vec<&str> =
        tips.lines().map(str::trim).filter(|line| line.starts_with("claude-env -C")).collect();
    assert!(tips.len() >= 2);
    for tip in tips {
        assert_ne!(super::shell(&env, tip).code(0).stdout, "", "{tip}");
    }
}
