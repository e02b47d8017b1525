use std::path::PathBuf;

use clap::Args;

use super::PlainFormat;

/// Render a scope into a directory
///
/// Uses only the layers of the config repository, so that the same revision and scope give the same bytes on every machine.
/// Rendering into the same directory again updates it, and keeps local changes and other content.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env render --team payments --project checkout --output out
  claude-env render --rev v2 --output out
  claude-env render --all --output out      all workspaces of the fleet, to out/<workspace>

Exit codes: 0 the directory matches the configuration; 1 an entry was kept, or with --dry-run there are changes to make;
2 bad usage or unusable configuration; 3 the operation failed")]
pub(crate) struct RenderArgs {
    /// Directory to render into; it is created if it does not exist
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// Render every workspace that the config repository lists, each into a subdirectory with its name
    #[arg(long, conflicts_with_all = ["team", "project", "user"])]
    pub(crate) all: bool,
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
