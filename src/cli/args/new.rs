use std::path::PathBuf;

use clap::Args;

/// Scaffold a config repository, commented, ready to be checked
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  claude-env new acme-config && claude-env -C acme-config check")]
pub(crate) struct NewArgs {
    /// The folder to create; it may exist if it is empty
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Start from the full example (four layers, an overlay, agents, hooks) instead of the bare scaffold
    #[arg(long)]
    pub(crate) example: bool,
}
