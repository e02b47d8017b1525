//! `schema`: JSON Schemas that editors use, asked with two validators that nobody here wrote.

use crate::support::{TestEnv, tool};

#[test]
fn validators_accept_the_example_and_refuse_mistakes() {
    let env = TestEnv::new();
    env.example();
    env.workspace();
    env.bind(&["--team", "payments"]).code(0);
    let wrong_layer = "version = 1\n[mcp_server.x]\ncommand = \"x\"\n";
    let cases = [
        ("layer", "config/base/layer.toml", wrong_layer),
        ("layer", "config/base/layer.production.toml", "packs = \"superclaude\"\n"),
        ("layer", "config/teams/payments/layer.toml", "[environment]\nA = 1\n"),
        ("manifest", "config/claude-env.toml", "version = \"1\"\n"),
        ("binding", "ws/.claude-env.toml", "[render]\nmode = \"both\"\n"),
    ];
    for (kind, path, wrong) in cases {
        let schema = env.run(&["schema", kind]).code(0);
        assert_eq!(schema.stderr, "");
        env.write("schema.json", &schema.stdout);
        // A `#:schema` line names an address, and there is no network in a test.
        let good: String = env
            .read(path)
            .lines()
            .filter(|line| !line.starts_with("#:schema"))
            .map(|line| format!("{line}\n"))
            .collect();
        for (text, code) in [(good.as_str(), 0), (wrong, 1)] {
            env.write("file.toml", text);
            let mut validate = env.command(tool("CLAUDE_ENV_TEST_CHECK_JSONSCHEMA"));
            validate.args(["--schemafile", "schema.json", "file.toml"]);
            env.outcome(&mut validate).code(code);
            let mut taplo = env.command(tool("CLAUDE_ENV_TEST_TAPLO"));
            let address = format!("file://{}", env.join("schema.json").display());
            taplo.args(["lint", "--no-auto-config", "--schema", &address, "file.toml"]);
            env.outcome(&mut taplo).code(code);
        }
    }
    env.run(&["schema", "lock"]).code(2);
}

#[test]
fn answers_are_listed_and_a_slip_is_corrected() {
    let env = TestEnv::new();
    let list = env.run(&["schema", "answer"]).code(0).stdout;
    let names: Vec<&str> = list.lines().filter_map(|l| l.split_whitespace().next()).collect();
    assert!(names.contains(&"drift") && names.contains(&"failure"), "{list}");
    let help = env.run(&["schema", "--help"]).code(0).stdout;
    for name in &names {
        let schema = env.run(&["schema", "answer", name]).code(0).stdout;
        assert!(serde_json::from_str::<serde_json::Value>(&schema).is_ok(), "{name}: {schema}");
        assert!(help.contains(name), "{name} in {help}");
    }
    let slip = env.run(&["schema", "answer", "drfit"]).code(2);
    assert!(slip.stderr.contains("a similar value exists: 'drift'"), "{}", slip.stderr);
    let none = env.run(&["schema", "layer", "drift"]).code(2);
    assert!(none.stderr.contains("only `schema answer` takes a NAME"), "{}", none.stderr);
}
