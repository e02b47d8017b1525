use clap::{Args, ValueEnum};

/// Report what in the workspace is not what it should be
///
/// Compares every entry with the configuration, and names each that was changed, removed or put in the way by hand, with
/// its severity and the line of the layer that it comes from. Writes nothing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env drift
  claude-env drift --format json | jq .percentage
  claude-env drift --format sarif > drift.sarif    for code scanning
  claude-env drift --all                           in every workspace of this machine

Exit codes: 0 no drift, 1 drift, 2 no workspace or unusable configuration, 3 it could not be looked at")]
pub(crate) struct DriftArgs {
    /// Look at every workspace of this machine: those of the config repository around the folder or named, else all
    #[arg(long)]
    pub(crate) all: bool,
    /// With --all: compare the content of every file, also where size and time say that nothing has changed
    #[arg(long, requires = "all")]
    pub(crate) by_content: bool,
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: DriftFormat,
}

/// How drift is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DriftFormat {
    /// For people, one line an entry
    Human,
    /// One JSON object
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}
