use clap::Args;

use super::PlainFormat;

/// Show how the workspace stands, entry by entry
///
/// Entries are listed in two columns. The first says what happened in the workspace since the last sync, the second what
/// the next sync would do:
///
///   first    M changed, A added, D deleted by hand
///   second   M change, A add, D delete, = take note, ! leave as it is
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    after_help = "\
Examples:
  claude-env status
  claude-env status --all
  claude-env status --check-drift --quiet || echo somebody changed it

Exit codes: 0 shown, 1 with --check-drift: there is drift, 2 no workspace or unusable configuration,
3 it could not be looked at"
)]
pub(crate) struct StatusArgs {
    /// Exit with 1 if there is drift
    #[arg(long)]
    pub(crate) check_drift: bool,
    /// Look at every workspace of this machine: those of the config repository around the folder or named, else all
    #[arg(long)]
    pub(crate) all: bool,
    /// With --all: compare the content of every file, also where size and time say that nothing has changed
    #[arg(long, requires = "all")]
    pub(crate) by_content: bool,
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: PlainFormat,
}
