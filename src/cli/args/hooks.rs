use clap::{Args, Subcommand};

use super::PlainFormat;

/// Manage git hooks that keep a workspace in sync
///
/// In a workspace, git runs `claude-env hook` after a checkout, a merge and a rebase. In a clone of a config repository, git also
/// runs it before a commit. Existing hooks keep working: they run first, and `uninstall` restores them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env hooks status
  claude-env hooks install
  claude-env hooks uninstall --dry-run

Exit codes: 0 done; 1 status: a hook is missing, or with --dry-run there are changes to make;
2 bad usage, or hooks cannot be installed here; 3 the operation failed")]
pub(crate) struct HooksArgs {
    #[command(subcommand)]
    pub(crate) command: HooksCommand,
    /// Output format
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "human",
        default_value_if("json", "true", "json"),
        global = true
    )]
    pub(crate) format: PlainFormat,
    /// Short for `--format json`
    #[arg(long, conflicts_with = "format", global = true)]
    pub(crate) json: bool,
}

/// What to do with hooks.
#[derive(Debug, Subcommand)]
pub(crate) enum HooksCommand {
    /// Install the hooks
    Install {
        /// Install scripts even if git supports hooks in its configuration, for older versions of git
        #[arg(long)]
        shim: bool,
        /// Print the changes without making them
        #[arg(long)]
        dry_run: bool,
    },
    /// Remove the hooks and restore the previous ones
    Uninstall {
        /// Print the changes without making them
        #[arg(long)]
        dry_run: bool,
    },
    /// Show the state of each hook
    Status,
}
