//! `init` and `sync` in a workspace that people and other programs write into too.

mod disk;
mod edges;
mod foreign;
mod interrupted;
mod merge;
mod refused;
mod states;
mod watch;

use crate::support::TestEnv;

/// One layer with an entry of every kind: settings, items of arrays, servers, a block, files.
pub(super) const LAYER: &str = r#"[environment]
LEVEL = "one"
PLACE = "here"

[permissions]
allow = ["Bash(ls:*)", "Bash(pwd)"]

[mcp_servers.docs]
type = "http"
url = "https://mcp.acme.example/docs"

[mcp_servers.tool]
command = "tool"
args = ["serve"]
"#;

/// A config repository with [`LAYER`], a fragment of instructions, an agent and a hook script.
pub(crate) fn config(env: &TestEnv) {
    env.config(&[
        ("base/layer.toml", LAYER),
        ("base/memory/10-rules.md", "Be kind.\n"),
        ("base/agents/helper.md", "---\nname: helper\ndescription: Helps\n---\n\nHelp.\n"),
        ("base/hooks/guard.sh", "#!/bin/sh\nexit 0\n"),
    ]);
    let script = env.join("config/base/hooks/guard.sh");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(script, mode).expect("the mode");
    env.commit_config();
}

/// A workspace that is bound to [`config`].
pub(super) fn bound() -> TestEnv {
    let env = TestEnv::new();
    config(&env);
    env.workspace();
    env.bind(&[]).code(0);
    env
}

/// The same where its owner had files before.
pub(crate) fn bound_beside_files() -> TestEnv {
    let env = TestEnv::new();
    config(&env);
    env.workspace();
    env.write("ws/.mcp.json", "{\"mcpServers\": {\"mine\": {\"command\": \"m\"}}}\n");
    env.write("ws/CLAUDE.md", "# Mine\n");
    env.bind(&[]).code(0);
    env
}
