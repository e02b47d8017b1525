//! The command line as people and scripts use it, one file a verb.

mod check;
mod explain;
mod global;
pub(crate) mod help;
mod init;
mod new;
mod pack;
mod render;
mod schema;
mod show;
mod sources;
mod sync;

/// A shell pipeline around the program: `claude-env` stands for it.
fn shell(env: &crate::support::TestEnv, script: &str) -> crate::support::Outcome {
    let mut command = env.command("bash");
    let program = assert_cmd::cargo::cargo_bin("claude-env");
    command.args([
        "-o",
        "pipefail",
        "-c",
        &format!("claude-env() {{ \"$PROGRAM\" \"$@\"; }}; {script}"),
    ]);
    command.env("PROGRAM", program);
    env.outcome(&mut command)
}
