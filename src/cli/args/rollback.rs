use clap::Args;

use super::PlainFormat;

/// Restore the workspace to its state before a sync
///
/// Each sync that changes a file saves the previous state as a generation; the last 10 are kept. `rollback` restores the files
/// and lock files of the last generation, or of all generations from the given one on. It needs no network and no config
/// repository. Later local changes are kept and reported. A rollback also saves a generation, so it can be undone. The next
/// sync applies the configuration again.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env rollback              undo the last sync
  claude-env rollback --list       list the generations
  claude-env rollback 7 --dry-run  show what undoing generation 7 and later would change

Exit codes: 0 done; 1 a local change was kept, or with --dry-run there are changes to make; 2 no generation to
restore; 3 the operation failed")]
pub(crate) struct RollbackArgs {
    /// Restore the state before this generation [default: the last one]
    #[arg(value_name = "GENERATION")]
    pub(crate) generation: Option<u64>,
    /// List the generations, oldest first
    #[arg(long, conflicts_with_all = ["generation", "force", "dry_run"])]
    pub(crate) list: bool,
    /// Restore whole files even if they were changed since
    #[arg(long)]
    pub(crate) force: bool,
    /// Print the changes without making them
    #[arg(long)]
    pub(crate) dry_run: bool,
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
