use std::path::PathBuf;

use clap::Args;

/// Create a config repository
///
/// Creates a scaffold with all tables as comments and a workflow that checks pull requests, and runs `git init` unless the
/// directory is inside a repository.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  claude-env new acme-config && claude-env -C acme-config check

Exit codes: 0 created; 2 bad usage, or the directory is not empty; 3 it could not be written")]
pub(crate) struct NewArgs {
    /// Directory to create; an existing one must be empty
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Create the full example (four layers, an overlay, agents, hooks) instead of the scaffold
    #[arg(long)]
    pub(crate) example: bool,
}
