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
