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

    /// Returns the number that the process ends with. Those of failures come from the table of [`FailureKind`].
    pub fn number(self) -> u8 {
        match self {
            ExitStatus::Done => 0,
            ExitStatus::Found => 1,
            ExitStatus::Usage => FailureKind::Usage.exit_code(),
            ExitStatus::Failed => FailureKind::Io.exit_code(),
            ExitStatus::Bug => 70,
            ExitStatus::Interrupted => 130,
        }
    }
}

impl From<FailureKind> for ExitStatus {
    fn from(kind: FailureKind) -> Self {
        if kind.exit_code() == FailureKind::Usage.exit_code() {
            ExitStatus::Usage
        } else {
            ExitStatus::Failed
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        ExitCode::from(status.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_failure_ends_with_the_code_of_its_table() {
        for kind in FailureKind::ALL {
            assert_eq!(ExitStatus::from(kind).number(), kind.exit_code(), "{kind:?}");
        }
    }

    #[test]
    fn every_status_has_a_number_of_its_own() {
        let all = [
            ExitStatus::Done,
            ExitStatus::Found,
            ExitStatus::Usage,
            ExitStatus::Failed,
            ExitStatus::Bug,
            ExitStatus::Interrupted,
        ];
        let numbers = all.map(ExitStatus::number);
        assert_eq!(numbers, [0, 1, 2, 3, 70, 130], "documented in docs/exit-codes.md");
    }
}
