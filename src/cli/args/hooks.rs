use clap::{Args, Subcommand};

use super::PlainFormat;

/// Git hooks, so that a workspace follows its configuration by itself
///
/// In a workspace git then calls `claude-env hook` after a checkout, a merge and a rebase. In a clone of a config
/// repository it does so before a commit, too. A hook that is there already keeps working: it runs first, and comes back with
/// `uninstall`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env hooks status
  claude-env hooks install
  claude-env hooks uninstall --dry-run

Exit codes: 0 done, 1 status: not all are installed, or --dry-run and there is something to do,
2 bad usage, or hooks cannot be installed here, 3 it could not be done")]
pub(crate) struct HooksArgs {
    #[command(subcommand)]
    pub(crate) command: HooksCommand,
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "human", global = true)]
    pub(crate) format: PlainFormat,
}

/// What to do with hooks.
#[derive(Debug, Subcommand)]
pub(crate) enum HooksCommand {
    /// Have git call claude-env
    Install {
        /// Write files even if this git could be told by its configuration, for an older git that works here too
        #[arg(long)]
        shim: bool,
        /// Show what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Take the hooks away, and bring back what was there before
    Uninstall {
        /// Show what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Show in whose hands each hook is
    Status,
}
