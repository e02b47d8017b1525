use clap::{Args, ValueEnum};

use super::PlainFormat;

/// Make the configuration say what was changed in the workspace
///
/// Turns drift into an edit of the layer that the value comes from; comments, order and formatting of the layer stay. Shows the
/// edit first. It is written only if the edited layers are sound and render exactly what the workspace has.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env adopt --dry-run                                    what would be edited
  claude-env adopt .claude/settings.json env/LOG_LEVEL
  claude-env adopt .mcp.json --layer project --yes              a server that somebody added, too
  claude-env adopt '.claude/settings.json permissions/deny'

Without ENTRY, all that drifted is adopted. ENTRY is a file, or an entry in it, as `drift` and `status` print them; by its
name a foreign entry is adopted too.

Exit codes: 0 adopted, or nothing to adopt, 1 something was not adopted, or with --dry-run would be, 2 bad usage or unusable
configuration, 3 it could not be done")]
pub(crate) struct AdoptArgs {
    /// What to adopt: FILE, FILE ENTRY, or a JSON pointer [default: all that drifted]
    #[arg(value_name = "ENTRY")]
    pub(crate) entries: Vec<String>,
    /// The layer to edit [default: the one that says the value; for what none says, that of the project]
    #[arg(long, value_name = "LAYER")]
    pub(crate) layer: Option<LayerArg>,
    /// Show the edit, and write nothing
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
    /// Write without asking
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: PlainFormat,
}

/// A kind of layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LayerArg {
    Base,
    Team,
    Project,
    User,
}
