use clap::{Args, ValueEnum};

/// Report local changes in the workspace
///
/// Compares every entry with the configuration, and reports each entry that was changed, removed or added locally, with its
/// severity and the line of the layer that sets it. Writes nothing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env drift
  claude-env drift --format json | jq .percentage
  claude-env drift --format sarif > drift.sarif    for code scanning
  claude-env drift --all                           all workspaces of this machine

Exit codes: 0 no drift; 1 drift; 2 not a workspace, or unusable configuration; 3 the workspace could not be read")]
pub(crate) struct DriftArgs {
    /// Cover all workspaces of this machine; in a config repository, those that use it
    #[arg(long)]
    pub(crate) all: bool,
    /// With --all: compare file contents even if size and modification time are unchanged
    #[arg(long, requires = "all")]
    pub(crate) by_content: bool,
    /// Output format
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "human",
        default_value_if("json", "true", "json")
    )]
    pub(crate) format: DriftFormat,
    /// Short for `--format json`
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
}

/// How drift is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DriftFormat {
    /// Text, one line per entry
    Human,
    /// One JSON object
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Workflow commands, shown by GitHub as annotations
    Github,
    /// Markdown, for a pull request comment
    Markdown,
}
