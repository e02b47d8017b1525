use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::PlainFormat;

/// Manage vendored third-party content
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env pack add superclaude@4.3.0
  claude-env pack add superclaude@4.3.0 --from superclaude-4.3.0-py3-none-any.whl
  claude-env pack list

Exit codes: 0 done; 1 list: a vendored file was modified; 2 bad usage, or a pack with local changes; 3 the operation failed")]
pub(crate) struct PackArgs {
    #[command(subcommand)]
    pub(crate) command: PackCommand,
    /// Output format
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "human",
        default_value_if("json", "true", "json"),
        global = true
    )]
    pub(crate) format: PlainFormat,
    /// Short for `--format json`
    #[arg(long, conflicts_with = "format", global = true)]
    pub(crate) json: bool,
}

/// What to do with packs.
#[derive(Debug, Subcommand)]
pub(crate) enum PackCommand {
    /// Add a pack to packs/, with its version and hashes
    Add {
        /// Name and version, such as superclaude@4.3.0
        #[arg(value_name = "NAME[@VERSION]")]
        pack: String,
        /// Read the pack from a wheel or an unpacked directory, offline
        #[arg(long, value_name = "WHEEL|DIR")]
        from: Option<PathBuf>,
    },
    /// Replace a pack with another version
    Update {
        /// Name, and the version if not the newest
        #[arg(value_name = "NAME[@VERSION]")]
        pack: String,
        /// Read the pack from a wheel or an unpacked directory, offline
        #[arg(long, value_name = "WHEEL|DIR")]
        from: Option<PathBuf>,
        /// Replace the pack even if its files were modified
        #[arg(long)]
        force: bool,
    },
    /// List the packs, and verify their hashes
    List,
}
