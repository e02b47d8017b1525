use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::PlainFormat;

/// Bind a workspace to a config repository and sync it
///
/// Writes .claude-env.toml and the rendered files, and installs git hooks that keep the workspace in sync. Existing content of the
/// workspace is not changed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env init --source https://github.com/acme/claude-config --team payments
  claude-env init --source ../acme-config --team payments --project checkout
  claude-env -C ~/src/checkout init --source ~/acme-config --ref v2

Exit codes: 0 bound and synced; 1 an entry was kept, or with --dry-run there are changes to make; 2 bad usage or unusable
configuration; 3 the operation failed")]
pub(crate) struct InitArgs {
    /// Config repository: a URL or a path; a relative path is recorded relative to the workspace
    #[arg(long, value_name = "REPO")]
    pub(crate) source: Option<PathBuf>,
    /// Branch, tag or commit to follow [default: the current branch of a path, the default branch of a URL]
    #[arg(long = "ref", value_name = "REF")]
    pub(crate) reference: Option<String>,
    /// Which rendered files are committed
    #[arg(long, value_name = "MODE", default_value = "committed")]
    pub(crate) mode: ModeArg,
    /// Do not install git hooks; run `claude-env hooks install` to install them later
    #[arg(long)]
    pub(crate) no_hooks: bool,
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

/// Where rendered files live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModeArg {
    /// Shared layers render to files to commit, user layers to files that git ignores
    Committed,
    /// All layers render to one set of files that git ignores
    Local,
}
