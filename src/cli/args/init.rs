use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::PlainFormat;

/// Bind a workspace to a config repository, and render it for the first time
///
/// Writes .claude-env.toml and everything that the scope renders to, and installs git's hooks, so that the workspace follows
/// its configuration from then on. What is in the workspace already stays as it is.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env init --source https://github.com/acme/claude-config --team payments
  claude-env init --source ../acme-config --team payments --project checkout
  claude-env -C ~/src/checkout init --source ~/acme-config --ref v2")]
pub(crate) struct InitArgs {
    /// The config repository: a URL, or a path, kept relative to the workspace where you give it so
    #[arg(long, value_name = "REPO")]
    pub(crate) source: Option<PathBuf>,
    /// The branch, tag or commit to follow [default: the current branch of a path, the default branch of a URL]
    #[arg(long = "ref", value_name = "REF")]
    pub(crate) reference: Option<String>,
    /// Where rendered files live
    #[arg(long, value_name = "MODE", default_value = "committed")]
    pub(crate) mode: ModeArg,
    /// Leave git's hooks alone; `claude-env hooks install` installs them later
    #[arg(long)]
    pub(crate) no_hooks: bool,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: PlainFormat,
}

/// Where rendered files live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModeArg {
    /// The workspace commits them; user layers go to files that git ignores
    Committed,
    /// All layers go to one set of files that git ignores
    Local,
}
