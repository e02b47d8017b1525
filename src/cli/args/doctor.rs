use clap::Args;

use super::PlainFormat;

/// Diagnose problems and suggest fixes
///
/// Checks the programs, the binding, the config repository, the rendered files, the git hooks, and files that make Claude Code
/// use something other than the configuration. Writes nothing. Uses the network only with --online.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env doctor
  claude-env doctor --online       also contact the server of the config repository
  claude-env doctor --format json | jq '.lines[] | select(.state == \"fail\")'

Exit codes: 0 no problems; 1 problems found; 2 bad usage")]
pub(crate) struct DoctorArgs {
    /// Contact the server of a config repository with a URL
    #[arg(long, conflicts_with = "offline")]
    pub(crate) online: bool,
    /// Output format
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "human",
        default_value_if("json", "true", "json")
    )]
    pub(crate) format: PlainFormat,
    /// Short for `--format json`
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
}
