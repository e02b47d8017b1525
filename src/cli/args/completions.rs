use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

/// Print shell completions
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  claude-env completions bash > ~/.local/share/bash-completion/completions/claude-env

Exit codes: 0 printed; 2 bad usage")]
pub(crate) struct CompletionsArgs {
    /// Shell to print completions for
    pub(crate) shell: Shell,
}

/// Print or write the manual pages
///
/// Prints the main page. With --output, writes one page per command.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env man | man -l -
  claude-env man --output ~/.local/share/man/man1

Exit codes: 0 printed or written; 2 bad usage; 3 the pages could not be written")]
pub(crate) struct ManArgs {
    /// Write the pages to this directory
    #[arg(long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
}
