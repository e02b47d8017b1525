use clap::Args;

use super::PlainFormat;

/// Bring the workspace back to what it was before a sync
///
/// Each sync that changes a file keeps what was there as a generation, the last 10 of them. This takes the last one back, or all
/// from the given one on: files and lock. Needs no network and no config repository. What was changed since stays: in such a
/// file the entries go back one by one, or it is left and reported. A rollback keeps a generation too, so it can be
/// taken back. The next sync applies the configuration again.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env rollback              take the last sync back
  claude-env rollback --list       what there is to go back to
  claude-env rollback 7 --dry-run  what going back to before generation 7 would change

Exit codes: 0 done, 1 something was left (with --dry-run: there is something to do), 2 nothing to go back to,
3 it could not be done")]
pub(crate) struct RollbackArgs {
    /// Go back to before this generation [default: the last one]
    #[arg(value_name = "GENERATION")]
    pub(crate) generation: Option<u64>,
    /// List the generations, the last one last
    #[arg(long, conflicts_with_all = ["generation", "force", "dry_run"])]
    pub(crate) list: bool,
    /// Put whole files back, also over what was changed since
    #[arg(long)]
    pub(crate) force: bool,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: PlainFormat,
}
