use clap::Args;

use super::PlainFormat;

/// Bring the workspace to the configuration
///
/// Writes what the configuration changed. An entry that was edited in the workspace is reported and left; what claude-env did
/// not write is never touched.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env sync
  claude-env sync --dry-run      print the plan only
  claude-env sync --frozen       render the commit that the lock has, as in CI

Exit codes: 0 done, 1 a conflict was left (with --dry-run: there is something to do), 2 unusable configuration,
3 it could not be done")]
pub(crate) struct SyncArgs {
    /// Render exactly the commit that the lock has, whatever `ref` is now
    #[arg(long, conflicts_with = "rev")]
    pub(crate) frozen: bool,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Show the changes line by line
    #[arg(long)]
    pub(crate) diff: bool,
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: PlainFormat,
}
