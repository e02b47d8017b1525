use clap::Args;

use super::ReportFormat;

/// Sync the workspace with its configuration
///
/// Writes the entries that changed in the configuration. Local changes are kept and reported, unless --force is given. Content
/// that claude-env did not write is not changed. `claude-env rollback` undoes a sync.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env sync
  claude-env sync --dry-run      print the plan only
  claude-env sync --frozen       render the commit in the lock file, as in CI
  claude-env sync --all          all workspaces of this machine, one line each
  claude-env sync --watch        keep the workspace in sync until interrupted
  claude-env sync --force        discard local changes; `claude-env rollback` undoes it

Exit codes: 0 done; 1 a conflict was kept, or too much would be removed, or with --dry-run there are changes to make;
2 unusable configuration; 3 the operation failed; with --watch: 130 interrupted, 0 ended by another signal")]
pub(crate) struct SyncArgs {
    /// Render the commit recorded in the lock file, regardless of `ref`
    #[arg(long, conflicts_with = "rev")]
    pub(crate) frozen: bool,
    /// Sync all workspaces of this machine; in a config repository, those that use it
    #[arg(long, conflicts_with_all = ["frozen", "watch", "diff"])]
    pub(crate) all: bool,
    /// Print the changes without making them
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Discard local changes, and replace values that existed before claude-env
    #[arg(long, conflicts_with = "watch")]
    pub(crate) force: bool,
    /// Allow large removals: all entries in a file, or more than 5 entries and 30 %
    #[arg(long)]
    pub(crate) allow_prune: bool,
    /// Keep running; sync when a layer, the binding or a rendered file changes, and periodically
    #[arg(long, conflicts_with_all = ["dry_run", "diff"])]
    pub(crate) watch: bool,
    /// With --watch: seconds between periodic syncs, which also fetch
    #[arg(long, value_name = "SECONDS", default_value = "300", requires = "watch", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) interval: u32,
    /// Show the changed lines
    #[arg(long)]
    pub(crate) diff: bool,
    /// Output format
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "human",
        default_value_if("json", "true", "json")
    )]
    pub(crate) format: ReportFormat,
    /// Short for `--format json`
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
}
