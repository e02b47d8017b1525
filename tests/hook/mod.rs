//! `hook`: what git's hooks run in a workspace.

mod as_written;
mod busy;
mod call;
mod config;
mod fresh;
mod git;
mod held;
mod operations;
mod report;
mod stamp;
mod survey;
mod team;

use crate::support::{Outcome, TestEnv};

/// Runs a hook in `ws` as git does.
fn hook(env: &TestEnv, arguments: &[&str]) -> Outcome {
    let mut command = env.claude_env();
    command.current_dir(env.join("ws")).arg("hook").args(arguments);
    env.outcome(&mut command)
}

/// A workspace that is bound and synced.
fn bound() -> TestEnv {
    let env = TestEnv::new();
    env.config(&[
        ("base/layer.toml", "[environment]\nLEVEL = \"one\"\n"),
        ("base/rules/style.md", "# Style\n"),
    ]);
    env.workspace();
    env.bind(&[]).code(0);
    env.hooks_sync("ws");
    env
}

/// Nothing was said, and git is not made to fail.
#[track_caller]
fn silent(outcome: &Outcome) {
    let Outcome { code, stdout, stderr, .. } = outcome;
    assert_eq!((*code, stdout.as_str(), stderr.as_str()), (Some(0), "", ""));
}
