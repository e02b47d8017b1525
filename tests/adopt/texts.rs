//! Whole files, and the block of `CLAUDE.md`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::{AGENT, PROJECT, adopt, adopts, reasons, stage};
use crate::support::TestEnv;

fn there(env: &TestEnv, path: &str) -> bool {
    env.join(path).exists()
}

#[test]
fn files_are_changed_added_and_removed() {
    let env = stage("");
    env.edit("ws/.claude/agents/helper.md", "Help.", "Help more.");
    env.write("ws/.claude/agents/mine.md", AGENT.replace("helper", "mine"));
    adopts(&env, &["./.claude/agents/helper.md", ".claude/agents/mine.md"]);
    assert_eq!(env.read("config/base/agents/helper.md"), AGENT.replace("Help.", "Help more."));
    assert_eq!(
        env.read("config/projects/checkout/agents/mine.md"),
        AGENT.replace("helper", "mine")
    );

    fs::remove_file(env.join("ws/.claude/agents/mine.md")).expect("it was there");
    fs::remove_file(env.join("ws/.claude/agents/helper.md")).expect("it was there");
    adopts(&env, &[]);
    assert!(!there(&env, "config/base/agents") && !there(&env, "config/projects/checkout/agents"));
}

#[test]
fn a_file_of_a_lower_layer_is_replaced_and_unset_by_the_chosen_one() {
    let env = stage("");
    env.edit("ws/.claude/agents/helper.md", "Help.", "Help more.");
    adopts(&env, &["--layer", "project"]);
    assert_eq!(env.read("config/base/agents/helper.md"), AGENT);
    assert!(env.read("config/projects/checkout/agents/helper.md").contains("Help more."));

    fs::remove_file(env.join("ws/.claude/agents/helper.md")).expect("it was there");
    adopts(&env, &[]);
    assert_eq!(env.read("config/base/agents/helper.md"), AGENT);
    assert!(!there(&env, "config/projects/checkout/agents"));
    let expect = format!("unset = ['files.\"agents/helper.md\"']\n\n{PROJECT}");
    assert_eq!(env.read("config/projects/checkout/layer.toml"), expect);
}

#[test]
fn the_executable_bit_counts() {
    let env = stage("");
    let mode = |path: &str| {
        fs::metadata(env.join(path)).expect("metadata").permissions().mode() & 0o111 != 0
    };
    let script = "ws/.claude/hooks/guard.sh";
    assert!(!mode(script));
    fs::set_permissions(env.join(script), PermissionsExt::from_mode(0o755)).expect("a mode");
    let outcome = adopt(&env, &["--dry-run"]).code(1);
    assert!(outcome.stdout.contains("only the executable bit changes"), "{}", outcome.stdout);
    adopts(&env, &[]);
    assert!(mode("config/base/hooks/guard.sh"));
    assert_eq!(env.read("config/base/hooks/guard.sh"), "#!/bin/sh\n");
}

#[test]
fn a_line_of_the_block_goes_to_its_fragment() {
    let env = stage("");
    env.edit("ws/CLAUDE.md", "Be brief.", "Be very brief.\n\n- and clear");
    env.edit("ws/CLAUDE.md", "# Payments", "# Money");
    adopts(&env, &["CLAUDE.md"]);
    assert_eq!(
        env.read("config/base/memory/10-house.md"),
        "# House\n\nBe kind.\nBe very brief.\n\n- and clear\n"
    );
    assert_eq!(env.read("config/teams/payments/memory/20-team.md"), "# Money\n\nCount twice.\n");
}

#[test]
fn a_fragment_may_go_or_be_replaced_by_the_project() {
    let env = stage("");
    env.edit("ws/CLAUDE.md", "Count twice.", "Count thrice.");
    adopts(&env, &["--layer", "project"]);
    let team = "# Payments\n\nCount twice.\n";
    assert_eq!(env.read("config/teams/payments/memory/20-team.md"), team);
    let project = "config/projects/checkout/memory/20-team.md";
    assert_eq!(env.read(project), team.replace("twice", "thrice"));

    env.edit("ws/CLAUDE.md", "\n# House\n\nBe kind.\nBe brief.\n", "");
    adopts(&env, &[]);
    assert!(!there(&env, "config/base/memory"));
}

#[test]
fn what_may_belong_to_two_fragments_belongs_to_none() {
    let env = stage("");
    env.edit("ws/CLAUDE.md", "\n# Payments", "\nBetween the two.\n\n# Payments");
    let answer = adopt(&env, &["--yes", "--format", "json"]).code(1).json();
    assert_eq!(
        reasons(&answer),
        [
            "CLAUDE.md : a change of the block could belong to `base/memory/10-house.md` or `teams/payments/memory/20-team.md`"
        ]
    );
    assert_eq!(env.git("config", &["status", "--porcelain"]), "");

    let env = stage("");
    env.write("ws/CLAUDE.md", "# Mine\n");
    let answer = adopt(&env, &["--yes", "--format", "json"]).code(1).json();
    assert_eq!(reasons(&answer), ["CLAUDE.md : the block as a whole belongs to no layer"]);
}

#[test]
fn line_ends_of_the_layer_stay() {
    let env = stage("");
    let text = env.read("ws/.claude/agents/helper.md").replace("Help.", "Help more.");
    env.write("ws/.claude/agents/helper.md", text.replace('\n', "\r\n"));
    let text = env.read("ws/CLAUDE.md").replace("Be brief.", "Be short.");
    env.write("ws/CLAUDE.md", text.replace('\n', "\r\n"));
    adopts(&env, &[]);
    assert!(!env.read("config/base/agents/helper.md").contains('\r'));
    assert_eq!(env.read("config/base/memory/10-house.md"), "# House\n\nBe kind.\nBe short.\n");
}

#[test]
fn a_text_that_both_sides_changed_is_merged_first() {
    let env = stage("");
    env.edit("ws/CLAUDE.md", "Be kind.", "Be very kind.");
    env.edit("config/teams/payments/memory/20-team.md", "twice", "thrice");
    env.commit_config();
    let answer = adopt(&env, &["--yes", "--format", "json"]).code(1).json();
    assert_eq!(reasons(&answer), ["CLAUDE.md : the configuration changed other lines of it"]);
    env.sync().code(0);
    adopts(&env, &[]);
    assert_eq!(env.read("config/base/memory/10-house.md"), "# House\n\nBe very kind.\nBe brief.\n");
    assert_eq!(
        env.read("config/teams/payments/memory/20-team.md"),
        "# Payments\n\nCount thrice.\n"
    );
}
