//! Text that others wrote stays to the byte, whatever their editor made of it.

use crate::support::TestEnv;

const LAYER: &str = r#"unset = ['settings."$schema"']

[environment]
OURS = "1"

[permissions]
allow = ["Bash(ours:*)"]

[[hooks.PreToolUse]]
matcher = "Bash"
hooks = [{ type = "command", command = "ours" }]

[mcp_servers.ours]
command = "ours"
"#;

struct Foreign {
    name: &'static str,
    settings: &'static str,
    servers: &'static str,
    instructions: &'static str,
}

const FOREIGN: &[Foreign] = &[
    Foreign {
        name: "two blanks, final newline",
        settings: "{\n  \"model\": \"opus\",\n  \"env\": {\n    \"MINE\": \"1\"\n  }\n}\n",
        servers: "{\n  \"mcpServers\": {\n    \"mine\": {\n      \"command\": \"m\"\n    }\n  }\n}\n",
        instructions: "# Mine\n\nText.\n",
    },
    Foreign {
        name: "tabs, CRLF, no final newline",
        settings: "{\r\n\t\"model\": \"opus\",\r\n\t\"env\": {\r\n\t\t\"MINE\": \"1\"\r\n\t}\r\n}",
        servers: "{\r\n\t\"mcpServers\": {\r\n\t\t\"mine\": {\"command\": \"m\"}\r\n\t}\r\n}",
        instructions: "# Mine\r\n\r\nText.",
    },
    Foreign {
        name: "byte order mark",
        settings: "\u{feff}{ \"env\": { \"MINE\": \"1\" } }\n",
        servers: "\u{feff}{ \"mcpServers\": { \"mine\": { \"command\": \"m\" } } }\n",
        instructions: "\u{feff}# Mine\n",
    },
    Foreign {
        name: "one line",
        settings: "{\"env\":{\"MINE\":\"1\"},\"permissions\":{\"allow\":[\"Bash(mine)\"],\"deny\":[]}}",
        servers: "{\"mcpServers\":{\"mine\":{\"command\":\"m\"}},\"other\":[1,2]}",
        instructions: "Text.",
    },
    Foreign {
        name: "odd indentation, odd order, escapes, numbers as written",
        settings: "{\n   \"zeta\" : 1.50 ,\n\n     \"permissions\":\n  { \"deny\" :[ \"Read(\\u00e4)\"\n, \"Read(b)\" ]\n , \"allow\":[\n        \"Bash(mine)\"\n   ]},\n\"alpha\":1E3}\n\n\n",
        servers: "\n{ \"mcpServers\"\n:{ \"z\" : { \"command\":\"\\/z\" }\n,   \"a\":{ \"command\" :\"a\" }}   }",
        instructions: "\n\n  Text.  \n\n\n",
    },
    Foreign {
        name: "hooks of their own",
        settings: "{\n    \"hooks\": {\n        \"PreToolUse\": [\n            { \"matcher\": \"Edit\", \"hooks\": [ { \"type\": \"command\", \"command\": \"mine\" } ] }\n        ],\n        \"Stop\": []\n    }\n}\n",
        servers: "{\n    \"mcpServers\": {},\n    \"mine\": true\n}\n",
        instructions: "<!-- a comment -->\n@AGENTS.md\n```\n<!-- no marker -->\n```\n",
    },
];

const PATHS: [&str; 3] = ["ws/.claude/settings.json", "ws/.mcp.json", "ws/CLAUDE.md"];

/// Whether a text can be got from another one by taking characters away: nothing of it was dropped or moved.
fn is_within(text: &str, longer: &str) -> bool {
    let mut rest = longer.chars();
    text.chars().all(|c| rest.any(|other| other == c))
}

#[test]
fn what_others_wrote_stays_to_the_byte() {
    for foreign in FOREIGN {
        let name = foreign.name;
        let env = TestEnv::new();
        env.config(&[("base/layer.toml", LAYER), ("base/memory/10.md", "Ours.\n")]);
        env.workspace();
        let before = [foreign.settings, foreign.servers, foreign.instructions];
        for (path, text) in PATHS.iter().zip(before) {
            env.write(path, text);
        }
        env.bind(&[]).code(0);
        for (path, text) in PATHS.iter().zip(before) {
            let now = env.read(path);
            assert!(is_within(text, &now), "{name}: {path}\n{text}\n---\n{now}");
            assert_eq!(now.starts_with('\u{feff}'), text.starts_with('\u{feff}'), "{name}: {path}");
            let endings =
                |text: &str| (text.contains("\r\n"), text.replace("\r\n", "").contains('\n'));
            if text.contains('\n') {
                assert_eq!(endings(&now), endings(text), "{name}: {path}: line ends");
            }
        }
        let json = |path: &str| -> serde_json::Value {
            let text = env.read(path);
            serde_json::from_str(text.trim_start_matches('\u{feff}')).expect("JSON")
        };
        assert_eq!(json(PATHS[0])["env"]["OURS"], "1", "{name}");
        assert_eq!(json(PATHS[1])["mcpServers"]["ours"]["command"], "ours", "{name}");
        assert!(env.read(PATHS[2]).contains("Ours."), "{name}");

        // A change of ours touches nothing of theirs either, and when all of ours is gone, theirs is as it was.
        env.edit("config/base/layer.toml", "OURS = \"1\"", "OURS = \"2\"");
        env.commit_config();
        env.sync().code(0);
        env.write("config/base/layer.toml", "unset = ['settings.\"$schema\"']\n");
        std::fs::remove_dir_all(env.join("config/base/memory")).expect("removed");
        env.commit_config();
        env.run(&["-C", "ws", "sync", "--allow-prune"]).code(0);
        for (path, text) in PATHS.iter().zip(before) {
            let now = std::fs::read_to_string(env.join(path)).unwrap_or_default();
            assert_eq!(now, text, "{name}: {path}");
        }
    }
}

#[test]
fn a_file_that_cannot_be_understood_is_left_alone() {
    let broken = [
        ("ws/.mcp.json", "{\"mcpServers\": {,}}", ".mcp.json:1"),
        ("ws/.mcp.json", "{\n  \"mcpServers\": [1]\n}\n", ".mcp.json:2"),
        ("ws/.claude/settings.json", "{\n  // mine\n  \"env\": {\n}\n", ".claude/settings.json:"),
        ("ws/.claude/settings.json", "{\"env\": 1}", ".claude/settings.json:1"),
        ("ws/CLAUDE.md", "a\n<!-- claude-env:begin -->\nb\n", "CLAUDE.md:2"),
        ("ws/CLAUDE.md", "a\n<!-- claude-env:end -->\nb\n", "CLAUDE.md:2"),
    ];
    for (path, text, place) in broken {
        let env = TestEnv::new();
        env.config(&[("base/layer.toml", LAYER), ("base/memory/10.md", "Ours.\n")]);
        env.workspace();
        env.write(path, text);
        let outcome = env.bind(&[]).code(1);
        assert!(outcome.stdout.contains(place), "{place} in {}", outcome.stdout);
        assert_eq!(env.read(path), text);
        let others = PATHS.iter().filter(|other| **other != path);
        assert!(others.clone().all(|other| env.join(other).is_file()), "the others are written");
    }
}
