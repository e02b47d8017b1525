//! The exit codes: a contract with git hooks, CI and scripts.

use std::process::ExitCode;

use claude_env_engine::ops::FailureKind;

/// How a run ended. The numbers are documented in `docs/exit-codes.md` and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// 0: done, and nothing was found.
    Done,
    /// 1: findings, drift, conflicts, or changes pending.
    Found,
    /// 2: bad usage, or a configuration that cannot be used.
    Usage,
    /// 3: could not do it: network, disk, permissions, a missing program.
    Failed,
    /// 70: a bug in claude-env.
    Bug,
    /// 130: interrupted.
    Interrupted,
}

impl ExitStatus {
    /// Returns `Done` or `Found`.
    pub fn done_if(done: bool) -> Self {
        if done { ExitStatus::Done } else { ExitStatus::Found }
    }

    /// The number that the process ends with.
    pub fn number(self) -> u8 {
        match self {
            ExitStatus::Done => 0,
            ExitStatus::Found => 1,
            ExitStatus::Usage => 2,
            ExitStatus::Failed => 3,
            ExitStatus::Bug => 70,
            ExitStatus::Interrupted => 130,
        }
    }
}

impl From<FailureKind> for ExitStatus {
    fn from(kind: FailureKind) -> Self {
        match kind.exit_code() {
            2 => ExitStatus::Usage,
            _ => ExitStatus::Failed,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        ExitCode::from(status.number())
    }
}
