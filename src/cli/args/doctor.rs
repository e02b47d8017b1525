use clap::Args;

use super::PlainFormat;

/// Look for what keeps a workspace from working, and say how to mend it
///
/// Looks at the programs, the binding, the config repository, what was rendered, git's hooks, and the files by which Claude Code
/// comes to read something else than what is configured. Writes nothing, and fetches nothing unless told to.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env doctor
  claude-env doctor --online       ask the config repository's server, too
  claude-env doctor --format json | jq '.lines[] | select(.state == \"mend\")'

Exit codes: 0 nothing to mend, 1 something to mend")]
pub(crate) struct DoctorArgs {
    /// Ask the server of a config repository with a URL
    #[arg(long, conflicts_with = "offline")]
    pub(crate) online: bool,
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: PlainFormat,
}
