use std::path::PathBuf;

use clap::Args;

use super::PlainFormat;

/// Render a scope into a folder, and nothing else
///
/// Uses the layers of the config repository only, so that the same revision and scope give the same bytes on every machine. A
/// folder that was rendered into before is brought up to date; what is there and was not rendered stays.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env render --team payments --project checkout --output out
  claude-env render --rev v2 --output out
  claude-env render --all --output out      every workspace of the fleet, into out/<workspace>")]
pub(crate) struct RenderArgs {
    /// The folder to render into; it is created
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// Render every workspace that the config repository lists, each into a folder of its name
    #[arg(long, conflicts_with_all = ["team", "project", "user"])]
    pub(crate) all: bool,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: PlainFormat,
}
