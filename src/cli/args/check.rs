use clap::Args;

use super::FindingsFormat;

/// Validate a config repository, and show every finding with its place
///
/// Checks every layer, every overlay and every workspace of the fleet. With --team, --project, --user or --environment only
/// that one scope is merged.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env check                      check the config repository around this folder
  claude-env check --staged             check what is about to be committed
  claude-env check --rev origin/main    check a branch without checking it out
  claude-env check --format sarif       for code scanning

Exit codes: 0 nothing found, 1 findings, 2 not a config repository, 3 it could not be read")]
pub(crate) struct CheckArgs {
    /// Check what is staged in git's index instead of the files
    #[arg(long, conflicts_with = "rev")]
    pub(crate) staged: bool,
    /// Exit with 1 for warnings too
    #[arg(long)]
    pub(crate) strict: bool,
    /// How to print [default: human; github in GitHub Actions]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<FindingsFormat>,
}
