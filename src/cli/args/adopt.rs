use clap::{Args, ValueEnum};

use super::PlainFormat;

/// Copy workspace changes into the configuration
///
/// Edits the layer that sets each changed value, and keeps the comments, order and formatting of the layer. Shows the edit
/// first. Writes it only if the edited layers have no errors and render exactly to the values in the workspace.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env adopt --dry-run                                    show the edit only
  claude-env adopt .claude/settings.json env/LOG_LEVEL
  claude-env adopt .mcp.json --layer project --yes              also servers that claude-env did not write
  claude-env adopt '.claude/settings.json permissions/deny'

Without ENTRY, all drift is adopted. ENTRY is a file or an entry in it, as printed by `drift` and `status`. Entries that
claude-env did not write are adopted only if you name them.

Exit codes: 0 adopted, or nothing to adopt; 1 an entry was not adopted, or with --dry-run there is an edit to make;
2 bad usage or unusable configuration; 3 the operation failed")]
pub(crate) struct AdoptArgs {
    /// What to adopt: FILE, FILE ENTRY, or a JSON pointer [default: all drift]
    #[arg(value_name = "ENTRY")]
    pub(crate) entries: Vec<String>,
    /// Layer to edit [default: the layer that sets the value; for new values, the project layer]
    #[arg(long, value_name = "LAYER")]
    pub(crate) layer: Option<LayerArg>,
    /// Show the edit without writing it
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
    /// Write the edit without asking
    #[arg(short, long)]
    pub(crate) yes: bool,
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

/// A kind of layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LayerArg {
    Base,
    Team,
    Project,
    User,
}
