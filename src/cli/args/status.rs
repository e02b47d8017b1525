use clap::Args;

use super::ReportFormat;

/// Show the status of the workspace
///
/// Lists every entry that differs from the configuration, with two columns. The first column shows
/// what changed in the workspace since the last sync, the second what the next sync would do:
///
///   first    A added, M modified, D deleted locally
///   second   A add, M modify, D delete, = update the lock file only, ! do not change
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    after_help = "\
Examples:
  claude-env status
  claude-env status --all
  claude-env status --check-drift --quiet || echo 'local changes'

Exit codes: 0 shown; 1 with --check-drift: there is drift; 2 not a workspace, or unusable configuration;
3 the workspace could not be read"
)]
pub(crate) struct StatusArgs {
    /// Exit with 1 if there is drift
    #[arg(long)]
    pub(crate) check_drift: bool,
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
    pub(crate) format: ReportFormat,
    /// Short for `--format json`
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
}
