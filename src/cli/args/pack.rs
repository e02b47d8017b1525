use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::PlainFormat;

/// Vendored content: add it, bring it up to date, list it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-env pack add superclaude@4.3.0
  claude-env pack add superclaude@4.3.0 --from superclaude-4.3.0-py3-none-any.whl
  claude-env pack list")]
pub(crate) struct PackArgs {
    #[command(subcommand)]
    pub(crate) command: PackCommand,
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "human", global = true)]
    pub(crate) format: PlainFormat,
}

/// What to do with packs.
#[derive(Debug, Subcommand)]
pub(crate) enum PackCommand {
    /// Vendor a pack into packs/, with its version and hashes
    Add {
        /// Name and version, such as superclaude@4.3.0
        #[arg(value_name = "NAME[@VERSION]")]
        pack: String,
        /// Take it from a wheel or an unpacked folder, offline
        #[arg(long, value_name = "WHEEL|DIR")]
        from: Option<PathBuf>,
    },
    /// Replace a vendored pack by another version of it
    Update {
        /// Name, and version if not the newest
        #[arg(value_name = "NAME[@VERSION]")]
        pack: String,
        /// Take it from a wheel or an unpacked folder, offline
        #[arg(long, value_name = "WHEEL|DIR")]
        from: Option<PathBuf>,
        /// Replace it even if its files were changed by hand
        #[arg(long)]
        force: bool,
    },
    /// List the vendored packs
    List,
}
