use clap::Args;

use super::FindingsFormat;

/// Validate a config repository
///
/// Checks every layer, every overlay and every workspace of the fleet, and reports all findings with their locations. With
/// --team, --project, --user or --environment, merges only that scope.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env check                      check the config repository in this directory or its parents
  claude-env check --staged             check what is staged for the next commit
  claude-env check --rev origin/main    check a branch without checking it out
  claude-env check --format sarif       for code scanning

Exit codes: 0 no errors; 1 errors, or with --strict warnings; 2 not a config repository; 3 it could not be read")]
pub(crate) struct CheckArgs {
    /// Check the staged content of git's index instead of the working tree
    #[arg(long, conflicts_with = "rev")]
    pub(crate) staged: bool,
    /// Exit with 1 for warnings, too
    #[arg(long)]
    pub(crate) strict: bool,
    /// Output format [default: human; in GitHub Actions: github]
    #[arg(long, value_name = "FORMAT", default_value_if("json", "true", "json"))]
    pub(crate) format: Option<FindingsFormat>,
    /// Short for `--format json`
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
}
