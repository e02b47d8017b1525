use clap::Args;

use super::PlainFormat;

/// Bring the workspace to the configuration
///
/// Writes what the configuration changed. An entry that was edited in the workspace is reported and left, unless --force is
/// given; what claude-env did not write is never touched. `claude-env rollback` takes a sync back.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env sync
  claude-env sync --dry-run      print the plan only
  claude-env sync --frozen       render the commit that the lock has, as in CI
  claude-env sync --all          every workspace of this machine, one line each
  claude-env sync --watch        keep the workspace at the configuration until interrupted
  claude-env sync --force        put back what was edited by hand; `claude-env rollback` undoes it

Exit codes: 0 done, 1 a conflict was left, or too much would be removed (with --dry-run: there is something
to do), 2 unusable configuration, 3 it could not be done; with --watch: 130 interrupted, 0 ended by another signal")]
pub(crate) struct SyncArgs {
    /// Render exactly the commit that the lock has, whatever `ref` is now
    #[arg(long, conflicts_with = "rev")]
    pub(crate) frozen: bool,
    /// Sync every workspace of this machine: those of the config repository around the folder or named, else all
    #[arg(long, conflicts_with_all = ["frozen", "watch", "diff"])]
    pub(crate) all: bool,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Take the configuration's side for entries that were edited, removed or there before
    #[arg(long, conflicts_with = "watch")]
    pub(crate) force: bool,
    /// Remove also when a file loses every entry of ours, or when more than 5 entries and 30 % go
    #[arg(long)]
    pub(crate) allow_prune: bool,
    /// Sync again whenever a layer, the binding or a rendered file changes, and every so often
    #[arg(long, conflicts_with_all = ["dry_run", "diff"])]
    pub(crate) watch: bool,
    /// With --watch: sync after this many seconds without a change too; only then is something fetched
    #[arg(long, value_name = "SECONDS", default_value = "300", requires = "watch", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) interval: u32,
    /// Show the changes line by line
    #[arg(long)]
    pub(crate) diff: bool,
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: PlainFormat,
}
